//! Header names that an operator must not configure.

use axum::{Router, extract::Request};
use http::Version;
use tower_metadata_headers::{Convention, Rule, SessionId, UserId};

use crate::{
    common::{
        client::{send, text},
        get,
        server::Server,
    },
    support::{bare, first, set},
};

/// LiteLLM chose the route by one header, and dispatched by another
/// (CVE-2026-49468, GHSA-4xpc-pv4p-pm3w). If a field is written to `host`, any
/// sender of a session can choose the host.
#[tokio::test]
async fn cve_2026_49468_no_field_is_written_to_a_header_that_steers_http() {
    let server = Router::new().fallback(async |request: Request| first(request.headers(), "host"));
    let server = Server::start(server).await;
    let mut request = get(&server.uri("/"));
    set(request.headers_mut(), "host", "admin.internal");
    let answer = send(&bare(Version::HTTP_11), request).await;
    assert_eq!(text(&answer), "admin.internal");

    for name in [
        "host",
        "Connection",
        "content-length",
        "transfer-encoding",
        "authorization",
        "x-forwarded-host",
        "forwarded",
        "x-original-url",
        "te",
    ] {
        for rule in [
            Rule::header::<SessionId>(name),
            Rule::write_only::<UserId>(name),
            Rule::header::<SessionId>("x-acme-session").alias(name),
        ] {
            let built = Convention::builder("acme").rule(rule).build();
            assert!(built.is_err(), "{name}");
        }
    }
}
