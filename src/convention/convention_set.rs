use std::{fmt, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue};

use super::Convention;
use crate::{
    Metadata,
    header_set::{Removal, pairs::Headers},
    limits::RequestLimits,
    read::{Extracted, Followup, Hidden, ReadPlan, Trust},
};

/// Set of conventions, whose headers are read in one pass.
///
/// If two headers carry the same field, the earlier convention takes precedence. Within one
/// convention, the earlier rule takes precedence. The cost depends on the headers of the request, and not
/// on the number of conventions. A clone costs one atomic operation.
///
/// Only the header section is read. Trailers are ignored, because they arrive after the
/// request was routed and paid for.
#[derive(Clone)]
pub struct ConventionSet {
    inner: Arc<Inner>,
    request_limits: RequestLimits,
}

struct Inner {
    plan: ReadPlan,
    /// The conventions, in order of precedence.
    conventions: Vec<Convention>,
}

impl ConventionSet {
    /// Creates a set of these conventions, in order of precedence.
    ///
    /// ```
    /// use tower_metadata_headers::{ConventionSet, RequestLimits, conventions};
    ///
    /// let set = ConventionSet::new([conventions::opencode(), conventions::w3c()])
    ///     .request_limits(RequestLimits::new().max_headers(8));
    /// assert_eq!(set.conventions().count(), 2);
    /// ```
    #[must_use]
    pub fn new(conventions: impl IntoIterator<Item = Convention>) -> Self {
        let conventions: Vec<Convention> = conventions.into_iter().collect();
        let inner = Inner {
            plan: ReadPlan::new(conventions.iter().map(Convention::definition)),
            conventions,
        };
        Self {
            inner: Arc::new(inner),
            request_limits: RequestLimits::new(),
        }
    }

    /// Adds a convention that takes precedence over all others in the set. Use this for an
    /// operator's own clients.
    ///
    /// ```
    /// use tower_metadata_headers::{Convention, conventions};
    ///
    /// let clients = conventions::clients().prefer(Convention::vendor("acme")?);
    /// assert_eq!(clients.conventions().next().unwrap().name(), "acme");
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    #[must_use]
    pub fn prefer(&self, convention: Convention) -> Self {
        let others = self.inner.conventions.iter().cloned();
        Self::new([convention].into_iter().chain(others)).request_limits(self.request_limits)
    }

    /// Adds a convention over which all others in the set take precedence.
    ///
    /// ```
    /// use tower_metadata_headers::conventions;
    ///
    /// let clients = conventions::clients().then(conventions::helicone());
    /// assert_eq!(clients.conventions().last().unwrap().name(), "helicone");
    /// ```
    #[must_use]
    pub fn then(&self, convention: Convention) -> Self {
        let others = self.inner.conventions.iter().cloned();
        Self::new(others.chain([convention])).request_limits(self.request_limits)
    }

    /// Adds a convention at its [precedence](Convention::precedence): before those of lower
    /// precedence, and after all others. A convention without one is added last.
    ///
    /// ```
    /// use tower_metadata_headers::{Convention, Precedence, conventions};
    ///
    /// let acme = Convention::vendor("acme")?.to_builder().precedence(Precedence::Proxy).build()?;
    /// let names = conventions::clients().insert(acme);
    /// let names: Vec<_> = names.conventions().map(Convention::name).collect();
    /// let at = |name| names.iter().position(|known| *known == name);
    /// assert!(at("litellm") < at("acme") && at("acme") < at("w3c"));
    /// # Ok::<(), tower_metadata_headers::InvalidConvention>(())
    /// ```
    #[must_use]
    pub fn insert(&self, convention: Convention) -> Self {
        let mut conventions = self.inner.conventions.clone();
        insert(&mut conventions, convention);
        Self::new(conventions).request_limits(self.request_limits)
    }

    /// Sets the limits on the metadata of one request.
    #[must_use]
    pub fn request_limits(self, request_limits: RequestLimits) -> Self {
        Self {
            request_limits,
            ..self
        }
    }

