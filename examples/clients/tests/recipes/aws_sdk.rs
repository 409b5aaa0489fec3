use aws_sdk_bedrockruntime::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region},
    primitives::Blob,
};
use clients::{
    BoxError,
    aws_sdk::{WriteMetadata, invoke},
};
use tower_metadata_headers::conventions;

use crate::upstream::{SESSIONS, Upstream, conversation, converse};

/// Header of [`conventions::bedrock`].
const REQUEST_METADATA: &str = "x-amzn-bedrock-request-metadata";

fn client(upstream: &Upstream) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
        .endpoint_url(upstream.url(""))
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    Client::from_conf(config.build())
}

#[tokio::test]
async fn concurrent_conversations_send_their_own_session_signed() {
    let upstream = Upstream::for_two_at_once().await;
    let client = client(&upstream);
    converse(3, async |conversation, prompt| {
        let interceptor = WriteMetadata {
            destinations: upstream.destinations_in(conventions::bedrock()),
            conversation: conversation.clone(),
        };
        invoke(&client, "small", prompt, interceptor).await?;
        Ok::<_, BoxError>(())
    })
    .await;

    let received = upstream.take();
    for session in SESSIONS {
        let own = received.iter().filter(|call| call.body == session);
        let values: Vec<_> = own.map(|call| call.values(REQUEST_METADATA)).collect();
        assert_eq!(
            values,
            vec![vec![format!(r#"{{"sessionId":"{session}"}}"#)]; 3]
        );
    }
    for call in received {
        let [authorization] = call.values("authorization")[..] else {
            panic!("one signature");
        };
        assert!(authorization.contains(REQUEST_METADATA), "{authorization}");
    }
}

#[tokio::test]
async fn call_without_the_interceptor_has_no_session() {
    let upstream = Upstream::start().await;
    let call = client(&upstream).invoke_model().model_id("small");
    call.body(Blob::new("")).send().await.unwrap();
    let received = upstream.take();
    assert_eq!(received.len(), 1);
    assert!(
        received
            .iter()
            .all(|call| call.values(REQUEST_METADATA).is_empty())
    );
}

#[tokio::test]
async fn another_host_gets_no_session() {
    let (upstream, other) = (Upstream::start().await, Upstream::start().await);
    let interceptor = WriteMetadata {
        destinations: upstream.destinations_in(conventions::bedrock()),
        conversation: conversation("ses_a"),
    };
    let client = client(&other);
    invoke(&client, "small", "", interceptor).await.unwrap();
    assert!(
        other
            .take()
            .iter()
            .all(|call| call.values(REQUEST_METADATA).is_empty())
    );
}
