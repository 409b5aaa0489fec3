//! Metadata for requests that do not have it.

use axum::{Extension, Router};
use http::{HeaderMap, HeaderValue, Version};
use tower_metadata_headers::{
    Metadata, MetadataHeadersLayer, RequestId, Requirements, SessionId, TaskId, TurnId,
    conventions, metadata_field,
};

use crate::common::{
    Body, RequestExt, VERSIONS,
    client::{client, send, text},
    get,
    server::Server,
};

metadata_field! {
    /// The shard that serves the request.
    struct Shard("shard"): Correlation;
}

/// Returns a fallback with a request's id, a session and a field of our own.
fn generated() -> Metadata {
    Metadata::new()
        .with(RequestId::try_from("made-request").unwrap())
        .with(SessionId::try_from("made-session").unwrap())
        .with(Shard::try_from("made-shard").unwrap())
}

/// Lists the fields, and marks those that were generated.
async fn list(Extension(metadata): Extension<Metadata>) -> String {
    let mut fields = Vec::new();
    let mut add = |name: &str, is_generated: bool| {
        if let Some((_, value)) = metadata.iter().find(|(key, _)| key.name() == name) {
            let mark = if is_generated { "*" } else { "" };
            fields.push(format!("{name}{mark}={value}"));
        }
    };
    add("session-id", metadata.is_generated::<SessionId>());
    add("task-id", metadata.is_generated::<TaskId>());
    add("request-id", metadata.is_generated::<RequestId>());
    add("shard", metadata.is_generated::<Shard>());
    fields.join(" ")
}

async fn ask(server: &Server, version: Version, lines: &[(&str, &str)]) -> (u16, String) {
    let mut request = get(&server.uri("/"));
    for (name, value) in lines {
        request = request.line(name, value);
    }
    let response = send(&client::<Body>(version), request).await;
    (response.status().as_u16(), text(&response).to_owned())
}

#[tokio::test]
async fn fallback_fills_what_the_client_did_not_send() {
    let layer = MetadataHeadersLayer::extract(conventions::clients());
    let plain = Server::start(Router::new().fallback(list).layer(layer.clone())).await;
    let layer = layer.fallback(|_| generated());
    let server = Server::start(Router::new().fallback(list).layer(layer)).await;
    for version in VERSIONS {
        for (lines, sent, filled) in [
            (
                &[][..],
                "",
                "session-id*=made-session request-id*=made-request shard*=made-shard",
            ),
            (
                &[("x-request-id", "r-1")],
                "request-id=r-1",
                "session-id*=made-session request-id=r-1 shard*=made-shard",
            ),
            (
                // A task is the client's session, so none is made.
                &[("x-kilocode-taskid", "t-1")],
                "task-id=t-1",
                "task-id=t-1 request-id*=made-request shard*=made-shard",
            ),
        ] {
            assert_eq!(ask(&server, version, lines).await, (200, filled.to_owned()));
            assert_eq!(ask(&plain, version, lines).await, (200, sent.to_owned()));
        }
    }
}

#[tokio::test]
async fn required_field_that_only_the_fallback_has_is_missing() {
    let layer = MetadataHeadersLayer::extract(conventions::clients())
        .fallback(|_| generated())
        .require_session()
        .reject_with(|rejection| rejection.to_response(axum::body::Body::from(rejection.code())));
    let inner = MetadataHeadersLayer::extract(conventions::clients())
        .require::<RequestId>()
        .reject_with(|rejection| rejection.to_response(axum::body::Body::from("inner")));
    let app = Router::new().fallback(list);
    let server = Server::start(app.clone().layer(layer.clone())).await;
    let stacked = Server::start(app.layer(inner).layer(layer)).await;
    for version in VERSIONS {
        let missing = ask(&server, version, &[]).await;
        assert_eq!(missing, (400, "missing".to_owned()));
        let lines = [("x-zoo-session-id", "s-1")];
        let (status, fields) = ask(&server, version, &lines).await;
        assert_eq!(status, 200);
        assert!(fields.contains("request-id*=made-request"), "{fields}");

        // A field that an outer layer generated is missing for an inner one too.
        assert_eq!(ask(&stacked, version, &lines).await.0, 400);
        let lines = [("x-zoo-session-id", "s-1"), ("x-request-id", "r-1")];
        assert_eq!(ask(&stacked, version, &lines).await.0, 200);
    }
}

#[tokio::test]
async fn header_that_an_inner_layer_reads_replaces_a_generated_field() {
    let outer = MetadataHeadersLayer::extract(conventions::opencode()).fallback(|parts| {
        assert!(parts.extensions.get::<Metadata>().is_some());
        generated()
    });
    let inner = MetadataHeadersLayer::extract(conventions::clients());
    let app = Router::new().fallback(list).layer(inner).layer(outer);
    let server = Server::start(app).await;
    for version in VERSIONS {
        let lines = [("x-kilocode-taskid", "t-1"), ("x-request-id", "r-1")];
        let (_, fields) = ask(&server, version, &lines).await;
        assert_eq!(fields, "task-id=t-1 request-id=r-1 shard*=made-shard");
    }
}

#[test]
fn codec_has_the_same_fallback() {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_static("t-1");
    headers.try_insert("x-kilocode-taskid", value).unwrap();
    let extracted = conventions::clients().read(&headers);
    let requirements = Requirements::new().session();
    let mut metadata = extracted.into_result(&requirements).unwrap();
    metadata.merge(&generated().generated());
    assert_eq!(metadata.session().unwrap().as_str(), "t-1");
    assert!(metadata.is_generated::<RequestId>() && metadata.is_generated::<Shard>());

    let mut extracted = conventions::clients().read(&HeaderMap::new());
    extracted.metadata.merge(&generated().generated());
    let rejection = extracted.into_result(&requirements).unwrap_err();
    assert_eq!(rejection.code(), "missing");
}

#[test]
fn mark_follows_the_field() {
    let made = generated().generated();
    assert_eq!(made, generated(), "the mark is not compared");
    let mut changed = made.clone().with(SessionId::try_from("s-1").unwrap());
    assert!(!changed.is_generated::<SessionId>() && changed.is_generated::<RequestId>());
    changed.remove::<RequestId>();
    assert!(!changed.is_generated::<RequestId>());
    changed.retain(|key| key.name() == "shard");
    assert!(changed.is_generated::<Shard>());
    changed.insert(Shard::try_from("s").unwrap());
    assert!(!changed.is_generated::<Shard>());
    assert!(
        made.is_generated::<SessionId>(),
        "a clone has marks of its own"
    );

    let mut merged = Metadata::new().with(TurnId::try_from("t").unwrap());
    merged.merge(&made);
    assert!(merged.is_generated::<SessionId>() && !merged.is_generated::<TurnId>());
    let mut empty = Metadata::new();
    empty.merge(&made);
    assert!(empty.is_generated::<SessionId>());
    assert!(!Metadata::new().generated().is_generated::<SessionId>());
}
