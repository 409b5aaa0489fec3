//! Headers on two lines. A reader of the first line and a reader of the last
//! line get different values.

use axum::{Extension, Router, extract::Request};
use http::HeaderMap;
use tower_http::request_id::{MakeRequestUuid, RequestId, SetRequestIdLayer};
use tower_metadata_headers::{Convention, Faults, MetadataHeadersLayer, conventions};

use crate::{
    common::session,
    support::{ask, bare, by_header, field, forwarded, nothing, with},
};

/// Returns an app that responds with a field, or with the reason of its fault.
fn read(name: &'static str) -> Router {
    Router::new().fallback(async move |request: Request| {
        let faults = request.extensions().get::<Faults>().cloned();
        let faults = faults.unwrap_or_default();
        let codes = faults.iter().map(|fault| fault.reason().code());
        let codes: Vec<_> = codes.collect();
        format!("{} {}", field(&request, name), codes.join(","))
    })
}

/// Gunicorn joins the lines to an id that no client sent
/// (benoitc/gunicorn#2799).
#[tokio::test]
async fn gunicorn_issue_2799_two_lines_are_not_joined_to_an_id() {
    let joins = Router::new().fallback(async |request: Request| {
        let lines = request.headers().get_all("x-zoo-session-id").iter();
        let lines: Vec<_> = lines.map(|line| line.to_str().unwrap()).collect();
        lines.join(",")
    });
    let twice = [("x-zoo-session-id", "a"), ("x-zoo-session-id", "b")];
    assert_eq!(ask(joins, &twice).await, "a,b");

    let extract = MetadataHeadersLayer::extract(conventions::clients());
    let ours = read("session-id").layer(extract);
    assert_eq!(ask(ours.clone(), &twice).await, "none repeated");
    // A value that an earlier hop joined is not read either.
    let joined = [("x-zoo-session-id", "a,b")];
    assert_eq!(ask(ours, &joined).await, "none invalid_character");
}

/// Tower-http reads the first of two request ids, and forwards both lines
/// (`SetRequestId` in tower-http 0.7).
#[tokio::test]
async fn tower_http_request_id_on_two_lines_is_ignored() {
    let twice = [("x-request-id", "first"), ("x-request-id", "last")];
    let set = SetRequestIdLayer::x_request_id(MakeRequestUuid);
    let first = Router::new()
        .fallback(async |request: Request| {
            let id = request.extensions().get::<RequestId>().unwrap();
            let last = request.headers().get_all("x-request-id").iter().next_back();
            let [id, last] = [id.header_value(), last.unwrap()];
            format!("{} {}", id.to_str().unwrap(), last.to_str().unwrap())
        })
        .layer(set);
    assert_eq!(ask(first, &twice).await, "first last");

    let extract = MetadataHeadersLayer::extract(conventions::clients());
    let ours = read("request-id").layer(extract);
    assert_eq!(ask(ours, &twice).await, "none repeated");
}

/// Archestra read the first of several user ids (archestra-ai/archestra#1641).
#[tokio::test]
async fn archestra_pr_1641_two_user_ids_are_ignored() {
    let twice = [("x-archestra-user-id", "a"), ("x-archestra-user-id", "b")];
    assert_eq!(ask(by_header("x-archestra-user-id"), &twice).await, "a");

    let convention = Convention::vendor("archestra").unwrap();
    let extract = MetadataHeadersLayer::extract(convention).trust_identity_when(|_| true);
    let ours = read("user-id").layer(extract);
    assert_eq!(ask(ours.clone(), &twice).await, "none repeated");
    // Equal values are not read either, because another hop may join them.
    let agree = [("x-archestra-user-id", "a"), ("x-archestra-user-id", "a")];
    assert_eq!(ask(ours, &agree).await, "none repeated");
}

/// LiteLLM reads the first header on the wire that has the form of a session
/// header, so a client's own header outranks the header that a gateway adds
/// (litellm 1.109.1, `litellm_pre_call_utils.py`).
#[tokio::test]
async fn litellm_sessions_of_two_vendors_are_a_conflict() {
    let two = [
        ("x-a-session-id", "session-a"),
        ("x-b-session-id", "session-b"),
    ];
    let first = |headers: &HeaderMap| {
        let mut sessions = headers.iter().filter(|(name, _)| {
            name.as_str().starts_with("x-") && name.as_str().ends_with("-session-id")
        });
        let (_, value) = sessions.next().unwrap();
        value.to_str().unwrap().to_owned()
    };
    let naive = Router::new().fallback(async move |request: Request| first(request.headers()));
    let [one, other] = two;
    assert_eq!(ask(naive.clone(), &[one, other]).await, "session-a");
    assert_eq!(ask(naive, &[other, one]).await, "session-b");

    let extract = MetadataHeadersLayer::extract(conventions::clients());
    let ours = read("session-id").layer(extract);
    assert_eq!(ask(ours.clone(), &[one, other]).await, "none conflict");
    assert_eq!(ask(ours, &[other, one]).await, "none conflict");

    // Only one session header is written for LiteLLM.
    assert_eq!(forwarded(nothing, bare, &two).await.len(), 2, "control");
    let known = |routes: Router| routes.layer(Extension(session("session-c")));
    let inject = |version| {
        with(
            MetadataHeadersLayer::inject(conventions::litellm()),
            version,
        )
    };
    assert_eq!(
        forwarded(known, inject, &two).await,
        ["x-litellm-session-id: session-c"],
    );
}
