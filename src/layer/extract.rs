//! Layer of a gateway, which reads metadata from requests.
//!
//! ```
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_metadata_headers::{Metadata, MetadataHeadersLayer, conventions};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let gateway = ServiceBuilder::new()
//!     .layer(MetadataHeadersLayer::extract(conventions::clients()).strip())
//!     .service(service_fn(async |request: Request<()>| {
//!         let metadata = request.extensions().get::<Metadata>();
//!         Ok::<_, std::convert::Infallible>(Response::new(metadata.and_then(Metadata::session)))
//!     }));
//!
//! let request = Request::get("/").header("x-kilocode-taskid", "t-1").body(())?;
//! let session = gateway.oneshot(request).await?.into_body();
//! assert_eq!(session.unwrap().as_str(), "t-1");
//! # Ok(())
//! # }
//! ```
//!
//! # Order
//!
//! Put the layer inside authentication, and outside every layer and handler that reads
//! metadata.
//!
//! - If tower-http's `TraceLayer` is inside, its span has the metadata, and sensitive
//!   headers are marked before they are logged.
//! - If `TraceLayer` is outside, a rejected request has a span too.
//!
//! In axum, with `TraceLayer` inside, `MetadataMakeSpan` (features `tracing`, and
//! `tower-http-06` or `tower-http-07`) records the metadata when it makes the span:
//!
//! ```
//! # #[cfg(all(feature = "tower-http-07", feature = "tracing"))]
//! # mod gateway {
//! use axum::Router;
//! use tower_http::trace::TraceLayer;
//! use tower_metadata_headers::{MetadataHeadersLayer, MetadataMakeSpan, conventions};
//!
//! fn traced(app: Router) -> Router {
//!     app.layer(TraceLayer::new_for_http().make_span_with(MetadataMakeSpan::new()))
//!         .layer(MetadataHeadersLayer::extract(conventions::clients()))
//! }
//! # }
//! ```
//!
//! With `TraceLayer` outermost, a rejected request has a span. The span is made before the
//! headers are read, but its fields are declared, so the metadata is recorded later:
//!
//! ```
//! # #[cfg(all(feature = "axum-08", feature = "tower-http-07", feature = "tracing"))]
//! # mod gateway {
//! use axum::{Router, extract::Request, response::IntoResponse};
//! use tower::ServiceBuilder;
//! use tower_http::trace::TraceLayer;
//! use tower_metadata_headers::{
//!     Metadata, MetadataHeadersLayer, MetadataMakeSpan, conventions,
//! };
//! use tracing::Span;
//!
//! fn traced(app: Router) -> Router {
//!     app.layer(
//!         ServiceBuilder::new()
//!             .layer(TraceLayer::new_for_http().make_span_with(MetadataMakeSpan::new()))
//!             .layer(
//!                 MetadataHeadersLayer::extract(conventions::clients())
//!                     .reject_with(|rejection| rejection.into_response()),
//!             )
//!             .map_request(|request: Request| {
//!                 if let Some(metadata) = request.extensions().get::<Metadata>() {
//!                     metadata.record(&Span::current());
//!                 }
//!                 request
//!             }),
//!     )
//! }
//! # }
//! ```
//!
//! With `TraceLayer` inside, give each layer a `.layer()` call of its own in axum. In one
//! `ServiceBuilder` the types of their response bodies differ, until
//! `.map_response(|response| response.map(axum::body::Body::new))` stands between them.
//!
//! # Limitations
//!
//! - The layer reads no trailers, because they arrive after the request was routed.
//! - It rejects no request, unless
//!   [`reject_with`](super::MetadataHeadersLayer::reject_with) is set.
//! - It forwards no metadata. To do so, insert [`Metadata`] in the upstream request.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::{Extensions, Request};
use tower_service::Service;

use super::{MetadataHeaders, MetadataHeadersLayer, fallback::Fallback, trusted::Trusted};
use crate::{ConventionSet, Extracted, Faults, Field, Metadata, Requirements, read::Followup};

/// Mode of a [`MetadataHeadersLayer`] that reads metadata from requests; see
/// [`extract`](super::MetadataHeadersLayer::extract).
// Shared, because axum and hyper clone a service for each request or connection, and each
// clone then counts one reference.
#[derive(Clone, Debug)]
pub struct Extract(Arc<Settings>);

#[derive(Clone, Debug)]
pub(super) struct Settings {
    conventions: ConventionSet,
    pub(super) trusted: Trusted,
    pub(super) requirements: Requirements,
    pub(super) fallback: Fallback,
    strip: bool,
}

