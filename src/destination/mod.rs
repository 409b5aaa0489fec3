//! Conventions by destination, and what each destination may get.

mod authority;
mod host;
mod index;
mod policy;

use std::sync::{Arc, OnceLock};

use http::{HeaderMap, Uri};

#[cfg(feature = "tower-http")]
pub(crate) use self::authority::{Authority, default_port};
pub use self::{host::InvalidHost, policy::HostPolicy};
use self::{
    host::{Host, Port},
    index::Index,
};
use crate::{
    Convention, Metadata, Reason, WriteReport, conventions,
    write::{Existing, OwnedHeaders, owned_headers},
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
/// assert!(!written.has::<ProjectId>());
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
pub struct Destinations(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    hosts: Vec<HostPolicy>,
    /// Index of each host's policy.
    index: Index,
    fallback: Option<HostPolicy>,
    /// Everything that belongs to one of the conventions, worked out when it is
    /// first needed.
    owned: OnceLock<OwnedHeaders>,
}

/// A copy that is about to be changed.
impl Clone for Inner {
    fn clone(&self) -> Self {
        Self {
            hosts: self.hosts.clone(),
            index: self.index.clone(),
            fallback: self.fallback.clone(),
            owned: OnceLock::new(),
        }
    }
}

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
            for host in convention.hosts() {
                // A test holds the table's hosts sound.
                if let Ok((host, port)) = host::parse(host) {
                    let policy = HostPolicy::new(convention.clone());
                    self.add(host, port, policy.without_identity());
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
        self.add(host, port, policy.into());
        Ok(self)
    }

    fn add(&mut self, host: Host, port: Port, policy: HostPolicy) {
        let inner = self.change();
        inner.index.add(host, port, inner.hosts.len());
        inner.hosts.push(policy);
    }

    fn change(&mut self) -> &mut Inner {
        let inner = Arc::make_mut(&mut self.0);
        // What was worked out holds for the conventions before.
        inner.owned = OnceLock::new();
        inner
    }

    /// Writes to every other host, over `https` unless its
    /// [`HostPolicy`] allows more.
    ///
    /// That is also wherever a redirect leads. Use it only if every destination
    /// is the operator's own.
    pub fn fallback(mut self, policy: impl Into<HostPolicy>) -> Self {
        self.change().fallback = Some(policy.into());
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
        self.0.policy(uri).ok()
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
    pub fn write<'m>(
        &self,
        uri: &Uri,
        metadata: &'m Metadata,
        headers: &mut HeaderMap,
    ) -> WriteReport<'m> {
        self.decide(uri).write(metadata, headers, Existing::Removed)
    }

    /// Writes only the headers that are not there yet, and removes none: for
    /// clients whose users set headers by hand.
    pub fn write_if_not_present<'m>(
        &self,
        uri: &Uri,
        metadata: &'m Metadata,
        headers: &mut HeaderMap,
    ) -> WriteReport<'m> {
        self.decide(uri).write(metadata, headers, Existing::Kept)
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
        match existing {
            Existing::Removed => self.0.owned().remove_from(headers),
            Existing::Kept => self.0.owned().unlist_from_connection(headers),
        }
    }

    /// Decides on a request to this URI. Takes no part of the request along, so
    /// its headers may be changed then.
    #[inline]
    pub(crate) fn decide(&self, uri: &Uri) -> Decision<'_> {
        Decision {
            destinations: self,
            policy: self.0.policy(uri),
        }
    }

    /// A request that gets nothing, wherever it goes.
    #[inline]
    pub(crate) const fn refuse(&self, reason: Reason) -> Decision<'_> {
        Decision {
            destinations: self,
            policy: Err(reason),
        }
    }
}

impl Inner {
    #[inline]
    fn owned(&self) -> &OwnedHeaders {
        self.owned.get_or_init(|| {
            let mut distinct: Vec<&Convention> = Vec::new();
            for policy in self.hosts.iter().chain(&self.fallback) {
                let convention = policy.convention();
                if !distinct.iter().any(|known| known.is(convention)) {
                    distinct.push(convention);
                }
            }
            owned_headers(distinct.into_iter().map(Convention::definition))
        })
    }

    #[inline]
    fn policy(&self, uri: &Uri) -> Result<&HostPolicy, Reason> {
        let host = if self.hosts.is_empty() {
            None
        } else {
            self.index.find(uri).and_then(|at| self.hosts.get(at))
        };
        match host.or(self.fallback.as_ref()) {
            Some(policy) if policy.accepts(uri) => Ok(policy),
            Some(_) => Err(Reason::InsecureScheme),
            None => Err(Reason::UnknownDestination),
        }
    }
}

/// Decision on a request.
#[derive(Clone, Copy)]
pub(crate) struct Decision<'d> {
    destinations: &'d Destinations,
    policy: Result<&'d HostPolicy, Reason>,
}

impl Decision<'_> {
    #[inline]
    pub(crate) fn write<'m>(
        self,
        metadata: &'m Metadata,
        headers: &mut HeaderMap,
        existing: Existing,
    ) -> WriteReport<'m> {
        self.destinations.prepare(headers, existing);
        match self.policy {
            Ok(policy) => policy.fill(metadata, headers, existing),
            Err(reason) => WriteReport::nothing(metadata, reason),
        }
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
