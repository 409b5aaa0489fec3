//! Rejection of requests whose metadata has faults.

use std::{
    any::type_name,
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response, request::Parts};
use tower_service::Service;

use super::{
    MetadataHeaders, MetadataHeadersLayer,
    extract::{Extract, insert_faults},
    respond::RespondToRejection,
};
pub use super::{future::ResponseFuture, respond::SeesParts};
pub use crate::read::Rejection;

/// Mode of a [`MetadataHeadersLayer`] that reads metadata, and rejects requests with
/// faults; see [`reject_with`](super::MetadataHeadersLayer::reject_with).
pub struct Reject<R>(Arc<Shared<R>>);

/// Settings that all clones share.
struct Shared<R> {
    extract: Extract,
    respond: R,
}

impl MetadataHeadersLayer<Extract> {
    /// Rejects a request that has faults, or that lacks a required field, with the
    /// closure's response. The inner service is not called.
    ///
    /// - Untrusted identity is reported and does not reject a request, because many
    ///   clients send it with every request. To reject it, set
    ///   [`reject_untrusted_identity`](Self::reject_untrusted_identity).
    /// - Faults that another layer reported do not reject a request.
    ///
    /// [`Rejection::status`] is 400, 403 or 431. The response's body type must be that of
    /// the inner service.
    ///
    /// # Order
    ///
    /// Put the layer inside a layer that limits concurrency. This service awaits the
    /// inner service's readiness before it rejects a request. A permit of an inner limit
    /// therefore stays taken until this service is called again or dropped.
    ///
    /// ```
    /// use http::{Request, Response, StatusCode};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// use tower_metadata_headers::{MetadataHeadersLayer, conventions};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let gateway = ServiceBuilder::new()
    ///     .layer(
    ///         MetadataHeadersLayer::extract(conventions::clients())
    ///             .require_session()
    ///             .reject_untrusted_identity()
    ///             .reject_with(|rejection| rejection.to_response(rejection.to_string())),
    ///     )
    ///     .service(service_fn(async |_: Request<()>| {
    ///         Ok::<_, std::convert::Infallible>(Response::new(String::from("served")))
    ///     }));
    ///
    /// let response = gateway.clone().oneshot(Request::new(())).await?;
    /// assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    /// assert_eq!(response.body(), "session-id: required field is missing");
    ///
    /// let request = Request::get("/")
    ///     .header("x-kilocode-taskid", "t-1")
    ///     .header("x-kilocode-machineid", "m-1")
    ///     .body(())?;
    /// let response = gateway.oneshot(request).await?;
    /// assert_eq!(response.status(), StatusCode::FORBIDDEN);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn reject_with<R, B>(self, respond: R) -> MetadataHeadersLayer<Reject<R>>
    where
        R: Fn(Rejection) -> Response<B>,
    {
        self.reject(respond)
    }

    /// Rejects a request as [`reject_with`](Self::reject_with) does. The closure also gets
    /// the request's parts, for example to select the response's format by the path.
    ///
    /// The extensions have the [`Metadata`](crate::Metadata) that was read.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// use tower_metadata_headers::{MetadataHeadersLayer, conventions};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let gateway = ServiceBuilder::new()
    ///     .layer(
    ///         MetadataHeadersLayer::extract(conventions::clients())
    ///             .require_session()
    ///             .reject_with_parts(|rejection, parts| {
    ///                 let path = parts.uri.path();
    ///                 rejection.to_response(format!("{path}: {}", rejection.code()))
    ///             }),
    ///     )
    ///     .service(service_fn(async |_: Request<()>| {
    ///         Ok::<_, std::convert::Infallible>(Response::new(String::from("served")))
    ///     }));
    ///
    /// let response = gateway.oneshot(Request::get("/v1/messages").body(())?).await?;
    /// assert_eq!(response.body(), "/v1/messages: missing");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn reject_with_parts<R, B>(self, respond: R) -> MetadataHeadersLayer<Reject<SeesParts<R>>>
    where
        R: Fn(Rejection, &Parts) -> Response<B>,
    {
        self.reject(SeesParts(respond))
    }

    fn reject<R>(self, respond: R) -> MetadataHeadersLayer<Reject<R>> {
        MetadataHeadersLayer {
            mode: Reject(Arc::new(Shared {
                extract: self.mode,
                respond,
            })),
        }
    }
}

impl<R> Clone for Reject<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<R> fmt::Debug for Reject<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reject")
            .field("extract", &self.0.extract)
            .field("respond", &type_name::<R>())
            .finish()
    }
}

impl<S, B, R, ResBody> Service<Request<B>> for MetadataHeaders<S, Reject<R>>
where
    S: Service<Request<B>, Response = Response<ResBody>>,
    R: RespondToRejection<ResBody>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, S::Response, S::Error>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let Shared { extract, respond } = &*self.mode.0;
        let settings = extract.settings();
        let faults = settings.apply(&mut request);
        let to_reject = settings.requirements.to_reject(&faults);
        if to_reject.is_empty() {
            settings.fallback.add(&mut request);
            insert_faults(faults, request.extensions_mut());
            return ResponseFuture::called(self.inner.call(request));
        }
        let rejection = Rejection::new(to_reject);
        let response = respond.respond(rejection, &mut request);
        ResponseFuture::rejected(response)
    }
}
