use clients::{
    BoxError,
    reqwest_tower::{ask, client},
};
use http::{Request, Uri};
use reqwest::{Body, Client};
use tower::ServiceBuilder;
use tower_metadata_headers::MetadataHeadersLayer;

use crate::upstream::{Redirecting, Upstream, conversation, converse};

#[tokio::test]
async fn concurrent_conversations_send_their_own_session() {
    let upstream = Upstream::for_two_at_once().await;
    let client = client(upstream.destinations()).unwrap();
    let uri: Uri = upstream.url("/v1").parse().unwrap();
    converse(3, async |conversation, prompt| {
        ask(&client, &uri, conversation, prompt).await?;
        Ok::<_, BoxError>(())
    })
    .await;
    upstream.assert_own_sessions(3);
}

#[tokio::test]
async fn client_without_the_layer_sends_no_session() {
    let upstream = Upstream::start().await;
    let request = Request::post(upstream.url("/v1")).extension(conversation("ses_a"));
    let request = request.body("").unwrap().try_into().unwrap();
    Client::new().execute(request).await.unwrap();
    assert!(upstream.take_sessions().is_empty());
}

#[tokio::test]
async fn redirect_to_another_host_is_not_followed() {
    let hosts = Redirecting::start().await;
    let uri: Uri = hosts.first.url("/v1").parse().unwrap();
    let metadata = conversation("ses_a");

    let naive = ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(hosts.first.destinations()))
        .filter(|request: Request<Body>| reqwest::Request::try_from(request))
        .service(Client::new());
    ask(&naive, &uri, &metadata, "").await.unwrap();
    hosts.assert_leaked();

    let client = client(hosts.first.destinations()).unwrap();
    let response = ask(&client, &uri, &metadata, "").await.unwrap();
    assert_eq!(response.status(), 307);
    hosts.assert_not_followed();
}

#[tokio::test]
async fn uri_without_a_host_is_an_error() {
    let upstream = Upstream::start().await;
    let client = client(upstream.destinations()).unwrap();
    let uri = Uri::from_static("/v1");
    let answer = ask(&client, &uri, &conversation("ses_a"), "").await;
    assert!(answer.is_err());
}
