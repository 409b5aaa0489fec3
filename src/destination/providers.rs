use std::sync::Arc;

use super::{
    destinations::Destinations,
    host::{self, InvalidHost},
    policy::HostPolicy,
};
#[cfg(feature = "serde")]
use crate::Convention;
#[cfg(feature = "hmac")]
use crate::SecretTooShort;
use crate::conventions;

/// Providers, by the hosts of their conventions and by name.
impl Destinations {
    /// Adds the public hosts of known providers, each with its own convention, over
    /// `https`, and without identity.
    ///
    /// These are the hosts of [`opencode`], [`grok`], [`openrouter`], [`helicone`],
    /// [`fireworks`], [`vertex`], [`openai`], [`azure_openai`], [`llm_gateway`],
    /// [`requesty`], [`prism`] and [`mistral`]. They do not depend on the enabled features.
    ///
    /// They are also added as [providers](Self::provider), by the names that
    /// [`Convention::by_name`](crate::Convention::by_name) accepts.
    ///
    /// To send identity to one of them, add its host before. If several entries match,
    /// the first is used.
    ///
    /// All headers of these conventions are removed from every request first. This
    /// includes an `x-session-id` that an application sets itself, for any host.
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
    /// [`requesty`]: crate::conventions::requesty
    /// [`prism`]: crate::conventions::prism
    /// [`mistral`]: crate::conventions::mistral
    pub fn with_known_providers(mut self) -> Self {
        // A fixed list, because a feature that another crate enables must not add a
        // host that gets metadata.
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
            conventions::requesty(),
            conventions::prism(),
            conventions::mistral(),
        ];
        for convention in known {
            let policy = HostPolicy::new(convention.clone()).without_identity();
            let policies = Arc::make_mut(&mut self.0);
            policies.add_provider(convention.name(), policy.clone());
            for alias in conventions::aliases(&convention) {
                policies.add_provider(alias, policy.clone());
            }
            for host in convention.hosts() {
                let parsed = host::parse(host);
                debug_assert!(parsed.is_ok(), "the table's hosts are valid: {host}");
                if let Ok((host, port)) = parsed {
                    Arc::make_mut(&mut self.0).add(host, port, policy.clone());
                }
            }
        }
        self
    }

    /// Adds the host of a proxy, behind which are several providers. For a request to it, the
    /// policy is that of the provider that the request names: with [`Provider`] for the
    /// injecting layer, or with [`Target::behind_proxy`].
    ///
    /// A request to the proxy that names no known provider gets no metadata. For a request to
    /// another host, for example after a redirect, the provider does not count. A proxy takes
    /// precedence over entries that were added by [`host`](Self::host).
    ///
    /// [`Provider`]: crate::Provider
    /// [`Target::behind_proxy`]: crate::Target::behind_proxy
    ///
    /// # Errors
    ///
    /// Returns an error as [`host`](Self::host) does.
    pub fn proxy(mut self, host: &str) -> Result<Self, InvalidHost> {
        let (host, port) = host::parse(host)?;
        Arc::make_mut(&mut self.0).add_proxy(host, port);
        Ok(self)
    }

    /// Returns an iterator over the hosts of proxies, in the order in which they were added.
    #[must_use]
    pub fn proxies(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.proxies().iter().map(String::as_str)
    }

    /// Returns an iterator over the hosts with their policies, in the order in which they
    /// were added.
    ///
    /// ```
    /// use tower_metadata_headers::{Destinations, HostPolicy, conventions};
    ///
    /// let destinations = Destinations::new()
    ///     .host("*.OpenRouter.ai", conventions::openrouter())?
    ///     .provider("local", conventions::litellm());
    /// let (host, policy) = destinations.hosts().next().unwrap();
    /// assert_eq!((host, policy.name()), ("*.openrouter.ai", "openrouter"));
    /// assert_eq!(destinations.providers().next().unwrap().0, "local");
    /// # Ok::<(), tower_metadata_headers::InvalidHost>(())
    /// ```
    #[must_use]
    pub fn hosts(&self) -> impl ExactSizeIterator<Item = (&str, &HostPolicy)> {
        let hosts = self.0.hosts().iter();
        hosts.map(|(host, policy)| (host.as_str(), policy))
    }

    /// Returns an iterator over the providers with their policies, in the order in which
    /// they were added.
    #[must_use]
    pub fn providers(&self) -> impl ExactSizeIterator<Item = (&str, &HostPolicy)> {
        let providers = self.0.providers().iter();
        providers.map(|(name, policy)| (name.as_str(), policy))
    }

    /// Returns the conventions of all policies.
    #[cfg(feature = "serde")]
    pub(crate) fn conventions(&self) -> Vec<&Convention> {
        self.0.conventions()
    }

    /// Returns the policy of the hosts that no entry matches.
    #[must_use]
    pub fn fallback_policy(&self) -> Option<&HostPolicy> {
        self.0.fallback()
    }

    /// Sets the secret of every policy that
    /// [replaces identity with pseudonyms](HostPolicy::pseudonyms_for) and awaits it.
    ///
    /// A configuration file names the audience of each such policy, and the program has the
    /// secret.
    ///
    /// ```
    /// use http::{HeaderMap, Uri};
    /// use tower_metadata_headers::{Destinations, HostPolicy, Metadata, UserId, conventions};
    ///
    /// let policy = HostPolicy::new(conventions::helicone()).pseudonyms_for("helicone");
    /// let destinations = Destinations::new()
    ///     .host("ai.example", policy)?
    ///     .pseudonym_secret(&[7; 32])?;
    /// let metadata = Metadata::new().with(UserId::try_from("ada@example.com")?);
    /// let mut headers = HeaderMap::new();
    /// destinations.write(&Uri::from_static("https://ai.example/v1"), &metadata, &mut headers);
    /// assert_eq!(headers["helicone-user-id"].len(), 64);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if a policy awaits the secret, and the secret is shorter than
    /// [`Pseudonyms::MIN_SECRET_LEN`](crate::Pseudonyms::MIN_SECRET_LEN) bytes.
    #[cfg(feature = "hmac")]
    pub fn pseudonym_secret(mut self, secret: &[u8]) -> Result<Self, SecretTooShort> {
        Arc::make_mut(&mut self.0).try_map(|policy| policy.with_secret(secret))?;
        Ok(self)
    }

    /// Adds every [host](crate::Convention::hosts) of the policy's convention with this policy.
    ///
    /// ```
    /// use http::Uri;
    /// use tower_metadata_headers::{Convention, Destinations, HostPolicy};
    ///
    /// let acme = Convention::vendor("acme")?
    ///     .to_builder()
    ///     .hosts(["llm.acme.example", "*.llm.acme.example"])
    ///     .build()?;
    /// let destinations = Destinations::new().hosts_of(acme)?;
    /// let uri = Uri::from_static("https://eu.llm.acme.example/v1");
    /// assert_eq!(destinations.policy_for(&uri).map(HostPolicy::name), Some("acme"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error as [`host`](Self::host) does.
    pub fn hosts_of(self, policy: impl Into<HostPolicy>) -> Result<Self, InvalidHost> {
        let policy = policy.into();
        let convention = policy.convention().clone();
        let mut hosts = convention.hosts();
        hosts.try_fold(self, |destinations, host| {
            destinations.host(host, policy.clone())
        })
    }

    /// Adds a provider by name, with its convention or [`HostPolicy`], for
    /// [`Target::provider`](crate::Target::provider). If several providers have the same
    /// name, the first is used.
    ///
    /// Names are compared byte by byte. The scheme that the policy requires is not
    /// checked, because a provider has no URI.
    pub fn provider(mut self, name: &str, policy: impl Into<HostPolicy>) -> Self {
        Arc::make_mut(&mut self.0).add_provider(name, policy.into());
        self
    }
}
