//! reqwest without Tower: `Destinations::write` writes to the request's headers.

use http::Uri;
use reqwest::{Client, Request, Response, redirect::Policy};
use tower_metadata_headers::{Destinations, Metadata};

use crate::BoxError;

/// Creates a client that does not follow redirects.
///
/// reqwest would send the headers to the next host too. To follow a redirect, call
/// [`send`] with a new request.
///
/// # Errors
///
/// Returns an error if reqwest cannot create its client.
pub fn client() -> reqwest::Result<Client> {
    Client::builder().redirect(Policy::none()).build()
}

/// Sends a request of a conversation.
///
/// # Errors
///
/// Returns an error if the URL is not a URI, or the request fails.
pub async fn send(
    client: &Client,
    destinations: &Destinations,
    conversation: &Metadata,
    mut request: Request,
) -> Result<Response, BoxError> {
    let uri: Uri = request.url().as_str().parse()?;
    destinations.write(&uri, conversation, request.headers_mut());
    Ok(client.execute(request).await?)
}
