//! Layer of a client, which writes metadata to requests and reads the response's.
//!
//! ```
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_metadata_headers::{
//!     Destinations, Metadata, MetadataHeadersLayer, OrganizationId, RequestId, conventions,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let destinations = Destinations::new().host("api.openai.com", conventions::openai())?;
//! let client = ServiceBuilder::new()
//!     .layer(MetadataHeadersLayer::inject(destinations).read_response(conventions::responses()))
//!     .service(service_fn(async |_: Request<()>| {
//!         Response::builder()
//!             .header("x-request-id", "req_1")
//!             .header("openai-organization", "acme")
//!             .body(())
//!     }));
//!
//! let request = Request::post("https://api.openai.com/v1/responses").body(())?;
//! let response = client.oneshot(request).await?;
//! let answered = response.extensions().get::<Metadata>().unwrap();
//! assert_eq!(answered.get::<RequestId>().unwrap().as_str(), "req_1");
//! assert_eq!(answered.get::<OrganizationId>().unwrap(), "acme");
//! # Ok(())
//! # }
//! ```
//!
//! # Limitations
//!
//! - The layer changes no header of the response. To remove the headers that a gateway must
//!   not pass on, use [`response`](super::response).
//! - It reads no trailers.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{
    MetadataHeaders, MetadataHeadersLayer,
    extract::insert_faults,
    inject::{Inject, MetadataSource},
};
use crate::{ConventionSet, Extracted, Metadata, Trust, read::Followup};

/// Mode of a [`MetadataHeadersLayer`] that writes metadata to requests and reads the
/// response's; see [`read_response`](super::MetadataHeadersLayer::read_response).
#[derive(Clone, Debug)]
pub struct ReadResponse<Src> {
    inject: Inject<Src>,
    conventions: ConventionSet,
}

impl<Src> MetadataHeadersLayer<Inject<Src>> {
    /// Reads the response's headers, and inserts [`Metadata`] in the response's extensions.
    ///
    /// - `Metadata` is always inserted, even if it is empty. If headers were ignored, a
    ///   second extension, [`Faults`](crate::Faults), reports them.
    /// - Correlation is read from anyone. Identity is read if the request's destination has
    ///   a policy, and else reported as [`Reason::Untrusted`](crate::Reason::Untrusted).
    /// - `Metadata` that an inner layer inserted outranks the headers.
    ///
    /// The argument is one [`Convention`](crate::Convention) or a [`ConventionSet`], such as
    /// [`conventions::responses()`](crate::conventions::responses). The
    /// [module docs](crate::layer::read_response) have an example.
    #[must_use]
    pub fn read_response(
        self,
        conventions: impl Into<ConventionSet>,
    ) -> MetadataHeadersLayer<ReadResponse<Src>> {
        MetadataHeadersLayer {
            mode: ReadResponse {
                inject: self.mode,
                conventions: conventions.into(),
            },
        }
    }
}

impl<S, B, Src, ResBody> Service<Request<B>> for MetadataHeaders<S, ReadResponse<Src>>
where
    S: Service<Request<B>, Response = Response<ResBody>>,
    Src: MetadataSource,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let mode = &self.mode;
        let trust = if mode.inject.has_policy(&request) {
            Trust::all()
        } else {
            Trust::none()
        };
        mode.inject.apply(&mut request);
        ResponseFuture {
            future: self.inner.call(request),
            conventions: mode.conventions.clone(),
            trust,
        }
    }
}

pin_project! {
    /// Response future of [`MetadataHeaders`] with [`ReadResponse`].
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        future: F,
        conventions: ConventionSet,
        trust: Trust,
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
        read(this.conventions, this.trust, &mut response);
        Poll::Ready(Ok(response))
    }
}

/// Reads a response's headers into its extensions.
fn read<B>(conventions: &ConventionSet, trust: &Trust, response: &mut Response<B>) {
    let mut followup = Followup::new(false);
    let extracted = conventions.read_as(response.headers(), Some(trust), None, &mut followup);
    if !followup.to_mark_sensitive.is_empty() {
        conventions.mark_sensitive(followup.to_mark_sensitive, response.headers_mut());
    }
    let Extracted { metadata, faults } = extracted;
    #[cfg(feature = "tracing")]
    if !faults.is_empty() {
        crate::tracing::report_response(&faults);
    }
    let extensions = response.extensions_mut();
    extensions
        .get_or_insert_default::<Metadata>()
        .merge(&metadata);
    insert_faults(faults, extensions);
}
