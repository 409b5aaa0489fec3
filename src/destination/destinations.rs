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
    Convention, Metadata, Reason, WriteReport, conventions, header_set::pairs::Headers,
    write::Existing,
};

/// Policies by destination: which host gets which convention, and how much of it.
///
/// The destination is that of each request's URI, so a redirect, a retry or a
/// failover to another host takes nothing along that is not meant for it. A
/// host that matches nothing gets nothing, as does a request whose URI has no
/// host. The headers that belong to any of the conventions are removed first,
/// wherever the request goes.
///
/// [`MetadataHeadersLayer::inject`](crate::MetadataHeadersLayer::inject) writes
/// by it. Without Tower, [`write`](Self::write) does the same:
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
/// // The same headers, sent elsewhere.
/// let evil = Uri::from_static("https://opencode.ai.evil.example/");
/// let written = destinations.write(&evil, &metadata, &mut headers);
/// assert!(headers.is_empty());
/// assert!(written.faults().iter().all(|fault| fault.reason() == Reason::UnknownDestination));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A clone costs one atomic.
#[derive(Clone, Debug, Default)]
#[must_use = "destinations do nothing until something is written by them"]
pub struct Destinations(Arc<Policies>);

impl Destinations {
    /// Creates an empty set: nothing is written anywhere.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the public hosts of providers, each in its own convention, over
    /// `https`, and without identity.
    ///
    /// They are the hosts of [`opencode`], [`grok`], [`openrouter`],
    /// [`helicone`], [`fireworks`], [`vertex`], [`openai`], [`azure_openai`] and
    /// [`llm_gateway`], whatever features are on.
    ///
    /// They are added as [providers](Self::provider) too, by the names that
    /// [`Convention::by_name`] knows.
    ///
    /// To send identity to one of them, name its host before: of several entries
    /// that match, the first counts.
    ///
    /// All of their headers are removed from every request first: also an app's
    /// own `x-session-id`, wherever it goes.
    ///
    /// ```
    /// use http::{HeaderMap, Uri};
    /// use tower_metadata_headers::{Destinations, Metadata, SessionId, UserId, conventions};
    ///
    /// let destinations = Destinations::new()
    ///     .host("gateway.helicone.ai", conventions::helicone())?
    ///     .with_known_providers();
    /// let metadata = Metadata::new()
    ///     .with(SessionId::try_from("ses_1")?)
    ///     .with(UserId::try_from("ada@example.com")?);
    /// let mut headers = HeaderMap::new();
    ///
    /// let known = Uri::from_static("https://ai-gateway.helicone.ai/v1");
    /// destinations.write(&known, &metadata, &mut headers);
    /// assert_eq!(headers["helicone-session-id"], "ses_1");
    /// assert!(!headers.contains_key("helicone-user-id"));
    ///
    /// let named = Uri::from_static("https://gateway.helicone.ai/v1");
    /// destinations.write(&named, &metadata, &mut headers);
    /// assert_eq!(headers["helicone-user-id"], "ada@example.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [`opencode`]: crate::conventions::opencode
    /// [`grok`]: crate::conventions::grok
    /// [`openrouter`]: crate::conventions::openrouter
    /// [`helicone`]: crate::conventions::helicone
    /// [`fireworks`]: crate::conventions::fireworks
    /// [`vertex`]: crate::conventions::vertex
    /// [`openai`]: crate::conventions::openai
    /// [`azure_openai`]: crate::conventions::azure_openai
    /// [`llm_gateway`]: crate::conventions::llm_gateway
    pub fn with_known_providers(mut self) -> Self {
        // By name, so that no feature that another crate turns on adds to it.
        let known = [
            conventions::opencode(),
            conventions::grok(),
            conventions::openrouter(),
            conventions::helicone(),
            conventions::fireworks(),
            conventions::vertex(),
            conventions::openai(),
            conventions::azure_openai(),
            conventions::llm_gateway(),
        ];
        for convention in known {
            let policy = HostPolicy::new(convention.clone()).without_identity();
            let policies = Arc::make_mut(&mut self.0);
            policies.add_provider(convention.name(), policy.clone());
            for alias in conventions::aliases(&convention) {
                policies.add_provider(alias, policy.clone());
            }
            for host in convention.hosts() {
                // A test holds the table's hosts sound.
                if let Ok((host, port)) = host::parse(host) {
                    Arc::make_mut(&mut self.0).add(host, port, policy.clone());
                }
            }
        }
        self
    }

