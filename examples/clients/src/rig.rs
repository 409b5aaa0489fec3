//! rig: an `HttpMiddleware` writes the metadata of one conversation to each request of
//! its model.

use std::future::ready;

use http::{HeaderMap, Method, Uri};
use reqwest::redirect::Policy;
use rig_core::{
    http_client::{DynHttpClient, HttpMiddleware, Result},
    providers::openai::{OpenAI, OpenAIConfig},
    wasm_compat::WasmBoxedFuture,
};
use rig_reqwest::ReqwestClient;
use tower_metadata_headers::{Destinations, Metadata};

/// Middleware that writes the metadata of one conversation.
#[derive(Clone, Debug)]
pub struct WriteMetadata {
    /// Conventions by host.
    pub destinations: Destinations,
    /// Metadata of the conversation.
    pub conversation: Metadata,
}

impl HttpMiddleware for WriteMetadata {
    fn before_request_headers<'a>(
        &'a self,
        _: &'a Method,
        uri: &'a Uri,
        headers: &'a mut HeaderMap,
    ) -> WasmBoxedFuture<'a, Result<()>> {
        self.destinations.write(uri, &self.conversation, headers);
        Box::pin(ready(Ok(())))
    }
}

/// Creates the HTTP client that all conversations share.
///
/// # Errors
///
/// Returns an error if reqwest cannot create its client.
pub fn http_client() -> reqwest::Result<DynHttpClient> {
    let http = reqwest::Client::builder()
        // reqwest follows redirects inside the middleware, and sends the headers to the
        // next host too.
        .redirect(Policy::none())
        .build()?;
    Ok(DynHttpClient::new(ReqwestClient::from(http)))
}

/// Creates the provider of one conversation. It shares the connections of `http`.
#[must_use]
pub fn provider(config: OpenAIConfig, http: &DynHttpClient, middleware: WriteMetadata) -> OpenAI {
    config.connect(http.clone().with_middleware(middleware))
}
