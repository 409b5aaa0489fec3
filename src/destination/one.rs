use http::{HeaderMap, Uri, uri::Scheme};

#[cfg(feature = "hmac")]
use crate::Pseudonyms;
use crate::{Convention, Metadata, Written, convention::Existing};

/// The terms on which one destination is written: in which convention, over
/// which scheme, and with how much of identity.
///
/// A [`Convention`] converts into one without further terms. For a third party:
///
/// ```
/// use tower_metadata_headers::{Destination, Destinations, conventions};
///
/// let destinations = Destinations::new()
///     .host("litellm.internal:4000", conventions::litellm())?
///     .host(
///         "openrouter.ai",
///         Destination::new(conventions::openrouter()).https_only().without_identity(),
///     )?;
/// # Ok::<(), tower_metadata_headers::InvalidHost>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a destination does nothing until it is one of some `Destinations`"]
pub struct Destination {
    convention: Convention,
    https_only: bool,
    identity: Identity,
}

/// What becomes of identity on the way to a destination.
#[derive(Clone, Debug)]
enum Identity {
    Written,
    Omitted,
    #[cfg(feature = "hmac")]
    Replaced(Pseudonyms),
}

impl Destination {
    /// Written in this convention.
    pub const fn new(convention: Convention) -> Self {
        Self {
            convention,
            https_only: false,
            identity: Identity::Written,
        }
    }

    /// Writes nothing to a URI that is not `https`: not even what another
    /// entry of [`Destinations`](crate::Destinations) would write there.
    pub fn https_only(self) -> Self {
        Self {
            https_only: true,
            ..self
        }
    }

    /// Writes no field of identity, nor a header that carries identity.
    /// [`Written`] reports each as [`Reason::Withheld`](crate::Reason::Withheld).
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

    /// Returns the name of the convention that it is written in.
    ///
    /// ```
    /// use tower_metadata_headers::{Destination, conventions};
    ///
    /// assert_eq!(Destination::new(conventions::openai()).name(), "openai");
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        self.convention.name()
    }

    pub(super) const fn convention(&self) -> &Convention {
        &self.convention
    }

    /// Whether it may be written to at this URI.
    #[inline]
    pub(super) fn accepts(&self, uri: &Uri) -> bool {
        !self.https_only || uri.scheme() == Some(&Scheme::HTTPS)
    }

    /// Writes what it may know to headers that hold nothing of ours, or such
    /// as are to be kept.
    #[inline]
    pub(super) fn fill<'m>(
        &self,
        metadata: &'m Metadata,
        headers: &mut HeaderMap,
        existing: Existing,
    ) -> Written<'m> {
        let convention = &self.convention;
        match &self.identity {
            Identity::Written => convention.fill(metadata, headers, existing, None),
            Identity::Omitted => convention.fill(metadata, headers, existing, Some(&|_, _| None)),
            #[cfg(feature = "hmac")]
            Identity::Replaced(pseudonyms) => {
                let replace = |key, value: &_| Some(pseudonyms.value(key, value));
                convention.fill(metadata, headers, existing, Some(&replace))
            }
        }
    }
}

impl From<Convention> for Destination {
    fn from(convention: Convention) -> Self {
        Self::new(convention)
    }
}
