use std::sync::Arc;

use http::{HeaderMap, Uri};

use super::{
    changes::HeaderChanges,
    host::{self, InvalidHost},
    policies::{Decision, Policies},
    policy::HostPolicy,
    target::Target,
};
use crate::{
    Convention, Metadata, Reason, WriteReport, header_set::pairs::Headers, write::Existing,
};

/// Conventions and policies by destination host.
///
/// - The destination is the host of each request's URI. After a redirect, a retry or a
///   failover to another host, the policy of that host applies.
/// - A host that no entry matches gets no metadata, and neither does a request whose URI
///   has no host.
/// - Headers that belong to any of the conventions are removed first, for every URI.
///
/// [`MetadataHeadersLayer::inject`](crate::MetadataHeadersLayer::inject) takes
/// `Destinations`. Without Tower, [`write`](Self::write) does the same:
///
/// ```
/// use http::{HeaderMap, Uri};
/// use tower_metadata_headers::{
///     HostPolicy, Destinations, Metadata, ProjectId, Reason, SessionId, conventions,
/// };
///
/// let destinations = Destinations::new()
///     .host("litellm.internal:4000", HostPolicy::new(conventions::litellm()).allow_http())?
///     .host("opencode.ai", HostPolicy::new(conventions::opencode()).without_identity())?;
/// let metadata = Metadata::new()
///     .with(SessionId::try_from("ses_1")?)
///     .with(ProjectId::try_from("acme/web")?);
///
/// let mut headers = HeaderMap::new();
/// let zen = Uri::from_static("https://opencode.ai/zen/v1");
/// let written = destinations.write(&zen, &metadata, &mut headers);
/// assert_eq!(headers["x-opencode-session"], "ses_1");
/// assert!(!written.contains::<ProjectId>());
///
/// // The same headers, sent to another host.
/// let evil = Uri::from_static("https://opencode.ai.evil.example/");
/// let written = destinations.write(&evil, &metadata, &mut headers);
/// assert!(headers.is_empty());
/// assert!(written.faults().iter().all(|fault| fault.reason() == Reason::UnknownDestination));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A clone costs one atomic operation.
#[derive(Clone, Debug, Default)]
#[must_use = "destinations have no effect until metadata is written with them"]
pub struct Destinations(pub(super) Arc<Policies>);

impl Destinations {
    /// Creates an empty set: no host gets metadata.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a host with its convention or [`HostPolicy`]. If several entries match, the
    /// first is used.
    ///
    /// - `opencode.ai` matches that host only. `*.openrouter.ai` matches every host below
    ///   that name, and not the name itself.
    /// - Without a port, the scheme's default port matches: 443 for `https` and `wss`, 80
    ///   for `http` and `ws`. `host:8080` matches that port only, and `host:*` any port.
    /// - Metadata is written over `https` and `wss` only, on any port, unless the
    ///   [`HostPolicy`] allows `http` or the host is a loopback host.
    /// - Names are compared without case and without a trailing dot. IPv6 addresses are
    ///   in brackets (`[::1]:8080`) and compared by value. An international name is
    ///   written in ASCII: `xn--…`.
    ///
    /// # Errors
    ///
    /// Returns an error if the host is empty, or has a scheme, userinfo, a path, an invalid
    /// label or address, a name longer than 253 bytes, a `*` that is not the whole first
    /// label, or a port that is neither a number from 1 to 65535 nor `*`.
    pub fn host(mut self, host: &str, policy: impl Into<HostPolicy>) -> Result<Self, InvalidHost> {
        let (host, port) = host::parse(host)?;
        Arc::make_mut(&mut self.0).add(host, port, policy.into());
        Ok(self)
    }

    /// Sets the policy for every other host.
    ///
    /// ```
    /// use http::Uri;
    /// use tower_metadata_headers::{Convention, Destinations, HostPolicy, conventions};
    ///
    /// let destinations = Destinations::new()
    ///     .host("opencode.ai", conventions::opencode())?
    ///     .fallback(Convention::vendor("acme")?);
    /// let gateway = Uri::from_static("https://gateway.acme.example/v1");
    /// assert_eq!(destinations.policy_for(&gateway).map(HostPolicy::name), Some("acme"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Security
    ///
    /// Every other host includes any host that a redirect leads to. Use a fallback only
    /// if every destination is your own.
    pub fn fallback(mut self, policy: impl Into<HostPolicy>) -> Self {
        Arc::make_mut(&mut self.0).set_fallback(policy.into());
        self
    }

    /// Returns the policy for a request to this URI, or `None` if the request gets no
    /// metadata. The host of a [proxy](Self::proxy) has no policy of its own.
    ///
    /// ```
    /// use http::Uri;
    /// use tower_metadata_headers::{HostPolicy, Destinations, conventions};
    ///
    /// let destinations = Destinations::new()
    ///     .host("opencode.ai", conventions::opencode())?
    ///     .host("*.openrouter.ai", conventions::openrouter())?;
    ///
    /// let name = |uri: &'static str| {
    ///     let found = destinations.policy_for(&Uri::from_static(uri));
    ///     found.map(HostPolicy::name)
    /// };
    /// assert_eq!(name("https://OpenCode.AI:443/zen/v1"), Some("opencode"));
    /// assert_eq!(name("https://eu.openrouter.ai/api"), Some("openrouter"));
    /// assert_eq!(name("https://evilopencode.ai/"), None);
    /// assert_eq!(name("https://opencode.ai@evil.example/"), None);
    /// # Ok::<(), tower_metadata_headers::InvalidHost>(())
    /// ```
    #[must_use]
    pub fn policy_for(&self, uri: &Uri) -> Option<&HostPolicy> {
        self.0.policy_for(uri, None).ok()
    }

