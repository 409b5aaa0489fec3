//! Layer of a client, which writes metadata to requests.
//!
//! ```
//! use http::{Request, Response};
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//! use tower_metadata_headers::{Destinations, Metadata, MetadataHeadersLayer, SessionId, conventions};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let destinations = Destinations::new().host("opencode.ai", conventions::opencode())?;
//! let mut client = ServiceBuilder::new()
//!     .layer(MetadataHeadersLayer::inject(destinations))
//!     .service(service_fn(async |request: Request<()>| {
//!         let session = request.headers()["x-opencode-session"].clone();
//!         Ok::<_, std::convert::Infallible>(Response::new(session))
//!     }));
//!
//! let mut request = Request::get("https://opencode.ai/zen/v1").body(())?;
//! request.extensions_mut().insert(Metadata::new().with(SessionId::try_from("ses_1")?));
//! let response = client.ready().await?.call(request).await?;
//! assert_eq!(response.into_body(), "ses_1");
//! # Ok(())
//! # }
//! ```
//!
//! # Order
//!
//! Put the layer innermost, inside redirects and retries. There it sees the URI of each
//! attempt, and selects the policy for each. If the layer must be outside tower-http's
//! `FollowRedirect`, add the policy `StripMetadata` (features `tower-http-06` and
//! `tower-http-07`).
//!
//! # tonic
//!
//! Around a tonic `Channel`, `Destinations` require a client with an origin
//! (`Client::with_origin`). Without one, the request's URI has no host.
//!
//! # reqwest
//!
//! `reqwest::Client` is a `Service<reqwest::Request>`, so `filter` converts the request
//! (`tower` with the features `filter` and `util`). Turn reqwest's redirects off: it
//! follows them inside the layer, which does not see the next host. Do not use reqwest's
//! own `connector_layer`: its layers see connections and no headers.
//!
//! ```
//! use tower::{BoxError, Service, ServiceBuilder};
//! use tower_metadata_headers::{Destinations, MetadataHeadersLayer};
//!
//! fn client(
//!     destinations: Destinations,
//! ) -> reqwest::Result<
//!     impl Service<http::Request<reqwest::Body>, Response = reqwest::Response, Error = BoxError>,
//! > {
//!     let client = reqwest::Client::builder()
//!         .redirect(reqwest::redirect::Policy::none())
//!         .build()?;
//!     Ok(ServiceBuilder::new()
//!         .layer(MetadataHeadersLayer::inject(destinations))
//!         .filter(|request: http::Request<reqwest::Body>| reqwest::Request::try_from(request))
//!         .service(client))
//! }
//! ```
//!
//! # Limitations
//!
//! - The layer writes no trailers.
//! - It writes nothing to a `CONNECT` request, unless
//!   [`on_connect`](super::MetadataHeadersLayer::on_connect) is set.
//! - It never fails a request. The fields that were not written are reported to
//!   [`on_unwritten`](super::MetadataHeadersLayer::on_unwritten), and with the feature
//!   `tracing` in one debug event.

use std::task::{Context, Poll};

use http::{Method, Request, Uri};
use tower_service::Service;

#[cfg(feature = "tokio")]
pub use super::source::FromCurrent;
pub use super::source::{FromExtension, FromParts, MetadataSource};
use super::{MetadataHeaders, MetadataHeadersLayer, on_unwritten::OnUnwritten};
use crate::{Destinations, Metadata, Provider, Reason, WriteReport, write::Existing};

/// Mode of a [`MetadataHeadersLayer`] that writes metadata to requests; see
/// [`inject`](super::MetadataHeadersLayer::inject).
#[derive(Clone, Debug)]
pub struct Inject<Src = FromExtension<Metadata>> {
    pub(super) destinations: Destinations,
    pub(super) source: Src,
    pub(super) existing: Existing,
    pub(super) on_connect: bool,
    pub(super) on_unwritten: OnUnwritten,
}

