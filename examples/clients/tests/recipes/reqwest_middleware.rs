use clients::reqwest_middleware::{WriteMetadata, ask, client};
use reqwest::Client;
use reqwest_middleware::{ClientBuilder, Error};

use crate::upstream::{HEADER, Redirecting, Upstream, conversation, converse};

#[tokio::test]
async fn concurrent_conversations_send_their_own_session() {
    let upstream = Upstream::for_two_at_once().await;
    let client = client(upstream.destinations()).unwrap();
    let url = upstream.url("/v1");
    converse(3, async |conversation, prompt| {
        ask(&client, &url, conversation, prompt).await?;
        Ok::<_, Error>(())
    })
    .await;
    upstream.assert_own_sessions(3);
}

#[tokio::test]
async fn request_without_metadata_has_no_session() {
    let upstream = Upstream::start().await;
    let url = upstream.url("/v1");
    let bare = ClientBuilder::new(Client::new()).build();
    let with_middleware = client(upstream.destinations()).unwrap();

    let metadata = conversation("ses_a");
    ask(&bare, &url, &metadata, "").await.unwrap();
    assert!(upstream.take_sessions().is_empty());

    // The middleware removes a header that was set by hand.
    for (client, sent) in [(bare, vec!["by-hand"]), (with_middleware, vec![])] {
        let request = client.post(&url).header(HEADER, "by-hand");
        request.send().await.unwrap();
        assert_eq!(upstream.take_sessions(), sent);
    }
}

#[tokio::test]
async fn redirect_to_another_host_is_not_followed() {
    let hosts = Redirecting::start().await;
    let url = hosts.first.url("/v1");
    let metadata = conversation("ses_a");

    let middleware = WriteMetadata(hosts.first.destinations());
    let naive = ClientBuilder::new(Client::new()).with(middleware).build();
    let response = ask(&naive, &url, &metadata, "").await.unwrap();
    assert_eq!(response.status(), 200);
    hosts.assert_leaked();

    let client = client(hosts.first.destinations()).unwrap();
    let response = ask(&client, &url, &metadata, "").await.unwrap();
    assert_eq!(response.status(), 307);
    hosts.assert_not_followed();
}
