use async_openai::{
    Client,
    config::OpenAIConfig,
    types::chat::{
        ChatCompletionRequestUserMessage, CreateChatCompletionRequest,
        CreateChatCompletionRequestArgs,
    },
};
use clients::{
    BoxError,
    async_openai_explicit::{chat, client},
};

use crate::upstream::{Redirecting, Upstream, conversation, converse};

pub(crate) fn config(upstream: &Upstream) -> OpenAIConfig {
    OpenAIConfig::new()
        .with_api_key("key")
        .with_api_base(upstream.url("/v1"))
}

pub(crate) fn request(prompt: &str) -> CreateChatCompletionRequest {
    CreateChatCompletionRequestArgs::default()
        .model("small")
        .messages([ChatCompletionRequestUserMessage::from(prompt).into()])
        .build()
        .unwrap()
}

#[tokio::test]
async fn concurrent_conversations_send_their_own_session() {
    let upstream = Upstream::for_two_at_once().await;
    let client = client(config(&upstream)).unwrap();
    let destinations = upstream.destinations();
    converse(3, async |conversation, prompt| {
        chat(&client, &destinations, conversation, request(prompt)).await?;
        Ok::<_, BoxError>(())
    })
    .await;
    upstream.assert_own_sessions(3);
}

#[tokio::test]
async fn call_without_headers_has_no_session() {
    let upstream = Upstream::start().await;
    let client = client(config(&upstream)).unwrap();
    client.chat().create(request("")).await.unwrap();
    assert!(upstream.take_sessions().is_empty());
}

#[tokio::test]
async fn redirect_to_another_host_is_not_followed() {
    let hosts = Redirecting::start().await;
    let destinations = hosts.first.destinations();
    let metadata = conversation("ses_a");

    let naive = Client::with_config(config(&hosts.first));
    let answer = chat(&naive, &destinations, &metadata, request("")).await;
    answer.unwrap();
    hosts.assert_leaked();

    let client = client(config(&hosts.first)).unwrap();
    let answer = chat(&client, &destinations, &metadata, request("")).await;
    assert!(answer.is_err());
    hosts.assert_not_followed();
}