/// Extension of a request that a redirect has led to another origin. The layer writes
/// nothing to such a request.
#[cfg(any(feature = "tower-http-06", feature = "tower-http-07"))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct CrossedOrigin;

impl<Src> Inject<Src> {
    /// Returns the reason why a request gets no metadata for any host.
    #[inline]
    fn refusal<B>(&self, request: &Request<B>) -> Option<Reason> {
        #[cfg(any(feature = "tower-http-06", feature = "tower-http-07"))]
        if request.extensions().get::<CrossedOrigin>().is_some() {
            return Some(Reason::CrossOrigin);
        }
        (!self.on_connect && request.method() == Method::CONNECT).then_some(Reason::Connect)
    }
}

impl<Src> Inject<Src> {
    /// Returns the provider that a request names, if it may decide.
    #[inline]
    fn provider<'r, B>(&self, request: &'r Request<B>) -> Option<&'r str> {
        if !self.destinations.has_proxies() {
            return None;
        }
        request.extensions().get().map(Provider::name)
    }
}

impl MetadataHeadersLayer<Inject> {
    /// Creates a layer that writes the [`Metadata`] in a request's extensions to its
    /// headers.
    ///
    /// [`Destinations`] select the convention by the host of each request.
    ///
    /// Every header that belongs to the conventions is removed first, even if there is
    /// no metadata to write. No stale or forged header is sent, and each header has one
    /// field line.
    ///
    /// # Security
    ///
    /// A single [`Convention`](crate::Convention) **sends to every host**, over any
    /// scheme, and after any redirect. Use one only if all hosts are your own.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// use tower_metadata_headers::{Destinations, Metadata, MetadataHeadersLayer, TaskId, conventions};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let destinations = Destinations::new().host("opencode.ai", conventions::opencode())?;
    /// let client = ServiceBuilder::new()
    ///     .layer(MetadataHeadersLayer::inject(destinations))
    ///     .service(service_fn(async |request: Request<()>| {
    ///         let sent = request.headers().get("x-opencode-session").cloned();
    ///         Ok::<_, std::convert::Infallible>(Response::new(sent))
    ///     }));
    ///
    /// for (uri, sent) in [("https://opencode.ai/", Some("t-1")), ("https://evil.example/", None)] {
    ///     let mut request = Request::get(uri).body(())?;
    ///     request.extensions_mut().insert(Metadata::new().with(TaskId::try_from("t-1")?));
    ///     let response = client.clone().oneshot(request).await?;
    ///     assert_eq!(response.into_body().as_ref().map(|value| value.as_bytes()), sent.map(str::as_bytes));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn inject(destinations: impl Into<Destinations>) -> Self {
        Self {
            mode: Inject {
                destinations: destinations.into().compiled(),
                source: FromExtension::new(),
                existing: Existing::Removed,
                on_connect: false,
                on_unwritten: OnUnwritten::default(),
            },
        }
    }
}

impl<Src> MetadataHeadersLayer<Inject<Src>> {
    /// Keeps the metadata headers that a request already has, and writes only the
    /// missing ones. Use it if a client's users set headers by hand.
    ///
    /// ```
    /// use tower_metadata_headers::{MetadataHeadersLayer, conventions};
    ///
    /// let layer = MetadataHeadersLayer::inject(conventions::zoo_code()).if_not_present();
    /// ```
    ///
    /// # Security
    ///
    /// Headers that are set by hand are sent to every host. Only `StripMetadata` (features
    /// `tower-http-06` and `tower-http-07`) removes them, after a redirect to another
    /// origin.
    #[must_use]
    pub fn if_not_present(mut self) -> Self {
        self.mode.existing = Existing::Kept;
        self
    }

