//! reqwest through Tower: `reqwest::Client` is a Tower service, so the injecting layer
//! wraps it.

use http::{Request, Uri};
use reqwest::{Body, Client, Response, redirect::Policy};
use tower::{Service, ServiceBuilder, ServiceExt};
use tower_metadata_headers::{Destinations, Metadata, MetadataHeadersLayer};

use crate::BoxError;

/// Creates a client that writes the metadata in a request's extensions to its headers.
///
/// A clone shares the connections.
///
/// # Errors
///
/// Returns an error if reqwest cannot create its client.
pub fn client(
    destinations: Destinations,
) -> reqwest::Result<
    impl Service<Request<Body>, Response = Response, Error = BoxError, Future: Send> + Clone,
> {
    let client = Client::builder()
        // reqwest follows redirects inside the layer, and sends the headers to the next
        // host too. The caller follows them, with a new request.
        .redirect(Policy::none())
        .build()?;
    Ok(ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(destinations))
        // Not `map_request`: a URI without a host is no URL, and fails here.
        .filter(|request: Request<Body>| reqwest::Request::try_from(request))
        .service(client))
}

/// Sends one prompt of a conversation.
///
/// # Errors
///
/// Returns an error if the URI is not a URL, or the request fails.
pub async fn ask<S>(
    client: &S,
    uri: &Uri,
    conversation: &Metadata,
    prompt: &str,
) -> Result<Response, BoxError>
where
    S: Service<Request<Body>, Response = Response, Error = BoxError> + Clone,
{
    let request = Request::post(uri)
        .extension(conversation.clone())
        .body(Body::from(prompt.to_owned()))?;
    client.clone().oneshot(request).await
}
