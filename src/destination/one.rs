use std::borrow::Cow;

use http::{Uri, uri::Scheme};

#[cfg(feature = "hmac")]
use crate::Pseudonyms;
use crate::{Class, Convention, Metadata};

/// How one destination is written to: in which convention, and on what terms.
///
/// A [`Convention`] alone is one without terms. For a third party:
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

    /// Writes no field of identity.
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

    /// The convention that it is written in.
    #[must_use]
    pub const fn convention(&self) -> &Convention {
        &self.convention
    }

    /// Whether it may be written to at this URI.
    #[inline]
    pub(super) fn accepts(&self, uri: &Uri) -> bool {
        !self.https_only || uri.scheme() == Some(&Scheme::HTTPS)
    }

    /// What it may know.
    #[inline]
    pub(super) fn disclosed<'m>(&self, metadata: &'m Metadata) -> Cow<'m, Metadata> {
        match &self.identity {
            Identity::Written => Cow::Borrowed(metadata),
            Identity::Omitted => {
                let mut metadata = metadata.clone();
                metadata.retain(|key| key.class() == Class::Correlation);
                Cow::Owned(metadata)
            }
            #[cfg(feature = "hmac")]
            Identity::Replaced(pseudonyms) => Cow::Owned(pseudonyms.apply(metadata)),
        }
    }
}

impl From<Convention> for Destination {
    fn from(convention: Convention) -> Self {
        Self::new(convention)
    }
}
