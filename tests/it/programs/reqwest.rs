//! The client reqwest behind the layer.

use axum::{Router, response::Redirect, routing::any};
use futures_util::future::join_all;
use http::Request;
use reqwest::{Body, Client, redirect::Policy};
use tower::{BoxError, Service, ServiceBuilder, ServiceExt};
use tower_metadata_headers::{Convention, Destinations, MetadataHeadersLayer};

use crate::common::{
    NONE, RequestExt, ZOO_LINES, lines, metadata,
    server::{Server, Upstream},
    session, zoo,
};

/// Returns a client that writes to these destinations, as in the README.
fn client(
    destinations: impl Into<Destinations>,
    redirects: Policy,
) -> impl Service<Request<Body>, Response = reqwest::Response, Error = BoxError> + Clone {
    let client = Client::builder().redirect(redirects).build().unwrap();
    ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(destinations))
        .filter(|request: Request<Body>| reqwest::Request::try_from(request))
        .service(client)
}

fn post(uri: &http::Uri) -> Request<Body> {
    Request::post(uri).body(Body::from("{}")).unwrap()
}

/// Returns the headers that reqwest does not add itself.
fn arrived(upstream: &Upstream) -> Vec<String> {
    let mut lines = lines(&upstream.take_one().headers);
    lines.retain(|line| !line.starts_with("accept:"));
    lines
}

#[tokio::test]
async fn reqwest_client_behind_the_layer_sends_each_conversation_its_own_headers() {
    let upstream = Upstream::start().await;
    let bare = Client::new().execute(post(&upstream.uri("/")).try_into().unwrap());
    assert_eq!(bare.await.unwrap().status(), 200);
    assert_eq!(arrived(&upstream), NONE, "control");

    let destinations = Destinations::new().host(&upstream.authority(), zoo());
    let client = client(destinations.unwrap(), Policy::none());
    let request = post(&upstream.uri("/")).metadata(metadata());
    assert_eq!(client.clone().oneshot(request).await.unwrap().status(), 200);
    assert_eq!(arrived(&upstream), ZOO_LINES);

    let ids = ["ses_a", "ses_b"];
    let calls = ids.map(|id| {
        let request = post(&upstream.uri("/")).metadata(session(id));
        client.clone().oneshot(request)
    });
    for answer in join_all(calls).await {
        assert_eq!(answer.unwrap().status(), 200);
    }
    let mut sessions: Vec<String> = upstream
        .take()
        .iter()
        .map(|request| lines(&request.headers).join(","))
        .collect();
    sessions.sort();
    for (id, session) in ids.into_iter().zip(sessions) {
        assert!(
            session.ends_with(&format!("x-zoo-session-id: {id}")),
            "{session}"
        );
    }
}

/// reqwest follows redirects inside, where no layer knows the next host.
#[tokio::test]
async fn reqwest_client_leaks_headers_on_redirect_unless_redirects_are_off() {
    let evil = Upstream::start().await;
    let to = evil.uri("/").to_string();
    let redirects = any(async move || Redirect::temporary(&to));
    let first = Server::start(Router::new().fallback_service(redirects)).await;
    let acme = Convention::vendor("acme").unwrap();
    let destinations = Destinations::new().host(&first.authority(), acme).unwrap();
    let send = async |policy| {
        let request = post(&first.uri("/")).metadata(metadata());
        let client = client(destinations.clone(), policy);
        client.oneshot(request).await.unwrap().status()
    };
    assert_eq!(send(Policy::default()).await, 200);
    let leaked = arrived(&evil);
    let leaked = leaked.iter().filter(|line| line.starts_with("x-acme-"));
    assert_eq!(leaked.count(), 3, "control");
    assert_eq!(send(Policy::none()).await, 307);
    assert!(evil.take().is_empty());
}