impl MetadataHeadersLayer<Extract> {
    /// Creates a layer that reads the headers of these conventions, and inserts
    /// [`Metadata`] in the request's extensions.
    ///
    /// `Metadata` is always inserted, even if it is empty. If headers were ignored, a
    /// second extension, [`Faults`], reports them.
    ///
    /// Correlation is read from anyone. Identity is reported as
    /// [`Reason::Untrusted`](crate::Reason::Untrusted), unless
    /// [`trust_identity_when`](Self::trust_identity_when) or
    /// [`trust_when`](Self::trust_when) trusts it for the request.
    ///
    /// The argument is one [`Convention`](crate::Convention) or a [`ConventionSet`],
    /// such as [`conventions::clients()`](crate::conventions::clients).
    ///
    /// # Several layers
    ///
    /// - `Metadata` that an outer layer inserted, such as authentication or another
    ///   extracting layer, outranks every header.
    /// - An inner layer adds the fields that are missing and the faults that are new.
    /// - Untrusted identity is not a fault if the outer layer has the same value.
    /// - An inner layer rejects only what it reads itself. If an outer layer
    ///   [strips](Self::strip) the headers, the inner one has nothing to reject.
    #[must_use]
    pub fn extract(conventions: impl Into<ConventionSet>) -> Self {
        Self {
            mode: Extract(Arc::new(Settings {
                conventions: conventions.into(),
                trusted: Trusted::default(),
                requirements: Requirements::new(),
                fallback: Fallback::default(),
                strip: false,
            })),
        }
    }

    /// Removes every header that belongs to the conventions after reading, including
    /// look-alikes. A relay then does not forward it.
    ///
    /// Headers that others use too are kept: `traceparent`, `x-request-id`, and the
    /// members of `baggage` that are not read.
    ///
    /// Trailers are not stripped. A relay that forwards trailers must call
    /// [`ConventionSet::remove_from`] on each trailers frame.
    #[must_use]
    pub fn strip(self) -> Self {
        self.with(|settings| settings.strip = true)
    }

    /// Reports a request without this field as [`Reason::Missing`](crate::Reason::Missing).
    ///
    /// If the field is absent because its header is invalid, only that fault is
    /// reported. No request is rejected without [`reject_with`](Self::reject_with).
    ///
    /// ```
    /// use tower_metadata_headers::{MetadataHeadersLayer, ProjectId, TaskId, conventions};
    ///
    /// let layer = MetadataHeadersLayer::extract(conventions::clients())
    ///     .require::<TaskId>()
    ///     .require::<ProjectId>();
    /// ```
    #[must_use]
    pub fn require<F: Field>(self) -> Self {
        self.require_also(Requirements::field::<F>)
    }

    /// Reports a request without session, conversation and task as
    /// [`Reason::Missing`](crate::Reason::Missing); see [`Metadata::session`].
    ///
    /// `require::<SessionId>()` does not accept a conversation or a task instead.
    #[must_use]
    pub fn require_session(self) -> Self {
        self.require_also(Requirements::session)
    }

    /// Rejects a request with untrusted identity, with 403. Use it if no client has a
    /// reason to send identity.
    ///
    /// No request is rejected without [`reject_with`](Self::reject_with), which shows an
    /// example.
    #[must_use]
    pub fn reject_untrusted_identity(self) -> Self {
        self.require_also(Requirements::reject_untrusted_identity)
    }

    fn require_also(self, add: impl FnOnce(Requirements) -> Requirements) -> Self {
        self.with(|settings| {
            settings.requirements = add(std::mem::take(&mut settings.requirements));
        })
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.mode.0));
        self
    }
}

impl Extract {
    pub(super) fn settings(&self) -> &Settings {
        &self.0
    }
}

impl Settings {
    /// Reads a request's headers into its extensions, and returns the faults.
    pub(super) fn apply<B>(&self, request: &mut Request<B>) -> Faults {
        let trust = self.trusted.of(request);
        let earlier = request.extensions().get::<Metadata>();
        let mut followup = Followup::new(self.strip);
        let extracted =
            self.conventions
                .read_as(request.headers(), trust.as_ref(), earlier, &mut followup);
        let Extracted {
            metadata,
            mut faults,
        } = extracted;
        // Before `strip`, because removing a header moves the others. Some shared
        // headers remain after `strip`, so they are marked even then.
        if !followup.to_mark_sensitive.is_empty() {
            self.conventions
                .mark_sensitive(followup.to_mark_sensitive, request.headers_mut());
        }
        if let Some(removal) = followup.to_strip {
            #[cfg(feature = "tracing")]
            crate::tracing::report_removal(&removal);
            self.conventions.remove(removal, request.headers_mut());
        }
        let extensions = request.extensions_mut();
        let metadata = match extensions.get_mut::<Metadata>() {
            Some(earlier) => {
                earlier.merge(&metadata);
                earlier
            }
            None => extensions.get_or_insert_with(|| metadata),
        };
        self.requirements.add_missing(metadata, &mut faults);
        #[cfg(feature = "tracing")]
        if !faults.is_empty() {
            crate::tracing::report(&faults);
        }
        faults
    }
}

/// Inserts faults in the extensions, after those of other layers.
pub(super) fn insert_faults(faults: Faults, extensions: &mut Extensions) {
    if faults.is_empty() {
        return;
    }
    match extensions.get_mut::<Faults>() {
        Some(earlier) => earlier.append_new(faults),
        None => {
            extensions.insert(faults);
        }
    }
}

impl<S, B> Service<Request<B>> for MetadataHeaders<S, Extract>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let settings = self.mode.settings();
        let faults = settings.apply(&mut request);
        settings.fallback.add(&mut request);
        insert_faults(faults, request.extensions_mut());
        self.inner.call(request)
    }
}
