//! Metadata of the current task, over TCP.

use axum::{Router, extract::State, response::IntoResponse, routing::get as on_get};
use futures_util::future::join_all;
use http::{Request, StatusCode, Uri, Version};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame};
use tower::ServiceBuilder;
use tower_metadata_headers::{
    Convention, Destinations, Metadata, MetadataHeadersLayer, SessionId, TaskId, conventions,
};

use crate::common::{
    Body, RequestExt, VERSIONS,
    client::{client, send, text},
    get,
    server::{Server, Upstream},
    session,
};

/// Calls the upstream, as a handler does that knows nothing of metadata.
async fn relay(State((upstream, version)): State<(Uri, Version)>) -> String {
    let destinations = Destinations::from(conventions::opencode());
    let client = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(destinations).from_current())
        .service(client::<Body>(version));
    // Lets other requests run in between.
    tokio::task::yield_now().await;
    send(&client, get(&upstream)).await.status().to_string()
}

fn app(upstream: &Upstream, version: Version) -> Router {
    let state = (upstream.uri("/"), version);
    Router::new().route("/", on_get(relay)).with_state(state)
}

#[tokio::test]
async fn upstream_request_of_a_scoped_handler_has_its_own_session() {
    for version in VERSIONS {
        let upstream = Upstream::start().await;
        let layer = MetadataHeadersLayer::extract(conventions::clients());
        let scoped = Server::start(app(&upstream, version).layer(layer.clone().scoped())).await;
        let client = client::<Body>(version);
        // Two conversations at once, 20 requests each.
        let requests = (0..40).map(|at| {
            let session = format!("s-{}", at % 2);
            let request = get(&scoped.uri("/")).line("x-kilo-session", &session);
            send(&client, request)
        });
        join_all(requests).await;
        let mut sessions: Vec<String> = upstream
            .take()
            .iter()
            .map(|parts| {
                parts.headers["x-opencode-session"]
                    .to_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        sessions.sort();
        let expected: Vec<String> = (0..40).map(|at| format!("s-{}", at / 20)).collect();
        assert_eq!(sessions, expected);

        // Control: without the scope, the handler's client has no metadata.
        let unscoped = Server::start(app(&upstream, version).layer(layer)).await;
        send(
            &client,
            get(&unscoped.uri("/")).line("x-kilo-session", "s-1"),
        )
        .await;
        assert!(
            !upstream
                .take_one()
                .headers
                .contains_key("x-opencode-session")
        );
    }
}

#[tokio::test]
async fn rejected_request_does_not_run_the_scoped_handler() {
    let upstream = Upstream::start().await;
    let layer = MetadataHeadersLayer::extract(conventions::clients())
        .require_session()
        .reject_with(axum::response::IntoResponse::into_response)
        .scoped();
    let app = app(&upstream, Version::HTTP_11).layer(layer);
    let server = Server::start(app).await;
    let client = client::<Body>(Version::HTTP_11);
    let rejected = send(&client, get(&server.uri("/"))).await;
    assert_eq!(rejected.status(), StatusCode::BAD_REQUEST);
    assert!(upstream.take().is_empty());

    let served = send(&client, get(&server.uri("/")).line("x-zoo-task-id", "t-1")).await;
    assert_eq!(text(&served), "200 OK");
    assert_eq!(upstream.take_one().headers["x-opencode-session"], "t-1");
}

#[tokio::test]
async fn extension_of_a_request_outranks_the_scope() {
    let upstream = Upstream::start().await;
    let client = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(Convention::vendor("zoo").unwrap()).from_current())
        .service(client::<Body>(Version::HTTP_11));
    let task = Metadata::new().with(TaskId::try_from("t-1").unwrap());
    let own = get(&upstream.uri("/")).metadata(session("own"));
    let send_both = async {
        send(&client, own).await;
        send(&client, get(&upstream.uri("/"))).await;
    };
    task.scope(send_both).await;
    let sent = upstream.take();
    assert_eq!(sent[0].headers["x-zoo-session-id"], "own");
    assert!(!sent[0].headers.contains_key("x-zoo-task-id"));
    assert_eq!(sent[1].headers["x-zoo-task-id"], "t-1");
}

#[tokio::test]
async fn spawned_task_and_response_body_are_outside_of_the_scope() {
    async fn handler(_: Request<axum::body::Body>) -> impl IntoResponse {
        let spawned = tokio::spawn(async { Metadata::current() }).await.unwrap();
        let inside = Metadata::current().and_then(|metadata| metadata.get::<SessionId>());
        let metadata = Metadata::current().unwrap();
        let body = futures_util::stream::once(async move {
            let outside = Metadata::current();
            // The one line that keeps it.
            let kept = metadata.scope(async { Metadata::current() }).await;
            let text = format!("{inside:?} {spawned:?} {outside:?} {kept:?}");
            Ok::<_, std::convert::Infallible>(Frame::data(Bytes::from(text)))
        });
        axum::body::Body::new(StreamBody::new(body).boxed_unsync())
    }
    let layer = MetadataHeadersLayer::extract(conventions::clients()).scoped();
    let server = Server::start(Router::new().fallback(handler).layer(layer)).await;
    let request = get(&server.uri("/")).line("x-opencode-session", "s-1");
    let response = send(&client::<Body>(Version::HTTP_11), request).await;
    let metadata = r#"{"session-id": "s-1"}"#;
    let expected = format!("Some(SessionId(\"s-1\")) None None Some({metadata})");
    assert_eq!(text(&response), expected);
}

#[tokio::test]
async fn scope_within_a_scope_ends_with_its_future() {
    let (outer, inner) = (session("outer"), session("inner"));
    let seen = outer.clone().scope(async {
        let before = Metadata::current();
        let within = inner.clone().scope(async { Metadata::current() }).await;
        let in_closure = inner.clone().sync_scope(Metadata::current);
        [before, within, in_closure, Metadata::current()]
    });
    let expected = [&outer, &inner, &inner, &outer].map(|metadata| Some(metadata.clone()));
    assert_eq!(seen.await, expected);
    assert_eq!(Metadata::current(), None);
}
