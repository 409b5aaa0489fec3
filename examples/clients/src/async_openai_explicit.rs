//! async-openai with explicit metadata: each call passes its own headers.

use async_openai::{
    Client,
    config::{Config, OpenAIConfig},
    traits::RequestOptionsBuilder,
    types::chat::{CreateChatCompletionRequest, CreateChatCompletionResponse},
};
use http::{HeaderMap, Uri};
use reqwest::redirect::Policy;
use tower_metadata_headers::{Destinations, Metadata};

use crate::BoxError;

/// Creates a client that does not follow redirects.
///
/// reqwest, which sends the requests, would send the headers to the next host too.
///
/// # Errors
///
/// Returns an error if reqwest cannot create its client.
pub fn client(config: OpenAIConfig) -> reqwest::Result<Client<OpenAIConfig>> {
    let http = reqwest::Client::builder()
        .redirect(Policy::none())
        .build()?;
    Ok(Client::with_config(config).with_http_client(http))
}

/// Requests a chat completion of a conversation.
///
/// # Errors
///
/// Returns an error if the configuration's URL is not a URI, or the request fails.
pub async fn chat(
    client: &Client<OpenAIConfig>,
    destinations: &Destinations,
    conversation: &Metadata,
    request: CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, BoxError> {
    let uri: Uri = client.config().url("/chat/completions").parse()?;
    let mut headers = HeaderMap::new();
    destinations.write(&uri, conversation, &mut headers);
    Ok(client.chat().headers(headers).create(request).await?)
}
