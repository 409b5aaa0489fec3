//! Responses that reflect a client's headers.

use axum::{Router, extract::Request};
use http::Response;
use hyper::body::Bytes;
use tower_http::request_id::PropagateRequestIdLayer;
use tower_metadata_headers::{MetadataHeadersLayer, Rejection, conventions};

use crate::{
    common::{CANARY, client::text, metadata, zoo},
    support::answers,
};

fn reflects(answer: &Response<Bytes>) -> bool {
    let head = format!("{:?}", answer.headers());
    head.contains(CANARY) || text(answer).contains(CANARY)
}

/// Tower-http's layer copies a client's header to the response
/// (`PropagateRequestId`). Our layers copy none, also if they reject the
/// request.
#[tokio::test]
async fn tower_http_propagate_request_id_response_reflects_nothing() {
    let app = || Router::new().fallback(async |_: Request| "served");
    let sent = [
        ("x-request-id", CANARY),
        ("x-zoo-session-id", CANARY),
        ("x-zoo-mode", CANARY),
        ("x_zoo_session_id", CANARY),
        ("x-kilocode-organizationid", CANARY),
        ("x-opencode-request", "canary-5f3a,"),
    ];
    let propagate = app().layer(PropagateRequestIdLayer::x_request_id());
    assert!(answers(propagate, &sent).await.iter().all(reflects));

    let extract = MetadataHeadersLayer::extract(conventions::clients());
    let refuse = |rejection: Rejection| {
        Response::new(axum::body::Body::from(format!("{rejection} {rejection:?}")))
    };
    let served = app()
        .layer(MetadataHeadersLayer::inject(zoo()))
        .layer(extract.clone())
        .layer(axum::Extension(metadata()));
    let refused = app().layer(extract.reject_with(refuse));
    for (ours, says) in [(served, "served"), (refused, "look-alike")] {
        for answer in answers(ours, &sent).await {
            assert!(text(&answer).contains(says), "{}", text(&answer));
            assert!(!reflects(&answer), "{answer:?}");
        }
    }
}