    /// Writes to `CONNECT` requests too.
    ///
    /// By default a `CONNECT` request gets no metadata, because the proxy that opens the
    /// tunnel reads its headers in clear text. Headers that belong to the conventions are
    /// removed from it in any case. An extended `CONNECT` (RFC 8441), which opens a
    /// WebSocket over HTTP/2, is treated the same.
    ///
    /// The URI of a `CONNECT` request has no scheme, so it is not `https`. Its
    /// [`HostPolicy`](crate::HostPolicy) must also
    /// [allow `http`](crate::HostPolicy::allow_http).
    ///
    /// ```
    /// use tower_metadata_headers::{Convention, MetadataHeadersLayer};
    ///
    /// // For your own proxy, which bills by session.
    /// let layer = MetadataHeadersLayer::inject(Convention::vendor("acme")?).on_connect();
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    #[must_use]
    pub fn on_connect(mut self) -> Self {
        self.mode.on_connect = true;
        self
    }

    /// Calls a closure for each request whose metadata is not written in full, with the
    /// report and the request's URI.
    ///
    /// The report says why each field is not written: its destination is unknown or gets no
    /// identity, or the convention has no header for it. Neither the report nor its
    /// `Display` contains a value.
    ///
    /// ```
    /// use std::sync::{Arc, atomic::{AtomicUsize, Ordering}};
    ///
    /// use http::{Request, Response};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// use tower_metadata_headers::{Destinations, Metadata, MetadataHeadersLayer, TaskId};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let unknown_hosts = Arc::new(AtomicUsize::new(0));
    /// let counter = Arc::clone(&unknown_hosts);
    /// let client = ServiceBuilder::new()
    ///     .layer(
    ///         MetadataHeadersLayer::inject(Destinations::new()).on_unwritten(move |report, uri| {
    ///             eprintln!("{}: {}", uri.host().unwrap_or("no host"), report.faults());
    ///             counter.fetch_add(1, Ordering::Relaxed);
    ///         }),
    ///     )
    ///     .service(service_fn(async |_: Request<()>| {
    ///         Ok::<_, std::convert::Infallible>(Response::new(()))
    ///     }));
    ///
    /// let mut request = Request::get("https://unknown.example/").body(())?;
    /// request.extensions_mut().insert(Metadata::new().with(TaskId::try_from("t-1")?));
    /// client.oneshot(request).await?;
    /// assert_eq!(unknown_hosts.load(Ordering::Relaxed), 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_unwritten<F>(mut self, report: F) -> Self
    where
        F: Fn(&WriteReport<'_>, &Uri) + Send + Sync + 'static,
    {
        self.mode.on_unwritten = OnUnwritten::new(report);
        self
    }
}

impl<Src: MetadataSource> Inject<Src> {
    /// Writes the metadata to a request's headers.
    #[inline]
    pub(super) fn apply<B>(&self, request: &mut Request<B>) {
        let Self {
            destinations,
            source,
            existing,
            ..
        } = self;
        let refusal = self.refusal(request);
        let existing = match refusal {
            // A header that was set by hand was meant for the first origin.
            Some(Reason::CrossOrigin) => Existing::Removed,
            _ => *existing,
        };
        let metadata = source.metadata(request);
        match metadata.filter(|metadata| !metadata.is_empty()) {
            Some(metadata) => {
                let decision = match refusal {
                    None => destinations.decide(request.uri(), self.provider(request)),
                    Some(reason) => destinations.refuse(reason),
                };
                let written = decision.write(&metadata, request.headers_mut(), existing);
                #[cfg(feature = "tracing")]
                crate::tracing::report_write(&written);
                self.on_unwritten.call(&written, request.uri());
            }
            None => destinations.prepare(request.headers_mut(), existing),
        }
    }

    /// Returns true if the request's destination has a policy, and the request may get
    /// metadata.
    pub(super) fn has_policy<B>(&self, request: &Request<B>) -> bool {
        let is_known = || {
            let provider = self.provider(request);
            self.destinations.has_policy(request.uri(), provider)
        };
        self.refusal(request).is_none() && is_known()
    }
}

impl<S, B, Src> Service<Request<B>> for MetadataHeaders<S, Inject<Src>>
where
    S: Service<Request<B>>,
    Src: MetadataSource,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        self.mode.apply(&mut request);
        self.inner.call(request)
    }
}