    #[cfg(feature = "serde")]
    pub(crate) const fn limits(&self) -> RequestLimits {
        self.request_limits
    }

    /// Returns an iterator over the conventions, in order of precedence.
    pub fn conventions(&self) -> impl Iterator<Item = &Convention> {
        self.inner.conventions.iter()
    }

    /// Reads the correlation fields from the headers. Identity fields are untrusted, and
    /// are reported as [`Reason::Untrusted`](crate::Reason::Untrusted).
    ///
    /// A field whose header is repeated, malformed, ambiguous or nominated by `Connection`
    /// is left empty and reported. Other fields are not affected. No fault contains a
    /// value.
    #[must_use]
    pub fn read(&self, headers: &HeaderMap) -> Extracted {
        self.read_only(headers, None)
    }

    /// Reads all fields, identity included, from the headers of a trusted request.
    ///
    /// # Security
    ///
    /// Anyone can set a header. Use this only for a sender that you have
    /// authenticated, and that may name any user or project.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use tower_metadata_headers::{ProjectId, conventions};
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-opencode-project", HeaderValue::from_static("acme/web"));
    /// let extracted = conventions::clients().read_trusted(&headers);
    /// assert_eq!(extracted.metadata.get::<ProjectId>().unwrap(), "acme/web");
    /// ```
    #[must_use]
    pub fn read_trusted(&self, headers: &HeaderMap) -> Extracted {
        self.read_with(headers, &Trust::all())
    }

    /// Reads the correlation fields and the trusted identity fields from the headers.
    ///
    /// # Security
    ///
    /// Anyone can set a header. Trust a field only if you have authenticated the sender,
    /// and the sender may choose its value.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use tower_metadata_headers::{ProjectId, Trust, conventions};
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-opencode-project", HeaderValue::from_static("acme/web"));
    /// let trust = Trust::none().field::<ProjectId>();
    /// let extracted = conventions::clients().read_with(&headers, &trust);
    /// assert_eq!(extracted.metadata.get::<ProjectId>().unwrap(), "acme/web");
    /// ```
    #[must_use]
    pub fn read_with(&self, headers: &HeaderMap, trust: &Trust) -> Extracted {
        self.read_only(headers, Some(trust))
    }

