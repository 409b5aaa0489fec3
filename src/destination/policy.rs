use http::{HeaderMap, Uri};

use super::authority::{is_loopback, is_secure};
use crate::{Convention, Metadata, WriteReport, write::Existing};
#[cfg(feature = "hmac")]
use crate::{Pseudonyms, SecretTooShort};

/// Policy of one destination: its convention, its schemes, and whether it gets
/// identity.
///
/// A [`Convention`] converts into the default policy: over `https`, with identity.
///
/// ```
/// use tower_metadata_headers::{HostPolicy, Destinations, conventions};
///
/// let destinations = Destinations::new()
///     .host("litellm.internal:4000", HostPolicy::new(conventions::litellm()).allow_http())?
///     .host(
///         "openrouter.ai",
///         HostPolicy::new(conventions::openrouter()).without_identity(),
///     )?;
/// # Ok::<(), tower_metadata_headers::InvalidHost>(())
/// ```
///
/// # Security
///
/// Anyone on the network path can read headers that are sent over plain `http`, and a
/// redirect to `http` is a downgrade. If the URI's scheme is not `https` or `wss`, nothing
/// is written, unless [`allow_http`](Self::allow_http) is set or the host is a loopback
/// host: `localhost`, a name below `.localhost`, `127.0.0.0/8` or `[::1]`. A URI without
/// a scheme is not `https`.
#[derive(Clone, Debug)]
#[must_use = "a policy has no effect until it is added to `Destinations`"]
pub struct HostPolicy {
    convention: Convention,
    schemes: Schemes,
    identity: Identity,
}

/// Schemes over which metadata is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schemes {
    TlsOrLoopback,
    Tls,
    Any,
}

/// Policy for identity.
#[derive(Clone, Debug)]
pub(crate) enum Identity {
    Sent,
    Omitted,
    #[cfg(feature = "hmac")]
    Replaced(Pseudonyms),
    /// Omitted, until the secret of the pseudonyms for this audience is known.
    #[cfg(feature = "hmac")]
    AwaitsSecret(String),
}

impl HostPolicy {
    /// Creates a policy that writes this convention over `https`, with identity.
    pub const fn new(convention: Convention) -> Self {
        Self {
            convention,
            schemes: Schemes::TlsOrLoopback,
            identity: Identity::Sent,
        }
    }

    /// Requires `https` for loopback hosts too.
    ///
    /// Over `http` the host gets nothing: no later entry of
    /// [`Destinations`](crate::Destinations) is used instead. This replaces
    /// [`allow_http`](Self::allow_http).
    ///
    /// ```
    /// use http::Uri;
    /// use tower_metadata_headers::{Destinations, HostPolicy, conventions};
    ///
    /// let litellm = HostPolicy::new(conventions::litellm());
    /// let destinations = Destinations::new()
    ///     .host("localhost:4000", litellm.clone())?
    ///     .host("localhost:4443", litellm.https_only())?;
    /// let is_written = |uri| destinations.policy_for(&Uri::from_static(uri)).is_some();
    /// assert!(is_written("http://localhost:4000/v1"));
    /// assert!(!is_written("http://localhost:4443/v1"));
    /// # Ok::<(), tower_metadata_headers::InvalidHost>(())
    /// ```
    pub fn https_only(self) -> Self {
        Self {
            schemes: Schemes::Tls,
            ..self
        }
    }

    /// Allows any scheme, including plain `http`.
    ///
    /// Use it only for a network of your own. This replaces
    /// [`https_only`](Self::https_only).
    ///
    /// ```
    /// use http::Uri;
    /// use tower_metadata_headers::{HostPolicy, Destinations, conventions};
    ///
    /// let litellm = HostPolicy::new(conventions::litellm());
    /// let destinations = Destinations::new()
    ///     .host("litellm.internal:4000", litellm.clone().allow_http())?
    ///     .host("litellm.example", litellm)?;
    /// let is_written = |uri| destinations.policy_for(&Uri::from_static(uri)).is_some();
    /// assert!(is_written("http://litellm.internal:4000/v1"));
    /// assert!(is_written("https://litellm.example/v1"));
    /// assert!(!is_written("http://litellm.example/v1"));
    /// # Ok::<(), tower_metadata_headers::InvalidHost>(())
    /// ```
    pub fn allow_http(self) -> Self {
        Self {
            schemes: Schemes::Any,
            ..self
        }
    }

