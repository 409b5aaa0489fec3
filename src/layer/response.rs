//! Layer of a gateway, which removes metadata headers from responses.
//!
//! ```
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_metadata_headers::{MetadataHeadersLayer, conventions};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let gateway = ServiceBuilder::new()
//!     .layer(MetadataHeadersLayer::response(conventions::clients()).echo_session())
//!     .service(service_fn(async |_: Request<()>| {
//!         let response = Response::builder().header("x-kilocode-machineid", "upstream's");
//!         response.body(())
//!     }));
//!
//! let request = Request::get("/").header("x-kilocode-taskid", "t-1").body(())?;
//! let response = gateway.oneshot(request).await?;
//! assert_eq!(response.headers()["x-kilocode-taskid"], "t-1");
//! assert!(!response.headers().contains_key("x-kilocode-machineid"));
//! # Ok(())
//! # }
//! ```
//!
//! # Order
//!
//! - With [`echo`](super::MetadataHeadersLayer::echo), put the layer inside the
//!   extracting layer, whose [`Metadata`] it reads.
//! - With [`echo_session`](super::MetadataHeadersLayer::echo_session), put the layer
//!   outside an extracting layer that strips the request's headers.
//!
//! # Limitations
//!
//! - The layer does not remove trailers of a response.
//! - It does not read metadata from responses. [`read_response`](super::read_response)
//!   does.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{MetadataHeaders, MetadataHeadersLayer};
use crate::{ConventionSet, Field, FieldKey, Metadata};

/// Mode of a [`MetadataHeadersLayer`] that removes metadata headers from responses; see
/// [`response`](super::MetadataHeadersLayer::response).
#[derive(Clone, Debug)]
pub struct Respond(Arc<Settings>);

#[derive(Clone, Debug)]
struct Settings {
    conventions: ConventionSet,
    echoed: Echoed,
}

/// Fields to echo.
#[derive(Clone, Debug, Default)]
struct Echoed {
    fields: Vec<Echo>,
    session: bool,
}

/// Field to echo, with its header.
#[derive(Clone, Debug)]
struct Echo {
    key: FieldKey,
    header: HeaderName,
}

impl MetadataHeadersLayer<Respond> {
    /// Creates a layer that removes from responses every header that belongs to these
    /// conventions, including look-alikes. Metadata of an inner or upstream server does
    /// not reach the caller.
    ///
    /// No value of the request is reflected, unless [`echo`](Self::echo) or
    /// [`echo_session`](Self::echo_session) is set.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// use tower_metadata_headers::{MetadataHeadersLayer, RequestId, conventions};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let gateway = ServiceBuilder::new()
    ///     .layer(MetadataHeadersLayer::extract(conventions::openai()))
    ///     .layer(MetadataHeadersLayer::response(conventions::openai()).echo::<RequestId>())
    ///     .service(service_fn(async |_: Request<()>| {
    ///         Ok::<_, std::convert::Infallible>(Response::new(()))
    ///     }));
    ///
    /// let request = Request::get("/").header("x-client-request-id", "r-1").body(())?;
    /// let response = gateway.oneshot(request).await?;
    /// assert_eq!(response.headers()["x-client-request-id"], "r-1");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn response(conventions: impl Into<ConventionSet>) -> Self {
        Self {
            mode: Respond(Arc::new(Settings {
                conventions: conventions.into(),
                echoed: Echoed::default(),
            })),
        }
    }

    /// Sets this field of the request's [`Metadata`] on the response.
    ///
    /// The header is that of the first convention that writes the field. If no
    /// convention writes it, the response is not changed.
    ///
    /// The value is the validated one, and never untrusted identity. Put the layer
    /// inside the extracting layer. To echo the session in each client's own header,
    /// use [`echo_session`](Self::echo_session).
    #[must_use]
    pub fn echo<F: Field>(mut self) -> Self {
        let key = FieldKey::of::<F>();
        let conventions = &self.mode.0.conventions;
        let header = conventions
            .conventions()
            .find_map(|convention| convention.header_of(key));
        if let Some(header) = header {
            let settings = Arc::make_mut(&mut self.mode.0);
            settings.echoed.fields.push(Echo { key, header });
        }
        self
    }

    /// Sets [`Metadata::session`] on the response, in the header that carried it in the
    /// request. A client that sends `x-kilocode-taskid` gets its task in that header.
    ///
    /// The layer reads the request's headers itself. Put it outside a layer that
    /// [strips](MetadataHeadersLayer::strip) them. If the session is only a part of its
    /// header, as in `baggage`, nothing is set.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// use tower_metadata_headers::{MetadataHeadersLayer, conventions};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let gateway = ServiceBuilder::new()
    ///     .layer(MetadataHeadersLayer::response(conventions::clients()).echo_session())
    ///     .layer(MetadataHeadersLayer::extract(conventions::clients()).strip())
    ///     .service(service_fn(async |_: Request<()>| {
    ///         Ok::<_, std::convert::Infallible>(Response::new(()))
    ///     }));
    ///
    /// let request = Request::get("/").header("x-kilocode-taskid", "t-1").body(())?;
    /// let response = gateway.oneshot(request).await?;
    /// assert_eq!(response.headers()["x-kilocode-taskid"], "t-1");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn echo_session(mut self) -> Self {
        Arc::make_mut(&mut self.mode.0).echoed.session = true;
        self
    }
}

impl Settings {
    fn apply(&self, echoes: &mut Echoes, headers: &mut HeaderMap) {
        self.conventions.remove_from(headers);
        if let Some((header, session)) = echoes.session.take() {
            // Fails only if the header map is full. The response is then sent
            // without the echo, because a request is never failed for it.
            let _ = headers.try_insert(header, session);
        }
        for Echo { key, header } in &self.echoed.fields {
            if let Some(value) = echoes
                .metadata
                .as_ref()
                .and_then(|metadata| metadata.value(*key))
            {
                // Fails only if the header map is full, as above.
                let _ = headers.try_insert(header, value.clone());
            }
        }
    }
}

impl<S, B, ResBody> Service<Request<B>> for MetadataHeaders<S, Respond>
where
    S: Service<Request<B>, Response = Response<ResBody>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mode = &*self.mode.0;
        let metadata = request
            .extensions()
            .get::<Metadata>()
            .filter(|_| !mode.echoed.fields.is_empty())
            .cloned();
        let session = if mode.echoed.session {
            mode.conventions.session_header(request.headers())
        } else {
            None
        };
        ResponseFuture {
            echoes: Echoes { metadata, session },
            future: self.inner.call(request),
            mode: self.mode.clone(),
        }
    }
}

/// Values of a request to set on its response.
#[derive(Debug, Default)]
struct Echoes {
    metadata: Option<Metadata>,
    /// Header that carried the session, and the session.
    session: Option<(HeaderName, HeaderValue)>,
}

pin_project! {
    /// Response future of [`MetadataHeaders`] with [`Respond`].
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        future: F,
        mode: Respond,
        echoes: Echoes,
    }
}

impl<F, ResBody, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.future.poll(cx))?;
        this.mode.0.apply(this.echoes, response.headers_mut());
        Poll::Ready(Ok(response))
    }
}
