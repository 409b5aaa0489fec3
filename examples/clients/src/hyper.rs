//! hyper: the injecting layer wraps the pooled client of hyper-util, and each call takes
//! a clone of it.

use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tower::{ServiceBuilder, ServiceExt};
use tower_metadata_headers::{
    Destinations, Metadata, MetadataHeaders, MetadataHeadersLayer, layer::Inject,
};

use crate::BoxError;

/// Client that writes metadata. A clone shares the connections and the destinations.
pub type HyperClient = MetadataHeaders<Client<HttpConnector, Full<Bytes>>, Inject>;

/// Creates the client, once for the program.
#[must_use]
pub fn client(destinations: Destinations) -> HyperClient {
    ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(destinations))
        .service(Client::builder(TokioExecutor::new()).build_http())
}

/// Sends one prompt of a conversation.
///
/// # Errors
///
/// Returns an error if the request fails.
pub async fn ask(
    client: &HyperClient,
    uri: &Uri,
    conversation: &Metadata,
    prompt: &str,
) -> Result<Response<Incoming>, BoxError> {
    let request = Request::post(uri)
        .extension(conversation.clone())
        .body(Full::from(prompt.to_owned()))?;
    // `oneshot` consumes the client. A clone costs a few atomic operations, so that each
    // of hundreds of calls can have its own.
    Ok(client.clone().oneshot(request).await?)
}
