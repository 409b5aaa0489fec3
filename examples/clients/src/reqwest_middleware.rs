//! reqwest-middleware: a middleware writes the metadata that `with_extension` adds to a
//! request.

use http::{Extensions, Uri};
use reqwest::{Request, Response, redirect::Policy};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Error, Middleware, Next, Result};
use tower_metadata_headers::{Destinations, Metadata};

/// Middleware that writes the [`Metadata`] in a request's extensions to its headers.
#[derive(Clone, Debug)]
pub struct WriteMetadata(pub Destinations);

#[async_trait::async_trait]
impl Middleware for WriteMetadata {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let uri: Uri = request.url().as_str().parse().map_err(Error::middleware)?;
        // Without metadata, `write` still removes headers that were set by hand.
        let metadata = extensions.get().cloned().unwrap_or_default();
        self.0.write(&uri, &metadata, request.headers_mut());
        next.run(request, extensions).await
    }
}

/// Creates a client with the middleware.
///
/// # Errors
///
/// Returns an error if reqwest cannot create its client.
pub fn client(destinations: Destinations) -> reqwest::Result<ClientWithMiddleware> {
    let client = reqwest::Client::builder()
        // reqwest follows redirects inside the middleware, and sends the headers to the
        // next host too.
        .redirect(Policy::none())
        .build()?;
    Ok(ClientBuilder::new(client)
        // Last, so that a middleware that retries calls it for each attempt.
        .with(WriteMetadata(destinations))
        .build())
}

/// Sends one prompt of a conversation.
///
/// # Errors
///
/// Returns an error if the URL is invalid, or the request fails.
pub async fn ask(
    client: &ClientWithMiddleware,
    url: &str,
    conversation: &Metadata,
    prompt: &str,
) -> Result<Response> {
    let request = client.post(url).with_extension(conversation.clone());
    request.body(prompt.to_owned()).send().await
}
