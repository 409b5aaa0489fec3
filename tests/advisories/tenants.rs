//! State of one tenant's session that another tenant can find.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex},
};

use axum::{Router, extract::Request};
use http::header::AUTHORIZATION;
use tower_metadata_headers::{
    AffinityKeys, Id, Metadata, MetadataHeadersLayer, SessionId, conventions,
};

use crate::{
    common::client::text,
    support::{answers, ask, first},
};

/// Returns a gateway that stores an entry for each session. It responds with
/// `hit` if there is an entry, and else with `miss`.
fn cache<K>(key: impl Fn(&str, &str) -> K + Clone + Send + Sync + 'static) -> Router
where
    K: Eq + Hash + Send + 'static,
{
    let kept = Arc::new(Mutex::new(HashMap::new()));
    Router::new()
        .fallback(async move |request: Request| {
            // The tenant belongs to the API key, which is checked elsewhere.
            let tenant = first(request.headers(), AUTHORIZATION.as_str());
            let metadata = request.extensions().get::<Metadata>().unwrap();
            let session = metadata.session().unwrap();
            let key = key(&tenant, session.as_str());
            match kept.lock().unwrap().insert(key, ()) {
                Some(()) => "hit",
                None => "miss",
            }
        })
        .layer(MetadataHeadersLayer::extract(conventions::clients()))
}

/// Returns a cache with this crate's keys.
fn by_affinity_key() -> Router {
    let keys = AffinityKeys::new(&[7; 32]).unwrap();
    cache(move |tenant, session| keys.key(tenant, &SessionId::try_from(session).unwrap()))
}

/// Returns a tenant's first response. The second is always a hit.
async fn asks(cache: &Router, tenant: &str, session: &str) -> String {
    let sent = [
        (AUTHORIZATION.as_str(), tenant),
        ("x-zoo-session-id", session),
    ];
    let [first, second] = answers(cache.clone(), &sent).await;
    assert_eq!(text(&second), "hit");
    text(&first).to_owned()
}

/// `GoModel` joined the user's path and the session with a bar. A user with a
/// bar in the path had the same key as another user (ENTERPILOT/GoModel#602).
#[tokio::test]
async fn gomodel_pr_602_tenant_with_a_separator_has_its_own_key() {
    let joined = cache(|tenant, session| format!("{tenant}|{session}"));
    assert_eq!(asks(&joined, "/a", "b|c").await, "miss");
    assert_eq!(asks(&joined, "/a|b", "c").await, "hit");

    let ours = by_affinity_key();
    assert_eq!(asks(&ours, "/a", "b|c").await, "miss");
    assert_eq!(asks(&ours, "/a|b", "c").await, "miss");
    assert_eq!(asks(&ours, "/a", "b|c").await, "hit", "it does keep");
    // Ids in the form of a UUID are kept apart too.
    let uuid = "0190b2c4-7f1e-7c3a-9b55-3f1d1f6e2a10";
    assert_eq!(asks(&ours, "/a", uuid).await, "miss");
    assert_eq!(asks(&ours, "/b", uuid).await, "miss");
}

/// In vLLM, a response was faster if another tenant's request had the same
/// prefix, which revealed the other tenant's request (CVE-2025-46570,
/// GHSA-4qjh-9fv9-r85r).
#[tokio::test]
async fn cve_2025_46570_session_of_another_tenant_is_a_cache_miss() {
    let shared = cache(|_, session| session.to_owned());
    assert_eq!(asks(&shared, "victim", "ses_1").await, "miss");
    assert_eq!(asks(&shared, "attacker", "ses_1").await, "hit");

    let ours = by_affinity_key();
    assert_eq!(asks(&ours, "victim", "ses_1").await, "miss");
    assert_eq!(asks(&ours, "attacker", "ses_1").await, "miss");
    assert_eq!(asks(&ours, "victim", "ses_1").await, "hit", "it does keep");
}

/// LiteLLM's affinity keys were the client's text, of any length and from any
/// sender, until they were scoped and bounded (BerriAI/litellm#41065).
#[tokio::test]
async fn litellm_pr_41065_key_has_a_fixed_length_and_belongs_to_one_tenant() {
    let answers_key = |key: fn(&AffinityKeys, &str) -> String| {
        let keys = AffinityKeys::new(&[7; 32]).unwrap();
        Router::new().fallback(async move |request: Request| {
            key(&keys, &first(request.headers(), "x-zoo-session-id"))
        })
    };
    let naive = answers_key(|_, session| session.to_owned());
    let ours = answers_key(|keys, session| match Id::try_from(session) {
        Ok(id) => keys.key("acme", &id.into()).to_string(),
        Err(_) => "none".to_owned(),
    });
    for (len, key) in [(1, 64), (256, 64), (257, 4), (9_000, 4)] {
        let session = "s".repeat(len);
        let sent = [("x-zoo-session-id", &*session)];
        assert_eq!(ask(naive.clone(), &sent).await.len(), len);
        assert_eq!(ask(ours.clone(), &sent).await.len(), key);
    }
}