    /// Reads the correlation fields from headers as pairs of name and value: see
    /// [`read`](Self::read).
    ///
    /// If a value has a byte that is not valid in a header, the value is invalid. If there
    /// are more than 24,576 headers, nothing is read, and one fault has the reason
    /// [`HeaderMapFull`](crate::Reason::HeaderMapFull).
    ///
    /// ```
    /// use tower_metadata_headers::{TaskId, conventions};
    ///
    /// let headers = [("X-KiloCode-TaskId", "t-1"), ("Accept", "*/*")];
    /// let extracted = conventions::clients().read_pairs(headers);
    /// assert_eq!(extracted.metadata.get::<TaskId>().unwrap().as_str(), "t-1");
    /// ```
    #[must_use]
    pub fn read_pairs<N, V>(&self, headers: impl IntoIterator<Item = (N, V)>) -> Extracted
    where
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        self.read_pairs_with(headers, &Trust::none())
    }

    /// Reads all fields, identity included, from the headers of a trusted request as pairs
    /// of name and value: see [`read_pairs`](Self::read_pairs).
    ///
    /// # Security
    ///
    /// Anyone can set a header. Use this only for a sender that you have
    /// authenticated, and that may name any user or project.
    ///
    /// ```
    /// use tower_metadata_headers::{ProjectId, conventions};
    ///
    /// let headers = [("X-OpenCode-Project", "acme/web")];
    /// let extracted = conventions::clients().read_trusted_pairs(headers);
    /// assert_eq!(extracted.metadata.get::<ProjectId>().unwrap(), "acme/web");
    /// ```
    #[must_use]
    pub fn read_trusted_pairs<N, V>(&self, headers: impl IntoIterator<Item = (N, V)>) -> Extracted
    where
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        self.read_pairs_with(headers, &Trust::all())
    }

    /// Reads the correlation fields and the trusted identity fields from headers as pairs of
    /// name and value: see [`read_with`](Self::read_with) and
    /// [`read_pairs`](Self::read_pairs).
    #[must_use]
    pub fn read_pairs_with<N, V>(
        &self,
        headers: impl IntoIterator<Item = (N, V)>,
        trust: &Trust,
    ) -> Extracted
    where
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        match Headers::from_pairs(headers) {
            Ok(headers) => self.read_only(&headers.map, Some(trust)),
            Err(reason) => Extracted::nothing(reason),
        }
    }

    /// Removes every header of these conventions, look-alikes included, even if it cannot
    /// be read.
    ///
    /// Other software uses `traceparent`, `x-request-id` and `baggage` too, so these headers
    /// stay. Only the members of `baggage` that are read are removed.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use tower_metadata_headers::conventions;
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-opencode-session", HeaderValue::from_static("ses_1"));
    /// headers.insert("x-request-id", HeaderValue::from_static("r-1"));
    /// conventions::clients().remove_from(&mut headers);
    /// assert_eq!(headers.len(), 1);
    /// ```
    pub fn remove_from(&self, headers: &mut HeaderMap) {
        self.inner.plan.remove_from(headers);
    }

    /// Returns the header that carries [`Metadata::session`], with the session, if the
    /// session is its whole value.
    pub(crate) fn session_header(&self, headers: &HeaderMap) -> Option<(HeaderName, HeaderValue)> {
        self.inner.plan.session_header(headers, self.request_limits)
    }

    fn read_only(&self, headers: &HeaderMap, trust: Option<&Trust>) -> Extracted {
        self.read_as(headers, trust, None, &mut Followup::new(false))
    }

    /// Reads the headers of a request. An earlier layer may have read the metadata in
    /// `earlier` from it.
    pub(crate) fn read_as(
        &self,
        headers: &HeaderMap,
        trust: Option<&Trust>,
        earlier: Option<&Metadata>,
        followup: &mut Followup,
    ) -> Extracted {
        let limits = self.request_limits;
        self.inner
            .plan
            .read(headers, trust, earlier, limits, followup)
    }

    /// Removes the headers that reading has found, as [`remove_from`](Self::remove_from) does.
    pub(crate) fn remove(&self, removal: Removal, headers: &mut HeaderMap) {
        self.inner.plan.remove(removal, headers);
    }

    /// Marks the values of sensitive fields that stay on the request, so that `Debug` does
    /// not show them.
    pub(crate) fn mark_sensitive(&self, hidden: Hidden, headers: &mut HeaderMap) {
        self.inner.plan.mark_sensitive(hidden, headers);
    }
}

/// Inserts a convention in a list at its precedence.
pub(crate) fn insert(conventions: &mut Vec<Convention>, convention: Convention) {
    let is_lower = |other: &Convention| {
        let own = convention.precedence();
        own.is_some() && other.precedence().is_some_and(|other| Some(other) > own)
    };
    let at = conventions.iter().position(is_lower);
    conventions.insert(at.unwrap_or(conventions.len()), convention);
}

impl From<Convention> for ConventionSet {
    fn from(convention: Convention) -> Self {
        Self::new([convention])
    }
}

impl FromIterator<Convention> for ConventionSet {
    fn from_iter<I: IntoIterator<Item = Convention>>(conventions: I) -> Self {
        Self::new(conventions)
    }
}

/// Two sets are equal if they have equal conventions in the same order, and the same limits.
impl PartialEq for ConventionSet {
    fn eq(&self, other: &Self) -> bool {
        self.request_limits == other.request_limits
            && self.inner.conventions == other.inner.conventions
    }
}

impl Eq for ConventionSet {}

impl fmt::Debug for ConventionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.conventions().map(Convention::name).collect();
        f.debug_tuple("ConventionSet").field(&names).finish()
    }
}
