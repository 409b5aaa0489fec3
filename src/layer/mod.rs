//! The Tower layer and its services.
//!
//! | module | side | what the layer does |
//! |---|---|---|
//! | [`inject`] | client | writes metadata to requests |
//! | [`read_response`] | client | writes metadata to requests and reads responses |
//! | [`extract`] | gateway | reads metadata from requests |
//! | [`reject`] | gateway | rejects requests with faults |
//! | [`response`] | gateway | removes metadata headers from responses |
//! | `scoped` (feature `tokio`) | gateway | runs handlers in the scope of the metadata |
//!
//! # Order
//!
//! - Around a gateway, outermost first: authentication, [`extract`], tower-http's
//!   `TraceLayer`, handlers.
//! - Around a client, outermost first: `FollowRedirect`, retries, [`inject`], the
//!   client.

pub mod extract;
mod extract_closures;
mod fallback;
mod future;
pub mod inject;
mod inject_source;
mod on_unwritten;
mod parts;
pub mod read_response;
pub mod reject;
mod respond;
pub mod response;
#[cfg(feature = "tokio")]
pub mod scoped;
mod source;
mod trusted;

use tower_layer::Layer;

#[cfg(any(feature = "tower-http-06", feature = "tower-http-07"))]
pub(crate) use self::inject::CrossedOrigin;
#[doc(no_inline)]
pub use self::{
    extract::Extract,
    inject::{FromExtension, FromParts, Inject, MetadataSource},
    read_response::ReadResponse,
    reject::{Reject, Rejection},
    response::Respond,
};
#[cfg(feature = "tokio")]
#[doc(no_inline)]
pub use self::{inject::FromCurrent, scoped::Scoped};

/// Layer that writes metadata to requests, reads it from requests, or removes it from
/// responses.
///
/// - [`inject`](Self::inject), for a client, writes the [`Metadata`](crate::Metadata) in
///   a request's extensions to its headers.
/// - [`extract`](Self::extract), for a gateway, reads a request's headers and inserts
///   `Metadata` in its extensions.
/// - [`response`](Self::response), for a gateway, removes metadata headers from
///   responses.
///
/// The mode `M` is one of [`Inject`], [`ReadResponse`], [`Extract`], [`Reject`] and
/// [`Respond`].
///
/// The layer wraps any `Service<http::Request<B>>`. `inject` and `extract` place no
/// bounds on the inner service's error, response or future. The layer never returns an
/// error of its own.
///
/// ```
/// use http::{Request, Response};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_metadata_headers::{Convention, Metadata, MetadataHeadersLayer, SessionId, conventions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let gateway = ServiceBuilder::new()
///     .layer(MetadataHeadersLayer::extract(conventions::clients()))
///     .service(service_fn(async |request: Request<()>| {
///         let metadata = request.extensions().get::<Metadata>();
///         let session = metadata.and_then(Metadata::get::<SessionId>);
///         Ok::<_, std::convert::Infallible>(Response::new(session))
///     }));
/// let client = ServiceBuilder::new()
///     .layer(MetadataHeadersLayer::inject(Convention::vendor("zoo")?))
///     .service(gateway);
///
/// let mut request = Request::new(());
/// request.extensions_mut().insert(Metadata::new().with(SessionId::try_from("s-1")?));
/// let response = client.oneshot(request).await?;
/// assert_eq!(response.into_body(), Some(SessionId::try_from("s-1")?));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct MetadataHeadersLayer<M> {
    mode: M,
}

impl<S, M: Clone> Layer<S> for MetadataHeadersLayer<M> {
    type Service = MetadataHeaders<S, M>;

    fn layer(&self, inner: S) -> Self::Service {
        MetadataHeaders {
            inner,
            mode: self.mode.clone(),
        }
    }
}

/// Middleware that applies a [`MetadataHeadersLayer`] to the inner service.
///
/// ```
/// use tower::{Layer, service_fn};
/// use tower_metadata_headers::{MetadataHeadersLayer, conventions};
///
/// let layer = MetadataHeadersLayer::extract(conventions::clients());
/// let mut gateway = layer.layer(service_fn(async |_: http::Request<()>| Ok::<_, ()>(())));
/// let _inner = gateway.get_mut();
/// let _inner = gateway.get_ref();
/// let _inner = gateway.into_inner();
/// ```
#[derive(Clone, Debug)]
pub struct MetadataHeaders<S, M> {
    inner: S,
    mode: M,
}

impl<S, M> MetadataHeaders<S, M> {
    /// Returns a reference to the inner service.
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Returns a mutable reference to the inner service.
    pub const fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Consumes the service, returning the inner service.
    pub fn into_inner(self) -> S {
        self.inner
    }
}
