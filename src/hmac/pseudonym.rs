use std::fmt;

use http::HeaderValue;

use super::{Hex, Keyed, MIN_SECRET_LEN, SecretTooShort};
use crate::{Class, Field, FieldKey, Id, Metadata, Properties, Text, field::Wire};

/// Generator of pseudonyms for identity, for a third party that must distinguish your
/// users and projects without knowing them.
///
/// [`HostPolicy::pseudonyms`](crate::HostPolicy::pseudonyms) replaces the identity that
/// is written to one host.
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
/// // The pseudonym of a known user, to find it in the third party's logs.
/// let ada = UserId::try_from("ada@example.com")?;
/// assert_eq!(openrouter.pseudonym(ada.clone()).as_str().len(), 64);
/// assert_ne!(openrouter.pseudonym(ada.clone()), Pseudonyms::new(&[7; 32], "fireworks")?.pseudonym(ada));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Security
///
/// - The pseudonym of a value is always the same for one audience and field. It differs
///   between audiences, so two third parties cannot compare their data, and between
///   fields.
/// - Without the secret, an attacker cannot find a value by hashing likely names, as is
///   possible with a plain hash.
///
/// # Format
///
/// A pseudonym is the HMAC-SHA-256 of a fixed text, the audience, the field's name and
/// its value, each with its length before it, as 64 hexadecimal digits. This will not
/// change. With a new secret, all pseudonyms change.
#[derive(Clone)]
pub struct Pseudonyms {
    keyed: Keyed,
    audience: String,
}

impl Pseudonyms {
    /// Minimum length of a secret in bytes.
    pub const MIN_SECRET_LEN: usize = MIN_SECRET_LEN;

    /// Creates a generator with this secret, which should be random, for this audience.
    /// The audience is a name of your choice for the third party.
    ///
    /// # Errors
    ///
    /// Returns an error if the secret is shorter than
    /// [`MIN_SECRET_LEN`](Self::MIN_SECRET_LEN) bytes.
    pub fn new(secret: &[u8], audience: impl Into<String>) -> Result<Self, SecretTooShort> {
        Ok(Self {
            keyed: Keyed::new(secret)?,
            audience: audience.into(),
        })
    }

    #[cfg(feature = "serde")]
    pub(crate) fn audience(&self) -> &str {
        &self.audience
    }

    /// Returns the pseudonym of a field.
    #[must_use]
    pub fn pseudonym<F: Field>(&self, field: F) -> Id {
        self.id(FieldKey::of::<F>(), &field.into_value().to_text())
    }

    /// Returns the metadata with a pseudonym for each identity field.
    ///
    /// Use it for writing only. A pseudonym may not be a valid value for a field of your
    /// own type, and [`Metadata::get`] then returns `None`.
    ///
    /// ```
    /// use tower_metadata_headers::{Metadata, Pseudonyms, SessionId, UserId};
    ///
    /// let metadata = Metadata::new()
    ///     .with(SessionId::try_from("ses_1")?)
    ///     .with(UserId::try_from("ada@example.com")?);
    /// let replaced = Pseudonyms::new(&[7; 32], "openrouter")?.apply(&metadata);
    /// assert_eq!(replaced.get::<SessionId>(), metadata.get::<SessionId>());
    /// assert_ne!(replaced.get::<UserId>(), metadata.get::<UserId>());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn apply(&self, metadata: &Metadata) -> Metadata {
        let mut replaced = metadata.map(|key, value| match key.class() {
            Class::Correlation => value.clone(),
            Class::Identity => self.value(key, value),
        });
        // Vendor headers may contain ids.
        replaced.retain(|key| !key.is_of_vendor());
        replaced
    }

    /// Returns the pseudonym of a field as its header value. The keys of properties stay.
    pub(crate) fn value(&self, key: FieldKey, value: &HeaderValue) -> HeaderValue {
        if key == FieldKey::of::<Properties>() {
            return self.properties(key, value);
        }
        key.marked(self.id(key, &key.plain(value)).into_wire())
    }

    /// Returns properties with a pseudonym for each value.
    fn properties(&self, key: FieldKey, value: &HeaderValue) -> HeaderValue {
        let properties = Properties::from_wire(value);
        debug_assert!(properties.is_ok(), "the value was checked");
        let pairs = properties.iter().flat_map(Properties::iter);
        // Hexadecimal digits are a valid text, so no property is lost.
        let pairs = pairs.filter_map(|(name, text)| {
            let pseudonym = self.id(key, &format!("{name}={text}"));
            Some((name.to_owned(), Text::from_text(pseudonym.as_str()).ok()?))
        });
        let replaced = Properties::from_checked(pairs.collect());
        // Properties have at least one pair, so the fallback is never used.
        let value = replaced.map_or(HeaderValue::from_static(""), Properties::into_wire);
        key.marked(value)
    }

    fn id(&self, key: FieldKey, text: &str) -> Id {
        let parts = [self.audience.as_str(), key.name(), text];
        Id::from_digits(Hex(&self.keyed.mac(PURPOSE, parts)))
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
