//! Reading metadata from requests: the layer of a gateway.
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
//! Put it inside the layer that authenticates, and outside of everything that reads
//! metadata. With tower-http's `TraceLayer` inside, its span finds the session, and
//! headers that it prints are marked. With `TraceLayer` outside, a rejected request
//! has a span too.
//!
//! # What it does not do
//!
//! - It reads no trailers: they come after the request was routed and paid for.
//! - It rejects nothing unless
//!   [`reject_with`](super::MetadataHeadersLayer::reject_with) asks for it.
//! - It forwards nothing. Insert the [`Metadata`] in the upstream's request.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, request::Parts};
use tower_service::Service;

use super::{MetadataHeaders, MetadataHeadersLayer, parts::with_parts};
use crate::{ConventionSet, Extracted, Faults, Field, Metadata, Requirements, read::Trust};

/// Reads metadata from requests; see
/// [`MetadataHeadersLayer::extract`](super::MetadataHeadersLayer::extract).
#[derive(Clone)]
pub struct Extract {
    conventions: ConventionSet,
    trusted: Option<Trusted>,
    pub(super) requirements: Requirements,
    strip: bool,
}

type Trusted = Arc<dyn Fn(&Parts) -> bool + Send + Sync>;

impl MetadataHeadersLayer<Extract> {
    /// Reads the headers of these conventions, and puts [`Metadata`] in the
    /// request's extensions.
    ///
    /// It is always there, empty if nothing came. Headers that were ignored are
    /// reported in a second extension, [`Faults`], if there are any.
    ///
    /// Fields of correlation are read from anyone. Those of identity are reported
    /// as [`Reason::Untrusted`](crate::Reason::Untrusted), unless
    /// [`trust_identity_when`](Self::trust_identity_when) says otherwise.
    ///
    /// It takes one [`Convention`](crate::Convention) or a [`ConventionSet`],
    /// such as [`conventions::clients()`](crate::conventions::clients).
    ///
    /// # Several layers
    ///
    /// `Metadata` that an outer layer put there outranks every header, whether it
    /// is one that authenticates or one that extracts. An inner layer adds the
    /// fields that are missing and the faults that are new. Identity that it does
    /// not trust is no fault if the outer layer knows the same value. It rejects by
    /// what it reads itself, so a layer that [strips](Self::strip) leaves it
    /// nothing to reject.
    #[must_use]
    pub fn extract(conventions: impl Into<ConventionSet>) -> Self {
        Self {
            mode: Extract {
                conventions: conventions.into(),
                trusted: None,
                requirements: Requirements::new(),
                strip: false,
            },
        }
    }

    /// Reads identity (project, organization, user, machine and tags) from the
    /// requests for which the predicate returns true.
    ///
    /// # Security
    ///
    /// Anyone can type a header. Decide by what the sender can't choose: an extension
    /// that an authenticating layer left, or the peer's address or certificate.
    /// Never decide by another header.
    ///
    /// ```
    /// use tower_metadata_headers::{MetadataHeadersLayer, conventions};
    ///
    /// /// What the layer that checks keys leaves on a request.
    /// #[derive(Clone)]
    /// struct InternalCaller;
    ///
    /// let layer = MetadataHeadersLayer::extract(conventions::clients())
    ///     .trust_identity_when(|parts| parts.extensions.get::<InternalCaller>().is_some());
    /// ```
    #[must_use]
    pub fn trust_identity_when<P>(mut self, trusted: P) -> Self
    where
        P: Fn(&Parts) -> bool + Send + Sync + 'static,
    {
        self.mode.trusted = Some(Arc::new(trusted));
        self
    }

    /// Removes every header that belongs to the conventions after reading,
    /// look-alikes included, so that a relay does not forward it. Headers that others
    /// use too stay: `traceparent`, `x-request-id`, and the members of `baggage` that
    /// are not read.
    ///
    /// Trailers are not looked at. A relay that sends them on removes the same
    /// from each frame of them with [`ConventionSet::remove_from`].
    #[must_use]
    pub fn strip(mut self) -> Self {
        self.mode.strip = true;
        self
    }

    /// Reports a request without this field as [`Reason::Missing`](crate::Reason::Missing).
    ///
    /// If the field is absent because its header is invalid, only that fault is
    /// reported.
    ///
    /// By itself that rejects nothing; see [`reject_with`](Self::reject_with).
    #[must_use]
    pub fn require<F: Field>(mut self) -> Self {
        self.mode.requirements = self.mode.requirements.field::<F>();
        self
    }

    /// Reports a request that no id ties to a conversation, whatever its client
    /// calls it: see [`Metadata::session`].
    ///
    /// Unlike `require::<SessionId>()` it takes a client's task for a session.
    #[must_use]
    pub fn require_session(mut self) -> Self {
        self.mode.requirements = self.mode.requirements.session();
        self
    }

    /// Rejects untrusted identity like any other fault, with 403. Use it if no
    /// client has a reason to send any.
    ///
    /// By itself that rejects nothing; see [`reject_with`](Self::reject_with).
    #[must_use]
    pub fn reject_untrusted_identity(mut self) -> Self {
        self.mode.requirements = self.mode.requirements.reject_untrusted_identity();
        self
    }
}

impl Extract {
    /// Reads a request's headers into its extensions; gives back what is wrong
    /// with them.
    pub(super) fn apply<B>(&self, request: &mut Request<B>) -> Faults {
        let trust = self.trust(request);
        let earlier = request.extensions().get::<Metadata>();
        let read = self.conventions.read_as(request.headers(), trust, earlier);
        let (extracted, followup) = read;
        let Extracted {
            metadata,
            mut faults,
        } = extracted;
        // Before anything is removed, which moves the lines. What others use too
        // stays where the rest is stripped.
        if !followup.to_mark_sensitive.is_empty() {
            let hidden = followup.to_mark_sensitive;
            self.conventions
                .mark_sensitive(hidden, request.headers_mut());
        }
        if self.strip && followup.to_strip {
            self.conventions.remove_from(request.headers_mut());
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

    fn trust<B>(&self, request: &mut Request<B>) -> Trust {
        match &self.trusted {
            Some(trusted) if with_parts(request, |parts| trusted(parts)) => Trust::Identity,
            _ => Trust::CorrelationOnly,
        }
    }
}

/// Leaves on a request what is wrong with its metadata, behind what earlier
/// layers left.
pub(super) fn insert_faults<B>(faults: Faults, request: &mut Request<B>) {
    if faults.is_empty() {
        return;
    }
    let extensions = request.extensions_mut();
    match extensions.get_mut::<Faults>() {
        Some(earlier) => earlier.append_new(faults),
        None => {
            extensions.insert(faults);
        }
    }
}

impl fmt::Debug for Extract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extract")
            .field("conventions", &self.conventions)
            .field("requirements", &self.requirements)
            .field("strip", &self.strip)
            .finish_non_exhaustive()
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
        let faults = self.mode.apply(&mut request);
        insert_faults(faults, &mut request);
        self.inner.call(request)
    }
}