    /// Withholds identity: no identity field is written, and no header that carries
    /// identity.
    ///
    /// [`WriteReport`] reports each such field as
    /// [`Reason::Withheld`](crate::Reason::Withheld).
    pub fn without_identity(self) -> Self {
        Self {
            identity: Identity::Omitted,
            ..self
        }
    }

    /// Replaces each identity field with a pseudonym; see [`Pseudonyms`].
    ///
    /// With `None`, for example because no secret is configured, identity is withheld
    /// as by [`without_identity`](Self::without_identity).
    #[cfg(feature = "hmac")]
    pub fn pseudonyms(self, pseudonyms: impl Into<Option<Pseudonyms>>) -> Self {
        let pseudonyms = pseudonyms.into();
        Self {
            identity: pseudonyms.map_or(Identity::Omitted, Identity::Replaced),
            ..self
        }
    }

    /// Replaces each identity field with a pseudonym for this audience, whose secret
    /// [`Destinations::pseudonym_secret`](crate::Destinations::pseudonym_secret) sets.
    /// Until then, identity is withheld.
    #[cfg(feature = "hmac")]
    pub fn pseudonyms_for(self, audience: impl Into<String>) -> Self {
        Self {
            identity: Identity::AwaitsSecret(audience.into()),
            ..self
        }
    }

    /// Sets the secret, if the policy awaits it.
    #[cfg(feature = "hmac")]
    pub(super) fn with_secret(&self, secret: &[u8]) -> Result<Self, SecretTooShort> {
        let policy = self.clone();
        Ok(match &self.identity {
            Identity::AwaitsSecret(audience) => {
                policy.pseudonyms(Pseudonyms::new(secret, audience.as_str())?)
            }
            _ => policy,
        })
    }

    /// Returns the name of the policy's convention.
    ///
    /// ```
    /// use tower_metadata_headers::{HostPolicy, conventions};
    ///
    /// assert_eq!(HostPolicy::new(conventions::openai()).name(), "openai");
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        self.convention.name()
    }

    /// Returns the convention.
    #[must_use]
    pub const fn convention(&self) -> &Convention {
        &self.convention
    }

    #[cfg(feature = "serde")]
    pub(crate) const fn schemes(&self) -> Schemes {
        self.schemes
    }

    #[cfg(feature = "serde")]
    pub(crate) const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns true if the policy allows the URI's scheme.
    #[inline]
    pub(super) fn accepts(&self, uri: &Uri) -> bool {
        match self.schemes {
            Schemes::Any => true,
            Schemes::TlsOrLoopback => is_secure(uri) || is_loopback(uri),
            Schemes::Tls => is_secure(uri),
        }
    }

    /// Writes the fields that the host may get to headers that are prepared for `existing`.
    #[inline]
    pub(super) fn fill<'m>(
        &self,
        metadata: &'m Metadata,
        headers: &mut HeaderMap,
        existing: Existing,
    ) -> WriteReport<'m> {
        let convention = &self.convention;
        match &self.identity {
            Identity::Sent => convention.fill(metadata, headers, existing, None),
            #[cfg(feature = "hmac")]
            Identity::Replaced(pseudonyms) => {
                let replace = |key, value: &_| Some(pseudonyms.value(key, value));
                convention.fill(metadata, headers, existing, Some(&replace))
            }
            // Omitted, or the secret of its pseudonyms is not known.
            _ => {
                let omit = |_, _: &_| None;
                convention.fill(metadata, headers, existing, Some(&omit))
            }
        }
    }
}

impl From<Convention> for HostPolicy {
    fn from(convention: Convention) -> Self {
        Self::new(convention)
    }
}
