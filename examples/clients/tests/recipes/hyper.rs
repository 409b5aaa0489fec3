use clients::{
    BoxError,
    hyper::{ask, client},
};
use http::{Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};

use crate::upstream::{Upstream, conversation, converse};

#[tokio::test]
async fn hundreds_of_calls_of_one_client_send_their_own_session() {
    let upstream = Upstream::for_two_at_once().await;
    let client = client(upstream.destinations());
    let uri: Uri = upstream.url("/v1").parse().unwrap();
    converse(200, async |conversation, prompt| {
        let response = ask(&client, &uri, conversation, prompt).await?;
        response.into_body().collect().await?;
        Ok::<_, BoxError>(())
    })
    .await;
    upstream.assert_own_sessions(200);
}

#[tokio::test]
async fn client_without_the_layer_sends_no_session() {
    let upstream = Upstream::start().await;
    let request = Request::post(upstream.url("/v1"))
        .extension(conversation("ses_a"))
        .body(Full::<Bytes>::default());
    let client = Client::builder(TokioExecutor::new()).build_http();
    client.request(request.unwrap()).await.unwrap();
    assert!(upstream.take_sessions().is_empty());
}

#[tokio::test]
async fn another_host_gets_no_session() {
    let (upstream, other) = (Upstream::start().await, Upstream::start().await);
    let client = client(upstream.destinations());
    let uri: Uri = other.url("/v1").parse().unwrap();
    let response = ask(&client, &uri, &conversation("ses_a"), "").await;
    assert_eq!(response.unwrap().status(), 200);
    assert!(other.take_sessions().is_empty());
}
