use clients::{
    BoxError,
    reqwest_codec::{client, send},
};
use reqwest::{Client, Request};

use crate::upstream::{Redirecting, Upstream, conversation, converse};

fn post(upstream: &Upstream, prompt: &str) -> Request {
    let request = Client::new().post(upstream.url("/v1"));
    request.body(prompt.to_owned()).build().unwrap()
}

#[tokio::test]
async fn concurrent_conversations_send_their_own_session() {
    let upstream = Upstream::for_two_at_once().await;
    let (client, destinations) = (client().unwrap(), upstream.destinations());
    converse(3, async |conversation, prompt| {
        let request = post(&upstream, prompt);
        send(&client, &destinations, conversation, request).await?;
        Ok::<_, BoxError>(())
    })
    .await;
    upstream.assert_own_sessions(3);
}

#[tokio::test]
async fn request_without_the_write_has_no_session() {
    let upstream = Upstream::start().await;
    let request = post(&upstream, "");
    client().unwrap().execute(request).await.unwrap();
    assert!(upstream.take_sessions().is_empty());
}

#[tokio::test]
async fn redirect_to_another_host_is_not_followed() {
    let hosts = Redirecting::start().await;
    let destinations = hosts.first.destinations();
    let metadata = conversation("ses_a");
    let request = || post(&hosts.first, "");

    let naive = Client::new();
    let response = send(&naive, &destinations, &metadata, request()).await;
    assert_eq!(response.unwrap().status(), 200);
    hosts.assert_leaked();

    let client = client().unwrap();
    let response = send(&client, &destinations, &metadata, request()).await;
    assert_eq!(response.unwrap().status(), 307);
    hosts.assert_not_followed();
}
