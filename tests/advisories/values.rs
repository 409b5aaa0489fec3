//! Values with hidden escapes, empty values, and values that their reader would
//! drop.

use std::net::SocketAddr;

use axum::{Router, extract::Request};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tower_metadata_headers::{Metadata, MetadataHeadersLayer, Mode, conventions};

use crate::{
    common::server::Upstream,
    support::{acme, ask, by_field, first, unescaped},
};

/// Sends a request with this mode, formatted as text without checks.
async fn write_by_hand(to: SocketAddr, mode: &str) {
    let mut stream = TcpStream::connect(to).await.unwrap();
    let request =
        format!("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-mode: {mode}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.read_to_end(&mut Vec::new()).await.unwrap();
}

/// Envoy copied decoded text into a header, with line breaks
/// (GHSA-w5w5-487h-qv8q).
#[tokio::test]
async fn ghsa_w5w5_487h_qv8q_decoded_text_begins_no_new_line() {
    let smuggled = [("x-zoo-mode", "code%0d%0ax-admin: 1")];
    let upstream = Upstream::start().await;
    let to = upstream.addr();
    let naive = Router::new().fallback(async move |request: Request| {
        let mode = unescaped(&first(request.headers(), "x-zoo-mode"));
        write_by_hand(to, &mode).await;
    });
    let ours = Router::new()
        .fallback(async move |request: Request| {
            let metadata = request.extensions().get::<Metadata>().unwrap();
            let mode = metadata.get::<Mode>();
            write_by_hand(to, mode.as_ref().map_or("none", Mode::as_str)).await;
        })
        .layer(MetadataHeadersLayer::extract(conventions::clients()));
    let admins = |upstream: &Upstream| {
        let requests = upstream.take();
        requests
            .iter()
            .map(|parts| parts.headers.contains_key("x-admin"))
            .collect::<Vec<_>>()
    };
    ask(naive, &smuggled).await;
    assert_eq!(admins(&upstream), [true, true]);
    ask(ours.clone(), &smuggled).await;
    assert_eq!(admins(&upstream), [false, false]);

    // A value that is escaped twice is decoded once.
    ask(ours, &[("x-zoo-mode", "code%250d%250ax-admin: 1")]).await;
    assert_eq!(admins(&upstream), [false, false]);
}

/// An empty header selected the tenant with the empty name (api7/aisix#835).
#[tokio::test]
async fn aisix_pr_835_blank_tenant_is_ignored() {
    let naive = || {
        Router::new().fallback(async |request: Request| {
            let tenant = request.headers().get("x-acme-organization-id");
            tenant.map_or("none".to_owned(), |tenant| {
                format!("the quota of `{}`", tenant.to_str().unwrap().trim())
            })
        })
    };
    let extract = MetadataHeadersLayer::extract(acme()).trust_identity_when(|_| true);
    let ours = by_field("organization-id").layer(extract);
    for blank in ["", " ", "\t "] {
        let sent = [("x-acme-organization-id", blank)];
        assert_eq!(ask(naive(), &sent).await, "the quota of ``");
        assert_eq!(ask(ours.clone(), &sent).await, "none", "{blank:?}");
    }
}

/// Cloudflare's AI Gateway keeps five entries of the metadata, and drops the
/// others silently (developers.cloudflare.com/ai-gateway, "Custom metadata").
#[cfg(feature = "json")]
#[tokio::test]
async fn cloudflare_aig_metadata_member_that_would_be_dropped_is_reported() {
    use std::collections::BTreeMap;

    use tower_metadata_headers::{
        AgentId, ClientName, ProjectId, Reason, SessionId, TaskId, TurnId, UserId,
    };

    use crate::{
        common::{
            RequestExt, VERSIONS,
            client::{send, text},
            get,
            server::Server,
        },
        support::with,
    };

    let metadata = Metadata::new()
        .with(SessionId::try_from("ses_1").unwrap())
        .with(TurnId::try_from("turn_1").unwrap())
        .with(TaskId::try_from("task_1").unwrap())
        .with(UserId::try_from("ada").unwrap())
        .with(ProjectId::try_from("acme/web").unwrap())
        .with(AgentId::try_from("agent_1").unwrap())
        .with(ClientName::try_from("zoo-code").unwrap());
    // A `BTreeMap`, because the order of `serde_json::Map` depends on its features.
    let all: BTreeMap<String, &str> = metadata
        .iter()
        .map(|(key, value)| (key.name().replace('-', "_"), value.expose()))
        .collect();
    let naive = serde_json::to_string(&all).unwrap();

    // Responds with the entries that Cloudflare keeps.
    let cloudflare = Router::new().fallback(async |request: Request| {
        let metadata = first(request.headers(), "cf-aig-metadata");
        let metadata: BTreeMap<String, String> = serde_json::from_str(&metadata).unwrap();
        let kept: Vec<String> = metadata.keys().take(5).cloned().collect();
        kept.join(",")
    });
    let kept = ask(cloudflare.clone(), &[("cf-aig-metadata", &naive)]).await;
    assert_eq!(kept, "agent_id,client_name,project_id,session_id,task_id");

    let convention = conventions::cloudflare_ai_gateway();
    let server = Server::start(cloudflare).await;
    for version in VERSIONS {
        let inject = with(MetadataHeadersLayer::inject(convention.clone()), version);
        let request = get(&server.uri("/")).metadata(metadata.clone());
        let answer = send(&inject, request).await;
        assert_eq!(
            text(&answer),
            "agent_id,client_name,project_id,session_id,user_id"
        );
    }
    let mut headers = http::HeaderMap::new();
    let faults = convention.write(&metadata, &mut headers).faults();
    let reported: Vec<_> = faults
        .iter()
        .map(|fault| (fault.field().unwrap().name(), fault.reason()))
        .collect();
    let too_many = Reason::TooMany { limit: 5 };
    assert_eq!(reported, [("task-id", too_many), ("turn-id", too_many)]);
}
