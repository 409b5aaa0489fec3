use http::{HeaderMap, Uri};

use super::authority::{is_loopback, is_secure};
#[cfg(feature = "hmac")]
use crate::Pseudonyms;
use crate::{Convention, Metadata, WriteReport, write::Existing};

/// Policy of one destination: which convention it gets, over which scheme, and how
/// much of identity.
///
/// A [`Convention`] converts into the default policy: over `https`, with
/// identity. For a third party:
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
/// Over plain `http` anyone on the way reads the headers, and a redirect to it
/// is a downgrade. So nothing is written to a URI whose scheme is not `https` or
/// `wss`, unless [`allow_http`](Self::allow_http) says so or the host is this
/// machine: `localhost`, a name below `.localhost`, `127.0.0.0/8` or `[::1]`. A
/// URI without a scheme is not `https`.
#[derive(Clone, Debug)]
#[must_use = "a policy does nothing until it is added to `Destinations`"]
pub struct HostPolicy {
    convention: Convention,
    plain: Plain,
    identity: Identity,
}

/// Policy for anything but TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plain {
    Loopback,
    Never,
    Always,
}

/// Policy for identity.
#[derive(Clone, Debug)]
enum Identity {
    Sent,
    Omitted,
    #[cfg(feature = "hmac")]
    Replaced(Pseudonyms),
}

impl HostPolicy {
    /// Creates a policy that writes in this convention, over `https`, with identity.
    pub const fn new(convention: Convention) -> Self {
        Self {
            convention,
            plain: Plain::Loopback,
            identity: Identity::Sent,
        }
    }

    /// Writes over `https` alone, even to this machine. No other entry of
    /// [`Destinations`](crate::Destinations) is taken instead.
    ///
    /// Replaces [`allow_http`](Self::allow_http).
    pub fn https_only(self) -> Self {
        Self {
            plain: Plain::Never,
            ..self
        }
    }

    /// Writes over plain `http` too, wherever the host is.
    ///
    /// Use it for a network that is your own. Replaces
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
            plain: Plain::Always,
            ..self
        }
    }

    /// Writes no field of identity, nor a header that carries identity.
    /// [`WriteReport`] reports each as [`Reason::Withheld`](crate::Reason::Withheld).
    pub fn without_identity(self) -> Self {
        Self {
            identity: Identity::Omitted,
            ..self
        }
    }

    /// Writes a pseudonym for each field of identity; where there are no
    /// pseudonyms, as no secret is configured, it writes none of them.
    #[cfg(feature = "hmac")]
    pub fn pseudonyms(self, pseudonyms: impl Into<Option<Pseudonyms>>) -> Self {
        let pseudonyms = pseudonyms.into();
        Self {
            identity: pseudonyms.map_or(Identity::Omitted, Identity::Replaced),
            ..self
        }
    }

    /// Returns the name of the convention that it writes in.
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

    pub(super) const fn convention(&self) -> &Convention {
        &self.convention
    }

    /// Returns true if it may be written to at this URI.
    #[inline]
    pub(super) fn accepts(&self, uri: &Uri) -> bool {
        match self.plain {
            Plain::Always => true,
            Plain::Loopback => is_secure(uri) || is_loopback(uri),
            Plain::Never => is_secure(uri),
        }
    }

    /// Writes what it may know to headers that hold nothing of ours, or such
    /// as are to be kept.
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
            Identity::Omitted => convention.fill(metadata, headers, existing, Some(&|_, _| None)),
            #[cfg(feature = "hmac")]
            Identity::Replaced(pseudonyms) => {
                let replace = |key, value: &_| Some(pseudonyms.value(key, value));
                convention.fill(metadata, headers, existing, Some(&replace))
            }
        }
    }
}

impl From<Convention> for HostPolicy {
    fn from(convention: Convention) -> Self {
        Self::new(convention)
    }
}
