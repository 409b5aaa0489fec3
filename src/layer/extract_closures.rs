use http::request::Parts;

use super::{MetadataHeadersLayer, extract::Extract, fallback::Fallback, trusted::Trusted};
use crate::{Metadata, Trust};

/// Closures of the layer: trust in a request, and metadata that it does not have.
impl MetadataHeadersLayer<Extract> {
    /// Reads identity (project, organization, user, machine, tags and properties) from
    /// requests for which the predicate returns true.
    ///
    /// # Security
    ///
    /// Anyone can set a header, so the predicate must not depend on one. Use properties
    /// that the sender cannot choose: an extension that an authenticating layer inserted,
    /// or the peer's address or certificate.
    ///
    /// ```
    /// use tower_metadata_headers::{MetadataHeadersLayer, conventions};
    ///
    /// /// Extension that the layer that checks API keys inserts.
    /// #[derive(Clone)]
    /// struct InternalCaller;
    ///
    /// let layer = MetadataHeadersLayer::extract(conventions::clients())
    ///     .trust_identity_when(|parts| parts.extensions.get::<InternalCaller>().is_some());
    /// ```
    #[must_use]
    pub fn trust_identity_when<P>(self, trusted: P) -> Self
    where
        P: Fn(&Parts) -> bool + Send + Sync + 'static,
    {
        self.trust_when(move |parts| {
            if trusted(parts) {
                Trust::all()
            } else {
                Trust::none()
            }
        })
    }

    /// Reads the identity fields that the closure trusts for a request.
    ///
    /// This replaces [`trust_identity_when`](Self::trust_identity_when), which trusts all
    /// fields or none.
    ///
    /// # Security
    ///
    /// The closure must not depend on headers; see
    /// [`trust_identity_when`](Self::trust_identity_when).
    ///
    /// ```
    /// use tower_metadata_headers::{MetadataHeadersLayer, ProjectId, Trust, conventions};
    ///
    /// /// Extension that the layer that checks API keys inserts.
    /// #[derive(Clone)]
    /// enum Caller {
    ///     Service,
    ///     Person,
    /// }
    ///
    /// let layer = MetadataHeadersLayer::extract(conventions::clients()).trust_when(|parts| {
    ///     match parts.extensions.get::<Caller>() {
    ///         Some(Caller::Service) => Trust::all(),
    ///         Some(Caller::Person) => Trust::none().field::<ProjectId>(),
    ///         None => Trust::none(),
    ///     }
    /// });
    /// ```
    #[must_use]
    pub fn trust_when<P>(self, trusted: P) -> Self
    where
        P: Fn(&Parts) -> Trust + Send + Sync + 'static,
    {
        self.with(|settings| settings.trusted = Trusted::new(trusted))
    }

    /// Adds the metadata of the closure, for the fields that a request does not have.
    ///
    /// - Headers and earlier layers outrank it; see [`Metadata::generated`]. The fields that
    ///   are added are [generated](Metadata::is_generated).
    /// - It is added after the requirements are checked. A required field that only the
    ///   closure has is missing.
    /// - The closure is called for each request that is not rejected. The extensions have
    ///   the [`Metadata`] that was read.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// use tower_metadata_headers::{Metadata, MetadataHeadersLayer, RequestId, conventions};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let gateway = ServiceBuilder::new()
    ///     .layer(
    ///         MetadataHeadersLayer::extract(conventions::clients())
    ///             .fallback(|_| Metadata::new().with(RequestId::new())),
    ///     )
    ///     .service(service_fn(async |request: Request<()>| {
    ///         let metadata = request.extensions().get::<Metadata>().cloned();
    ///         Ok::<_, std::convert::Infallible>(Response::new(metadata.unwrap_or_default()))
    ///     }));
    ///
    /// let request = Request::get("/").header("x-request-id", "r-1").body(())?;
    /// let sent = gateway.clone().oneshot(request).await?.into_body();
    /// assert_eq!(sent.get::<RequestId>().unwrap().as_str(), "r-1");
    ///
    /// let generated = gateway.oneshot(Request::new(())).await?.into_body();
    /// assert!(generated.is_generated::<RequestId>());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Sessions
    ///
    /// A new [`RequestId`](crate::RequestId) for each request is right. A new
    /// [`SessionId`](crate::SessionId) for each request is not: an upstream that routes by
    /// session then sends each call of a conversation to another machine, where no prompt
    /// cache is warm, and logs show each call as a conversation. Generate a session only
    /// from what is the same for all calls of a conversation, for example a cookie.
    #[must_use]
    pub fn fallback<F>(self, make: F) -> Self
    where
        F: Fn(&Parts) -> Metadata + Send + Sync + 'static,
    {
        self.with(|settings| settings.fallback = Fallback::new(make))
    }
}
