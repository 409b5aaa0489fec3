//! Layer of a gateway, which also runs its handlers in the scope of each request's
//! metadata.
//!
//! ```
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_metadata_headers::{Metadata, MetadataHeadersLayer, conventions};
//!
//! /// A function far from the request.
//! async fn session() -> Option<String> {
//!     Some(Metadata::current()?.session()?.to_string())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let gateway = ServiceBuilder::new()
//!     .layer(MetadataHeadersLayer::extract(conventions::clients()).scoped())
//!     .service(service_fn(async |_: Request<()>| {
//!         Ok::<_, std::convert::Infallible>(Response::new(session().await))
//!     }));
//!
//! let request = Request::get("/").header("x-kilocode-taskid", "t-1").body(())?;
//! let response = gateway.oneshot(request).await?;
//! assert_eq!(response.into_body().as_deref(), Some("t-1"));
//! # Ok(())
//! # }
//! ```
//!
//! # Order
//!
//! The order is that of [`extract`](super::extract). An outer layer is not in the scope.
//!
//! # Limitations
//!
//! The scope ends when the handler returns its response. A task that the handler spawns
//! and the response's body are not in the scope; see [`Metadata::current`].

use std::task::{Context, Poll};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use super::{MetadataHeaders, MetadataHeadersLayer, extract::Extract, reject::Reject};
use crate::{Metadata, Scope};

/// Layer that reads metadata, and runs the inner service in its scope; see
/// [`MetadataHeadersLayer::scoped`](super::MetadataHeadersLayer::scoped).
#[derive(Clone, Debug)]
pub struct Scoped<M>(MetadataHeadersLayer<M>);

impl MetadataHeadersLayer<Extract> {
    /// Runs the inner service in the scope of the request's metadata, so that
    /// [`Metadata::current`] returns it there.
    ///
    /// ```
    /// use tower_metadata_headers::{MetadataHeadersLayer, conventions};
    ///
    /// let layer = MetadataHeadersLayer::extract(conventions::clients()).strip().scoped();
    /// ```
    #[must_use]
    pub const fn scoped(self) -> Scoped<Extract> {
        Scoped(self)
    }
}

impl<R> MetadataHeadersLayer<Reject<R>> {
    /// Runs the inner service in the scope of the request's metadata, so that
    /// [`Metadata::current`] returns it there.
    ///
    /// The closure that creates the response to a rejected request is not in the scope.
    #[must_use]
    pub const fn scoped(self) -> Scoped<Reject<R>> {
        Scoped(self)
    }
}

impl<S, M: Clone> Layer<S> for Scoped<M> {
    type Service = MetadataHeaders<InScope<S>, M>;

    fn layer(&self, inner: S) -> Self::Service {
        self.0.layer(InScope { inner })
    }
}

/// Middleware that runs the inner service in the scope of the request's metadata.
#[derive(Clone, Debug)]
pub struct InScope<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for InScope<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Scope<S::Future>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // Never the default: the extracting layer always inserts metadata.
        let metadata = request.extensions().get::<Metadata>();
        let metadata = metadata.cloned().unwrap_or_default();
        // A service may do part of its work in `call`, before it returns the future.
        let future = metadata.clone().sync_scope(|| self.inner.call(request));
        metadata.scope(future)
    }
}
