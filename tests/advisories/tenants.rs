//! State of one tenant's session that another tenant finds.

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

/// A gateway that keeps something for each session. It answers `hit` where it
/// was there, and `miss` where it was not.
fn cache<K>(key: impl Fn(&str, &str) -> K + Clone + Send + Sync + 'static) -> Router
where
    K: Eq + Hash + Send + 'static,
{
    let kept = Arc::new(Mutex::new(HashMap::new()));
    Router::new()
        .fallback(async move |request: Request| {
            // The tenant is the key's, which is checked elsewhere.
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

/// Returns a cache by this crate's keys.
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

/// `GoModel` joined the user's path and the session with a bar, so a user with a
/// bar in his path shared another's key (ENTERPILOT/GoModel#602).
#[tokio::test]
async fn gomodel_pr_602_no_tenant_spells_anothers_key() {
    let joined = cache(|tenant, session| format!("{tenant}|{session}"));
    assert_eq!(asks(&joined, "/a", "b|c").await, "miss");
    assert_eq!(asks(&joined, "/a|b", "c").await, "hit");

    let ours = by_affinity_key();
    assert_eq!(asks(&ours, "/a", "b|c").await, "miss");
    assert_eq!(asks(&ours, "/a|b", "c").await, "miss");
    assert_eq!(asks(&ours, "/a", "b|c").await, "hit", "it does keep");
    // Ids that look like UUIDs are no exception.
    let uuid = "0190b2c4-7f1e-7c3a-9b55-3f1d1f6e2a10";
    assert_eq!(asks(&ours, "/a", uuid).await, "miss");
    assert_eq!(asks(&ours, "/b", uuid).await, "miss");
}

/// In vLLM a request was answered sooner where another tenant's had the same
/// beginning, which told the one of the other's (CVE-2025-46570,
/// GHSA-4qjh-9fv9-r85r).
#[tokio::test]
async fn cve_2025_46570_tenant_finds_nothing_that_another_has_warmed() {
    let shared = cache(|_, session| session.to_owned());
    assert_eq!(asks(&shared, "victim", "ses_1").await, "miss");
    assert_eq!(asks(&shared, "attacker", "ses_1").await, "hit");

    let ours = by_affinity_key();
    assert_eq!(asks(&ours, "victim", "ses_1").await, "miss");
    assert_eq!(asks(&ours, "attacker", "ses_1").await, "miss");
    assert_eq!(asks(&ours, "victim", "ses_1").await, "hit", "it does keep");
}

/// LiteLLM's keys of affinity were the client's text, of any length and whoever
/// sent it, before it scoped and bounded them (BerriAI/litellm#41065).
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
