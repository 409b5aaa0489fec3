//! Request extensions that stay on a request from hop to hop inside one
//! program.

use axum::{Extension, Router, extract::Request};
use tower::util::MapRequestLayer;
use tower_http::request_id::{MakeRequestUuid, RequestId, SetRequestIdLayer};
use tower_metadata_headers::{
    Destinations, Metadata, MetadataHeadersLayer, SessionId, conventions,
};

use crate::{
    common::NONE,
    support::{acme, ask, bare, by_field, by_header, first, forwarded, nothing, user, with},
};

/// If a second reader replaces the value of the first, it replaces the result
/// of authentication. tower-http keeps the first request id (`SetRequestId`).
#[tokio::test]
async fn tower_http_request_id_second_reader_replaces_no_value() {
    let forged_user = [("x-acme-user-id", "victim")];
    let replaces = MapRequestLayer::new(|mut request: Request| {
        let claimed = user(&first(request.headers(), "x-acme-user-id"));
        request.extensions_mut().insert(claimed);
        request
    });
    let authenticated = Extension(user("real"));
    let naive = by_field("user-id")
        .layer(replaces)
        .layer(authenticated.clone());
    assert_eq!(ask(naive, &forged_user).await, "victim");

    // Both readers trust the request.
    let extract = || MetadataHeadersLayer::extract(acme()).trust_identity_when(|_| true);
    let ours = by_field("user-id").layer(extract()).layer(extract());
    assert_eq!(ask(ours.clone(), &forged_user).await, "victim", "control");
    assert_eq!(ask(ours.layer(authenticated), &forged_user).await, "real");
}

/// A server may serve a request a second time with other headers, for example
/// after a rewrite. The value of the first reader is kept, as in tower-http.
#[tokio::test]
async fn tower_http_request_id_a_request_that_is_replayed_has_one_session() {
    let sent = [("x-acme-session-id", "first"), ("x-request-id", "first")];
    let rewrite = || {
        MapRequestLayer::new(|mut request: Request| {
            for name in ["x-acme-session-id", "x-request-id"] {
                let headers = request.headers_mut();
                headers
                    .try_insert(name, "rewritten".parse().unwrap())
                    .unwrap();
            }
            request
        })
    };
    let naive = by_header("x-acme-session-id");
    assert_eq!(ask(naive.layer(rewrite()), &sent).await, "rewritten");

    let set = || SetRequestIdLayer::x_request_id(MakeRequestUuid);
    let read = async |request: Request| {
        let id = request.extensions().get::<RequestId>().unwrap();
        let metadata = request.extensions().get::<Metadata>().unwrap();
        let session = metadata.get::<SessionId>().unwrap();
        format!("{} {session}", id.header_value().to_str().unwrap())
    };
    let extract = || MetadataHeadersLayer::extract(acme());
    let ours = Router::new()
        .fallback(read)
        .layer((extract(), set()))
        .layer(rewrite())
        .layer((extract(), set()));
    assert_eq!(ask(ours, &sent).await, "first first");
}

/// A relay that sends the incoming request object also sends everything that is
/// still on it. Since 0.7, tower-http keeps extensions on such a request
/// (tower-rs/tower-http#706).
#[tokio::test]
async fn tower_http_pr_706_request_forwarded_unchanged_has_no_metadata_headers() {
    let sent = [
        ("x-acme-session-id", "ses_1"),
        ("x_acme_user_id", "forged"),
        ("x-zoo-task-id", "task_1"),
    ];
    assert_eq!(forwarded(nothing, bare, &sent).await.len(), 3, "control");

    let clients = conventions::clients().prefer(acme());
    let strip = MetadataHeadersLayer::extract(clients).strip();
    let strip = |routes: Router| routes.layer(strip.clone());
    assert_eq!(forwarded(strip, bare, &sent).await, NONE);
    // The metadata is in the extensions, and is written only to its
    // destination.
    let elsewhere = Destinations::new().host("acme.example", acme()).unwrap();
    let elsewhere = |version| with(MetadataHeadersLayer::inject(elsewhere.clone()), version);
    assert_eq!(forwarded(strip, elsewhere, &sent).await, NONE);
    let here = |version| {
        with(
            MetadataHeadersLayer::inject(conventions::opencode()),
            version,
        )
    };
    let arrived = forwarded(strip, here, &sent).await;
    assert!(
        arrived.contains(&"x-opencode-session: ses_1".to_owned()),
        "{arrived:?}"
    );
    assert!(!arrived.concat().contains("forged"));
}
