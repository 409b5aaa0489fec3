use http::request::Parts;

use super::{MetadataHeadersLayer, extract::Extract, trusted::Trusted};
use crate::Trust;

/// Trust in the identity of a request.
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

    /// Reads the identity fields in which the closure trusts for a request.
    ///
    /// This replaces [`trust_identity_when`](Self::trust_identity_when), which trusts in all
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
    pub fn trust_when<P>(mut self, trusted: P) -> Self
    where
        P: Fn(&Parts) -> Trust + Send + Sync + 'static,
    {
        self.mode.trusted = Trusted::new(trusted);
        self
    }
}
