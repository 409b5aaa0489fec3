use std::fmt;

use http::HeaderValue;

use super::{Hex, Keyed, MIN_SECRET_LEN, SecretTooShort};
use crate::{Class, Field, FieldKey, Id, Metadata, field::Wire};

/// Puts pseudonyms in the place of identity, for a third party that is to tell
/// your users and projects apart and not to know them.
///
/// [`HostPolicy::pseudonyms`](crate::HostPolicy::pseudonyms) uses them for
/// all that is written to one host. A pseudonym is the same each time, differs
/// from one audience to the next, so that two of them can't compare notes, and
/// from field to field. Without the secret nobody can try likely names until
/// one fits, as they can with a bare hash.
///
/// ```
/// use tower_metadata_headers::{HostPolicy, Destinations, Pseudonyms, UserId, conventions};
///
/// let openrouter = Pseudonyms::new(&[7; 32], "openrouter")?;
/// let destinations = Destinations::new().host(
///     "openrouter.ai",
///     HostPolicy::new(conventions::openrouter()).pseudonyms(openrouter.clone()),
/// )?;
///
/// // To find the user behind a pseudonym:
/// let ada = UserId::try_from("ada@example.com")?;
/// assert_eq!(openrouter.pseudonym(ada.clone()).as_str().len(), 64);
/// assert_ne!(openrouter.pseudonym(ada.clone()), Pseudonyms::new(&[7; 32], "fireworks")?.pseudonym(ada));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It is HMAC-SHA-256 over a fixed text, the audience, the field's name and its
/// value, each with its length before it, as 64 hexadecimal digits. That will
/// not change. With a new secret, all pseudonyms are new.
#[derive(Clone)]
pub struct Pseudonyms {
    keyed: Keyed,
    audience: String,
}

impl Pseudonyms {
    /// The fewest bytes of a secret.
    pub const MIN_SECRET_LEN: usize = MIN_SECRET_LEN;

    /// Creates pseudonyms under this secret, which should be random, for this
    /// audience: a name of your choice for the third party.
    ///
    /// # Errors
    ///
    /// Returns an error if the secret has fewer than [`MIN_SECRET_LEN`](Self::MIN_SECRET_LEN)
    /// bytes.
    pub fn new(secret: &[u8], audience: impl Into<String>) -> Result<Self, SecretTooShort> {
        Ok(Self {
            keyed: Keyed::new(secret)?,
            audience: audience.into(),
        })
    }

    /// Returns the pseudonym of a field.
    #[must_use]
    pub fn pseudonym<F: Field>(&self, field: F) -> Id {
        self.id(FieldKey::of::<F>(), &field.into_value().to_text())
    }

    /// Returns the metadata with a pseudonym for each field of identity.
    ///
    /// It is for writing: a field of your own may refuse to be read back so.
    #[must_use]
    pub fn apply(&self, metadata: &Metadata) -> Metadata {
        metadata.map(|key, value| match key.class() {
            Class::Correlation => value.clone(),
            Class::Identity => self.value(key, value),
        })
    }

    /// The pseudonym of a field, as its header's value.
    pub(crate) fn value(&self, key: FieldKey, value: &HeaderValue) -> HeaderValue {
        key.marked(self.id(key, &key.plain(value)).into_wire())
    }

    fn id(&self, key: FieldKey, text: &str) -> Id {
        let parts = [self.audience.as_str(), key.name(), text];
        Id::from_digits(Hex(&self.keyed.of(PURPOSE, parts)))
    }
}

const PURPOSE: &str = "tower-metadata-headers pseudonym v1";

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pseudonyms")
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}
