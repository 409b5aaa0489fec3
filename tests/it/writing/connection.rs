//! `Connection` that nominates one of our headers, so that the next hop removes
//! it (RFC 9110, section 7.6.1): CVE-2024-45410 in Traefik, CVE-2025-48865 and
//! CVE-2026-62987 in Fabio.

use http::{HeaderMap, Request, Uri, Version};
use tower::ServiceBuilder;
use tower_metadata_headers::{
    Convention, Metadata, MetadataHeadersLayer, Reason, SessionId, conventions,
};

use crate::common::{
    Body, RequestExt, VERSIONS, append,
    client::{client, send},
    get, lines,
    server::Upstream,
    session, zoo,
};

/// Returns a request whose `Connection` nominates the session's header.
fn nominating(uri: &Uri, line: &str) -> Request<Body> {
    get(uri).line("connection", line)
}

/// Hyper's HTTP/2 client removes nominated headers before it sends, as RFC 9110
/// requires. So a header set by hand is lost.
#[tokio::test]
async fn header_that_connection_nominates_is_lost_without_the_layer() {
    let upstream = Upstream::start().await;
    let request =
        nominating(&upstream.uri("/"), "x-zoo-session-id").line("x-zoo-session-id", "ses_1");
    send(&client::<Body>(Version::HTTP_2), request).await;
    assert_eq!(upstream.take_one().headers.get("x-zoo-session-id"), None);
}

#[tokio::test]
async fn written_headers_that_connection_nominates_arrive() {
    for version in VERSIONS {
        for line in [
            "x-zoo-session-id",
            "X-Zoo-Session-ID, x_zoo_task_id",
            "te, x-zoo-anything",
        ] {
            let upstream = Upstream::start().await;
            let service = ServiceBuilder::new()
                .layer(MetadataHeadersLayer::inject(zoo()))
                .service(client::<Body>(version));
            let request = nominating(&upstream.uri("/"), line).metadata(session("ses_1"));
            send(&service, request).await;
            let headers = upstream.take_one().headers;
            assert_eq!(headers["x-zoo-session-id"], "ses_1", "{version:?}, {line}");
            let connection = headers.get("connection").map(|line| line.to_str().unwrap());
            assert!(
                connection.is_none_or(|line| !line.to_ascii_lowercase().contains("zoo")),
                "{version:?}: {connection:?}",
            );
        }
    }
}

/// The names are from the convention, and not from a fixed list, so names that
/// an operator chose are protected too.
#[test]
fn every_name_of_every_convention_is_protected() {
    let own = Convention::vendor("some-operators-own").unwrap();
    for convention in conventions::all().chain([own]) {
        for (name, _) in convention.writes() {
            for keep in [false, true] {
                let mut headers = HeaderMap::new();
                append(&mut headers, "connection", format!("close, {name}"));
                append(&mut headers, "connection", name.to_ascii_uppercase());
                let none = Metadata::new();
                if keep {
                    convention.write_if_not_present(&none, &mut headers);
                } else {
                    convention.write(&none, &mut headers);
                }
                assert_eq!(lines(&headers), ["connection: close"], "{name}");
            }
        }
    }
}

#[test]
fn header_that_connection_nominates_is_reported_and_not_read() {
    let clients = conventions::clients();
    let mut headers = HeaderMap::new();
    append(&mut headers, "x-zoo-session-id", "ses_1");
    append(&mut headers, "x-claude-code-agent-id", "agent_1");
    assert!(clients.read(&headers).faults.is_empty(), "control");

    append(&mut headers, "connection", "keep-alive");
    append(&mut headers, "connection", "X-Zoo-Session-ID");
    let extracted = clients.read(&headers);
    assert!(!extracted.metadata.contains::<SessionId>());
    let faults: Vec<_> = extracted.faults.iter().collect();
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].reason(), Reason::Nominated);
    assert_eq!(faults[0].field().unwrap().name(), "session-id");
    assert_eq!(
        extracted.metadata.len(),
        2,
        "the agent, and the client's name"
    );
}