    /// Writes the metadata to the headers of a request to this target, and reports the
    /// result for each field. The injecting layer does the same:
    ///
    /// 1. Every header that belongs to one of the conventions is removed, including
    ///    look-alikes, for every target.
    /// 2. If a [`HostPolicy`] matches the target, the fields that it allows are written.
    ///
    /// Call `write` for each request, redirect and retry, with its own URI. For a
    /// `CONNECT` request, call [`remove_from`](Self::remove_from) instead, because a
    /// proxy reads its headers in clear text.
    ///
    /// A [`Target`] is a `&Uri`, or the name of a provider.
    pub fn write<'a, 'm>(
        &self,
        target: impl Into<Target<'a>>,
        metadata: &'m Metadata,
        headers: &mut HeaderMap,
    ) -> WriteReport<'m> {
        let decision = self.0.decide_target(target.into());
        decision.write(metadata, headers, Existing::Removed)
    }

    /// Returns the changes that [`write`](Self::write) makes to headers that are pairs of
    /// name and value, such as the map of an SDK.
    ///
    /// If there are more than 24,576 headers, nothing is written, and each field is
    /// reported as [`Reason::HeaderMapFull`].
    pub fn changes<'a, 'm, N, V>(
        &self,
        target: impl Into<Target<'a>>,
        metadata: &'m Metadata,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> HeaderChanges<'m>
    where
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        match Headers::from_pairs(headers) {
            Ok(before) => {
                let mut after = before.map.clone();
                let report = self.write(target, metadata, &mut after);
                HeaderChanges::new(&before, &after, report)
            }
            Err(reason) => HeaderChanges::none(WriteReport::nothing(metadata, reason)),
        }
    }

    /// Writes only the headers that are not present, and removes none. Use it if a
    /// client's users set headers by hand.
    ///
    /// ```
    /// use http::{HeaderMap, Uri};
    /// use tower_metadata_headers::{Destinations, Metadata, SessionId, conventions};
    ///
    /// let destinations = Destinations::new().host("opencode.ai", conventions::opencode())?;
    /// let metadata = Metadata::new().with(SessionId::try_from("ses_1")?);
    /// let zen = Uri::from_static("https://opencode.ai/zen/v1");
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-opencode-session", "by-hand".parse()?);
    /// destinations.write_if_not_present(&zen, &metadata, &mut headers);
    /// assert_eq!(headers["x-opencode-session"], "by-hand");
    ///
    /// destinations.remove_from(&mut headers);
    /// assert!(headers.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_if_not_present<'a, 'm>(
        &self,
        target: impl Into<Target<'a>>,
        metadata: &'m Metadata,
        headers: &mut HeaderMap,
    ) -> WriteReport<'m> {
        let decision = self.0.decide_target(target.into());
        decision.write(metadata, headers, Existing::Kept)
    }

    /// Removes every header of the conventions, including look-alikes.
    pub fn remove_from(&self, headers: &mut HeaderMap) {
        self.0.owned().remove_from(headers);
    }

    /// Computes the owned headers now, so that the first write need not.
    pub(crate) fn compiled(self) -> Self {
        self.0.owned();
        self
    }

    /// Prepares the headers for writing.
    #[inline]
    pub(crate) fn prepare(&self, headers: &mut HeaderMap, existing: Existing) {
        self.0.prepare(headers, existing);
    }

    /// Decides on a request to this URI. The decision does not borrow the URI, so the
    /// request's headers can be changed afterwards.
    #[inline]
    pub(crate) fn decide(&self, uri: &Uri, provider: Option<&str>) -> Decision<'_> {
        self.0.decide(uri, provider)
    }

    /// Returns true if the provider of a request may decide.
    #[inline]
    pub(crate) fn has_proxies(&self) -> bool {
        !self.0.proxies().is_empty()
    }

    /// Returns true if a request to this URI may get metadata.
    pub(crate) fn has_policy(&self, uri: &Uri, provider: Option<&str>) -> bool {
        self.0.policy_for(uri, provider).is_ok()
    }

    /// Returns the decision that a request gets no metadata for any host.
    #[inline]
    pub(crate) fn refuse(&self, reason: Reason) -> Decision<'_> {
        self.0.refuse(reason)
    }
}

/// The convention is sent to every host, over any scheme, and after any redirect. Add
/// hosts one by one unless all of them are your own.
impl From<Convention> for Destinations {
    fn from(convention: Convention) -> Self {
        Self::new().fallback(HostPolicy::new(convention).allow_http())
    }
}

/// The policy applies to every host, and after any redirect.
impl From<HostPolicy> for Destinations {
    fn from(policy: HostPolicy) -> Self {
        Self::new().fallback(policy)
    }
}
