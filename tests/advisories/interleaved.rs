//! Concurrent requests through one service.

use std::sync::{Arc, Mutex};

use axum::{Router, extract::Request};
use futures_util::future::join;
use http::{HeaderValue, Version};
use tokio::sync::Barrier;
use tower::{Service, ServiceExt, service_fn};
use tower_metadata_headers::MetadataHeadersLayer;

use crate::{
    common::{
        Body, RequestExt, VERSIONS,
        client::{read, text},
        get,
        server::Server,
        session, zoo,
    },
    support::{Client, bare, first, with},
};

/// Returns a client that stores the session of its latest call in itself.
fn naive(version: Version) -> Client {
    let last = Arc::new(Mutex::new(HeaderValue::from_static("none")));
    let client = bare(version);
    let service = service_fn(move |mut request: http::Request<Body>| {
        let session = request.extensions().get::<HeaderValue>().unwrap().clone();
        *last.lock().unwrap() = session;
        let (last, client) = (Arc::clone(&last), client.clone());
        async move {
            let session = last.lock().unwrap().clone();
            request
                .headers_mut()
                .try_insert("x-zoo-session-id", session)
                .unwrap();
            client.oneshot(request).await
        }
    });
    Client::new(service)
}

/// Returns the responses to two requests. Both are called before either is
/// polled, and both arrive before either is answered.
async fn interleaved(mut client: Client) -> [String; 2] {
    let both = Arc::new(Barrier::new(2));
    let app = Router::new().fallback(async move |request: Request| {
        both.wait().await;
        first(request.headers(), "x-zoo-session-id")
    });
    let server = Server::start(app).await;
    let request = |id: &'static str| {
        let mut request = get(&server.uri("/")).metadata(session(id));
        request
            .extensions_mut()
            .insert(HeaderValue::from_static(id));
        request
    };
    let mut other = client.clone();
    let calls = (client.call(request("one")), other.call(request("other")));
    let (one, other) = join(calls.0, calls.1).await;
    let (one, other) = join(read(one.unwrap()), read(other.unwrap())).await;
    [one, other].map(|answer| text(&answer).to_owned())
}

/// LiteLLM stored one request's span in a cached object that the next request
/// used (BerriAI/litellm#40124).
#[tokio::test]
async fn litellm_issue_40124_concurrent_requests_keep_their_own_ids() {
    for version in VERSIONS {
        assert_eq!(interleaved(naive(version)).await, ["other", "other"]);
        let ours = with(MetadataHeadersLayer::inject(zoo()), version);
        assert_eq!(interleaved(ours).await, ["one", "other"]);
    }
}
