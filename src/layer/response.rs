//! Keeping metadata out of responses, but for what is asked for.
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
//! For [`echo`](super::MetadataHeadersLayer::echo) put it inside the layer that
//! extracts, whose [`Metadata`] it reads. For
//! [`echo_session`](super::MetadataHeadersLayer::echo_session) put it outside a layer
//! that strips the request's headers.
//!
//! # What it does not do
//!
//! - It does not look at trailers of a response.
//! - It does not read metadata from responses.

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

/// Keeps metadata out of responses, but for what is asked for; see
/// [`MetadataHeadersLayer::response`](super::MetadataHeadersLayer::response).
#[derive(Clone, Debug)]
pub struct Respond {
    conventions: ConventionSet,
    echoed: Arc<Echoed>,
}

/// Fields to give back.
#[derive(Clone, Debug, Default)]
struct Echoed {
    fields: Vec<Echo>,
    session: bool,
}

/// A field to give back, and its header.
#[derive(Clone, Debug)]
struct Echo {
    key: FieldKey,
    header: HeaderName,
}

impl MetadataHeadersLayer<Respond> {
    /// Removes from responses every header that belongs to these conventions,
    /// look-alikes included: what a server inside or upstream says of its own
    /// metadata is not for the caller.
    ///
    /// Nothing that came in is reflected, unless [`echo`](Self::echo) asks for it.
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
            mode: Respond {
                conventions: conventions.into(),
                echoed: Arc::default(),
            },
        }
    }

    /// Sets this field of the request's [`Metadata`] on the response, in the
    /// header of the first of the conventions that writes one for it; where none
    /// does, nowhere.
    ///
    /// The value is the one that was checked, in its one form, and never identity
    /// that is not trusted: put the layer inside the one that extracts. To answer
    /// each client in its own header, use [`echo_session`](Self::echo_session).
    #[must_use]
    pub fn echo<F: Field>(mut self) -> Self {
        let key = FieldKey::of::<F>();
        let conventions = &self.mode.conventions;
        let header = conventions
            .conventions()
            .find_map(|convention| convention.header_of(key));
        let echo = header.map(|header| Echo { key, header });
        Arc::make_mut(&mut self.mode.echoed).fields.extend(echo);
        self
    }

    /// Sets [`Metadata::session`] on the response, in the header in which the
    /// request brought it: a client that sends `x-kilocode-taskid` finds its task
    /// there.
    ///
    /// It reads the request's headers itself, by the layer's conventions. Put it
    /// outside a layer that [strips](MetadataHeadersLayer::strip) them. Nothing is
    /// set if the session is only a part of its header, as in `baggage`.
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
        Arc::make_mut(&mut self.mode.echoed).session = true;
        self
    }
}

impl Respond {
    fn apply(&self, echoes: &mut Echoes, headers: &mut HeaderMap) {
        self.conventions.remove_from(headers);
        if let Some((header, session)) = echoes.session.take() {
            // A response whose map is full goes without.
            let _ = headers.try_insert(header, session);
        }
        for Echo { key, header } in &self.echoed.fields {
            if let Some(value) = echoes
                .metadata
                .as_ref()
                .and_then(|metadata| metadata.value(*key))
            {
                // A response whose map is full goes without.
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
        let mode = &self.mode;
        let metadata = request.extensions().get::<Metadata>();
        let metadata = metadata.filter(|_| !mode.echoed.fields.is_empty()).cloned();
        let session = || mode.conventions.session_header(request.headers());
        let session = mode.echoed.session.then(session).flatten();
        ResponseFuture {
            echoes: Echoes { metadata, session },
            future: self.inner.call(request),
            mode: self.mode.clone(),
        }
    }
}

/// Values of a request to give back on its response.
#[derive(Debug, Default)]
struct Echoes {
    metadata: Option<Metadata>,
    /// The header that the session came in, and the session.
    session: Option<(HeaderName, HeaderValue)>,
}

pin_project! {
    /// The response of the service inside, with the headers that may be there.
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
        this.mode.apply(this.echoes, response.headers_mut());
        Poll::Ready(Ok(response))
    }
}
