//! The Tower layer: writing in a client, reading in a gateway, and what a gateway
//! does with responses.
//!
//! Order of the layers around a gateway, outermost first: authentication,
//! [`extract`], tower-http's `TraceLayer`, handlers. Around a client:
//! `FollowRedirect`, retries, [`inject`], the client.

pub mod extract;
mod future;
pub mod inject;
mod parts;
pub mod reject;
pub mod response;
#[cfg(feature = "tokio")]
pub mod scoped;
mod source;

use tower_layer::Layer;

#[cfg(feature = "tower-http")]
pub(crate) use self::inject::CrossedOrigin;
#[doc(no_inline)]
pub use self::{
    extract::Extract,
    inject::{FromExtension, FromParts, Inject, MetadataSource},
    reject::{Reject, Rejection},
    response::Respond,
};
#[cfg(feature = "tokio")]
#[doc(no_inline)]
pub use self::{inject::FromCurrent, scoped::Scoped};

/// Writes metadata to requests, reads it from them, or keeps it out of
/// responses.
///
/// [`inject`](Self::inject) makes the layer of a client, which writes the
/// [`Metadata`](crate::Metadata) in a request's extensions to its headers.
/// [`extract`](Self::extract) makes that of a gateway, which reads the headers
/// and puts `Metadata` in the extensions. [`response`](Self::response) keeps
/// metadata out of responses. `M` is which of the three, with its settings.
///
/// It wraps any `Service<http::Request<B>>`. It places no bounds on the inner
/// service's error, response or future, and never fails a request.
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

/// The service that [`MetadataHeadersLayer`] makes.
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
