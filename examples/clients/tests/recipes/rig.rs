use clients::rig::{WriteMetadata, http_client, provider};
use reqwest::Client;
use rig_core::{
    ProviderError, completion::CompletionRequest, http_client::DynHttpClient,
    providers::openai::OpenAIConfig,
};
use rig_reqwest::ReqwestClient;

use crate::upstream::{Redirecting, SESSIONS, Upstream, conversation};

fn config(upstream: &Upstream) -> OpenAIConfig {
    OpenAIConfig::new("key").with_base_url(upstream.url("/v1"))
}

fn middleware(upstream: &Upstream, session: &str) -> WriteMetadata {
    WriteMetadata {
        destinations: upstream.destinations(),
        conversation: conversation(session),
    }
}

#[tokio::test]
async fn concurrent_conversations_send_their_own_session() {
    let upstream = Upstream::for_two_at_once().await;
    let http = http_client().unwrap();
    let [a, b] = SESSIONS.map(async |session| {
        let provider = provider(config(&upstream), &http, middleware(&upstream, session));
        let model = provider.chat("small");
        for _ in 0..3 {
            model.call(CompletionRequest::new(session)).await?;
        }
        Ok::<_, ProviderError>(())
    });
    tokio::try_join!(a, b).unwrap();
    upstream.assert_own_sessions(3);
}

#[tokio::test]
async fn provider_without_the_middleware_sends_no_session() {
    let upstream = Upstream::start().await;
    let model = config(&upstream)
        .connect(http_client().unwrap())
        .chat("small");
    model.call(CompletionRequest::new("hi")).await.unwrap();
    assert!(upstream.take_sessions().is_empty());
}

#[tokio::test]
async fn redirect_to_another_host_is_not_followed() {
    let hosts = Redirecting::start().await;
    let call = async |http: &DynHttpClient| {
        let middleware = middleware(&hosts.first, "ses_a");
        let model = provider(config(&hosts.first), http, middleware).chat("small");
        model.call(CompletionRequest::new("hi")).await
    };

    let naive = DynHttpClient::new(ReqwestClient::from(Client::new()));
    call(&naive).await.unwrap();
    hosts.assert_leaked();

    assert!(call(&http_client().unwrap()).await.is_err());
    hosts.assert_not_followed();
}
