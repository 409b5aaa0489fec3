use async_openai::error::OpenAIError;
use clients::async_openai_implicit::client;

use crate::{
    async_openai_explicit::{config, request},
    upstream::{Redirecting, SESSIONS, Upstream, conversation},
};

#[tokio::test]
async fn concurrent_conversations_send_their_own_session() {
    let upstream = Upstream::for_two_at_once().await;
    let client = client(config(&upstream), upstream.destinations()).unwrap();
    let [a, b] = SESSIONS.map(|session| {
        conversation(session).scope(async {
            for _ in 0..3 {
                client.chat().create(request(session)).await?;
            }
            Ok::<_, OpenAIError>(())
        })
    });
    tokio::try_join!(a, b).unwrap();
    upstream.assert_own_sessions(3);
}

#[tokio::test]
async fn call_outside_of_a_scope_has_no_session() {
    let upstream = Upstream::start().await;
    let client = client(config(&upstream), upstream.destinations()).unwrap();
    client.chat().create(request("")).await.unwrap();
    assert!(upstream.take_sessions().is_empty());
}

#[tokio::test]
async fn redirect_to_another_host_is_not_followed() {
    let hosts = Redirecting::start().await;
    let client = client(config(&hosts.first), hosts.first.destinations()).unwrap();
    let call = async { client.chat().create(request("")).await };
    let answer = conversation("ses_a").scope(call).await;
    assert!(answer.is_err());
    hosts.assert_not_followed();
}

#[tokio::test]
async fn failed_connection_is_an_error_of_reqwest() {
    let upstream = Upstream::start().await;
    // Port 0 is never open. The error is of the kind that is not retried.
    let config = config(&upstream).with_api_base("unknown://127.0.0.1:0/v1");
    let client = client(config, upstream.destinations()).unwrap();
    let error = client.chat().create(request("")).await.unwrap_err();
    assert!(matches!(error, OpenAIError::Reqwest(_)), "{error:?}");
}
