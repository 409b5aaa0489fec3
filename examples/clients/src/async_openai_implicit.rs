//! async-openai with implicit metadata: its HTTP service writes the metadata of the
//! current task, so calls are unchanged.
//!
//! The caller runs a conversation in the scope of its metadata:
//! `conversation.scope(async { client.chat().create(request).await })`.

use async_openai::{
    Client,
    config::OpenAIConfig,
    error::OpenAIError,
    middleware::{HttpRequestFactory, retry::OpenAIRetryLayer},
};
use http::Request;
use reqwest::{Body, redirect::Policy};
use tower::ServiceBuilder;
use tower_metadata_headers::{Destinations, MetadataHeadersLayer};

use crate::BoxError;

/// Creates a client that writes [`Metadata::current`] to each request.
///
/// [`Metadata::current`]: tower_metadata_headers::Metadata::current
///
/// # Errors
///
/// Returns an error if reqwest cannot create its client.
pub fn client(
    config: OpenAIConfig,
    destinations: Destinations,
) -> reqwest::Result<Client<OpenAIConfig>> {
    let http = reqwest::Client::builder()
        // reqwest follows redirects inside the layer, and sends the headers to the next
        // host too.
        .redirect(Policy::none())
        .build()?;
    let service = ServiceBuilder::new()
        // `with_http_service` replaces the retries that a client has by default.
        .layer(OpenAIRetryLayer::default())
        .map_err(openai_error)
        .filter_async(async |factory: HttpRequestFactory| {
            Ok::<_, BoxError>(Request::try_from(factory.build().await?)?)
        })
        .layer(MetadataHeadersLayer::inject(destinations).from_current())
        .filter(|request: Request<Body>| reqwest::Request::try_from(request))
        .service(http);
    Ok(Client::with_config(config).with_http_service(service))
}

/// Returns an error of reqwest as such. The retries depend on it.
fn openai_error(error: BoxError) -> OpenAIError {
    match error.downcast::<reqwest::Error>() {
        Ok(error) => OpenAIError::Reqwest(*error),
        Err(error) => OpenAIError::Boxed(error),
    }
}