    /// Adds a host, with a convention or a [`HostPolicy`]. Of several hosts that
    /// match, the first counts.
    ///
    /// - `opencode.ai` is that host alone, `*.openrouter.ai` every host below
    ///   that name and not the name itself.
    /// - Without a port it is the scheme's own: 443 for `https` and `wss`, 80
    ///   for `http` and `ws`. `host:8080` is that port alone, `host:*` any.
    /// - It is written over `https` or `wss` alone, whatever the port, unless the
    ///   [`HostPolicy`] allows `http` or the host is this machine.
    /// - Names are compared without case and without a trailing dot, IPv6
    ///   addresses in brackets (`[::1]:8080`) by their value. International
    ///   names are written as a URI has them: `xn--…`.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is no host: if it is empty, has a scheme, a path or
    /// userinfo, a `*` that is not its first label, or a port that is no
    /// number from 1 to 65535 or `*`.
    pub fn host(mut self, host: &str, policy: impl Into<HostPolicy>) -> Result<Self, InvalidHost> {
        let (host, port) = host::parse(host)?;
        Arc::make_mut(&mut self.0).add(host, port, policy.into());
        Ok(self)
    }

    /// Adds a provider by name, with a convention or a [`HostPolicy`], for
    /// [`Target::provider`]. Of several providers of one name, the first counts.
    ///
    /// Names are compared byte by byte. The scheme that the policy asks for is not
    /// checked, because a provider has no URI.
    pub fn provider(mut self, name: &str, policy: impl Into<HostPolicy>) -> Self {
        Arc::make_mut(&mut self.0).add_provider(name, policy.into());
        self
    }

    /// Writes to every other host, over `https` unless its
    /// [`HostPolicy`] allows more.
    ///
    /// That is also wherever a redirect leads. Use it only if every destination
    /// is the operator's own.
    pub fn fallback(mut self, policy: impl Into<HostPolicy>) -> Self {
        Arc::make_mut(&mut self.0).set_fallback(policy.into());
        self
    }

    /// Returns the policy for a request to this URI, if it gets any metadata.
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
        self.0.policy_for(uri).ok()
    }

    /// Writes the metadata to the headers of a request to this URI, and reports
    /// what became of each field.
    ///
    /// It does all that the injecting layer does:
    ///
    /// 1. It removes every header that belongs to one of the conventions,
    ///    look-alikes included, wherever the request goes.
    /// 2. If a [`HostPolicy`] is for the URI, it writes what that may get.
    ///
    /// Call it for each request, redirect and retry with the URI that this one
    /// goes to. Send no metadata with `CONNECT`: use
    /// [`remove_from`](Self::remove_from) there.
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

    /// Returns the changes that [`write`](Self::write) makes to headers which the caller
    /// has as pairs of name and value, such as those of an SDK with a map of its own.
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

    /// Writes only the headers that are not there yet, and removes none: for
    /// clients whose users set headers by hand.
    pub fn write_if_not_present<'a, 'm>(
        &self,
        target: impl Into<Target<'a>>,
        metadata: &'m Metadata,
        headers: &mut HeaderMap,
    ) -> WriteReport<'m> {
        let decision = self.0.decide_target(target.into());
        decision.write(metadata, headers, Existing::Kept)
    }

    /// Removes every header that belongs to one of the conventions, look-alikes
    /// included.
    pub fn remove_from(&self, headers: &mut HeaderMap) {
        self.0.owned().remove_from(headers);
    }

    /// Works out now what the first write would.
    pub(crate) fn compiled(self) -> Self {
        self.0.owned();
        self
    }

    /// Makes room for what is to be written.
    #[inline]
    pub(crate) fn prepare(&self, headers: &mut HeaderMap, existing: Existing) {
        self.0.prepare(headers, existing);
    }

    /// Decides on a request to this URI. Takes no part of the request along, so
    /// its headers may be changed then.
    #[inline]
    pub(crate) fn decide(&self, uri: &Uri) -> Decision<'_> {
        self.0.decide(uri)
    }

    /// A request that gets nothing, wherever it goes.
    #[inline]
    pub(crate) fn refuse(&self, reason: Reason) -> Decision<'_> {
        self.0.refuse(reason)
    }
}

/// Sends to every host, whatever the scheme, wherever a redirect leads. Name the
/// hosts instead unless all of them are yours.
impl From<Convention> for Destinations {
    fn from(convention: Convention) -> Self {
        Self::new().fallback(HostPolicy::new(convention).allow_http())
    }
}

/// Sends to every host by this policy, wherever a redirect leads.
impl From<HostPolicy> for Destinations {
    fn from(policy: HostPolicy) -> Self {
        Self::new().fallback(policy)
    }
}
