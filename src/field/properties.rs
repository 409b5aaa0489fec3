use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};

use http::HeaderValue;

use super::{
    Class, Field, Stability,
    index::Known,
    key::encoded,
    text::Text,
    value::{self, Value, Wire},
};
use crate::{InvalidValue, Reason, encoding::percent};

/// Free properties of a request: 1 to 32 keys, each with a [`Text`].
///
/// Use them for values that have no field, such as a cost center. Where a vendor reads
/// properties from headers with a prefix or from a JSON object, each property is a header
/// or a member of its own. Elsewhere a header carries all of them as a list,
/// `team=search,tier=2`, whose values are percent-encoded.
///
/// A key has 1 to 64 ASCII letters, digits, `-`, `_` and `.`, and at least one letter or
/// digit. Keys that differ only in case and separators are equal, because headers do not
/// distinguish them.
///
/// ```
/// use http::HeaderMap;
/// use tower_metadata_headers::{Metadata, Properties, conventions};
///
/// let properties = Properties::new([("team", "search"), ("cost-center", "4711")])?;
/// assert_eq!(properties.get("cost_center"), Some("4711"));
///
/// let metadata = Metadata::new().with(properties);
/// let mut headers = HeaderMap::new();
/// conventions::helicone().write(&metadata, &mut headers);
/// assert_eq!(headers["helicone-property-team"], "search");
/// assert_eq!(headers["helicone-property-cost-center"], "4711");
///
/// let extracted = conventions::helicone().read_trusted(&headers);
/// assert_eq!(extracted.metadata, metadata);
/// # Ok::<(), tower_metadata_headers::InvalidValue>(())
/// ```
///
/// # Security
///
/// Properties are [identity](Class::Identity), because a target may bill or limit by any
/// of them. They are read only from trusted requests, and `Debug` hides them.
#[derive(Clone)]
pub struct Properties {
    /// In the order of their keys, each key once.
    pairs: Vec<(String, Text)>,
}

impl Properties {
    /// Maximum number of keys.
    pub const MAX_KEYS: usize = 32;

    /// Maximum length of a key in bytes.
    pub const MAX_KEY_LEN: usize = 64;

    /// Creates properties from pairs of key and value.
    ///
    /// # Errors
    ///
    /// Returns an error if there are no pairs or more than [`MAX_KEYS`](Self::MAX_KEYS), if
    /// a key is repeated or invalid, or if a value is not a valid [`Text`].
    pub fn new<K, V>(pairs: impl IntoIterator<Item = (K, V)>) -> Result<Self, InvalidValue>
    where
        K: AsRef<str>,
        V: AsRef<str>,
    {
        let mut list = List::default();
        pairs
            .into_iter()
            .try_for_each(|(key, value)| list.push(key.as_ref(), value.as_ref()))
            .and_then(|()| list.finish())
            .map_err(|reason| InvalidValue::new(Self::NAME, reason))
    }

    /// Adds a property, and replaces an existing one with an equal key.
    ///
    /// ```
    /// use tower_metadata_headers::Properties;
    ///
    /// let properties = Properties::new([("team", "search")])?
    ///     .with("Team", "ads")?
    ///     .with("tier", "2")?;
    /// assert!(properties.iter().eq([("Team", "ads"), ("tier", "2")]));
    /// # Ok::<(), tower_metadata_headers::InvalidValue>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error as [`new`](Self::new) does.
    pub fn with(self, key: &str, value: &str) -> Result<Self, InvalidValue> {
        let mut list = List { pairs: self.pairs };
        list.pairs.retain(|(other, _)| !eq_keys(other, key));
        list.push(key, value)
            .and_then(|()| list.finish())
            .map_err(|reason| InvalidValue::new(Self::NAME, reason))
    }

    /// Returns the value of a property, if present. Case and separators of the key are
    /// ignored.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(other, _)| eq_keys(other, key))
            .map(|(_, value)| value.as_str())
    }

    /// Returns an iterator over the keys and values, in the order of the keys.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.texts().map(|(key, value)| (key, value.as_str()))
    }

    pub(crate) fn texts(&self) -> impl ExactSizeIterator<Item = (&str, &Text)> {
        self.pairs.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Creates properties from pairs that were checked. Returns `None` if there are none.
    pub(crate) fn from_checked(mut pairs: Vec<(String, Text)>) -> Option<Self> {
        debug_assert!(pairs.len() <= Self::MAX_KEYS, "the caller limits the keys");
        pairs.sort_by(|(one, _), (other, _)| cmp_keys(one, other));
        (!pairs.is_empty()).then_some(Self { pairs })
    }

    fn encoded(&self) -> String {
        percent::encode_pairs(self.iter())
    }
}

/// Builder of properties.
#[derive(Default)]
struct List {
    pairs: Vec<(String, Text)>,
}

impl List {
    /// Adds a property. The offset in an error counts from the start of `key=value`.
    fn push(&mut self, key: &str, value: &str) -> Result<(), Reason> {
        if self.pairs.len() == Properties::MAX_KEYS {
            return Err(Reason::TooMany {
                limit: Properties::MAX_KEYS,
            });
        }
        check_key(key)?;
        if self.pairs.iter().any(|(other, _)| eq_keys(other, key)) {
            return Err(Reason::RepeatedMember);
        }
        let in_pair = |reason: Reason| reason.map_offset(|at| key.len() + 1 + at);
        let value = Text::from_text(value).map_err(in_pair)?;
        self.pairs.push((key.to_owned(), value));
        Ok(())
    }

    fn finish(self) -> Result<Properties, Reason> {
        Properties::from_checked(self.pairs).ok_or(Reason::Empty)
    }
}

/// Checks the key of a property.
pub(crate) fn check_key(key: &str) -> Result<(), Reason> {
    if key.len() > Properties::MAX_KEY_LEN {
        return Err(Reason::TooLong {
            limit: Properties::MAX_KEY_LEN,
        });
    }
    let is_separator = |byte: u8| matches!(byte, b'-' | b'_' | b'.');
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || is_separator(byte);
    if let Some(at) = key.bytes().position(|byte| !is_allowed(byte)) {
        return Err(Reason::InvalidCharacter { at });
    }
    if key.bytes().all(is_separator) {
        return Err(Reason::Empty);
    }
    Ok(())
}

/// Returns true if two keys are equal or differ only in case and separators.
pub(crate) fn eq_keys(one: &str, other: &str) -> bool {
    cmp_keys(one, other) == Ordering::Equal
}

/// Compares two keys without case and separators.
pub(crate) fn cmp_keys(one: &str, other: &str) -> Ordering {
    normalized(one).cmp(normalized(other))
}

fn normalized(key: &str) -> impl Iterator<Item = u8> {
    key.bytes().map(|byte| match byte {
        b'_' | b'.' => b'-',
        byte => byte.to_ascii_lowercase(),
    })
}

impl Field for Properties {
    const NAME: &'static str = "properties";
    const CLASS: Class = Class::Identity;
    const STABILITY: Stability = Stability::Stable;
    const KNOWN: Option<Known<Self>> = Some(Known::NONE);
    type Value = Self;

    fn into_value(self) -> Self {
        self
    }

    fn from_value(value: Self) -> Option<Self> {
        Some(value)
    }
}

impl Value for Properties {}

impl Wire for Properties {
    fn from_wire(value: &HeaderValue) -> Result<Self, Reason> {
        Self::parse(value::trim_ows(value))
    }

    fn from_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text.as_bytes().trim_ascii())
    }

    fn into_wire(self) -> HeaderValue {
        value::header_value(self.encoded())
    }

    fn to_text(&self) -> String {
        self.encoded()
    }
}

impl Properties {
    /// Maximum length of an encoded list: each byte of a value is at most one escape.
    const MAX_LEN: usize = Self::MAX_KEYS * (Self::MAX_KEY_LEN + 2 + 3 * Text::MAX_LEN);

    /// Parses an encoded list.
    fn parse(bytes: &[u8]) -> Result<Self, Reason> {
        if bytes.len() > Self::MAX_LEN {
            return Err(Reason::TooLong {
                limit: Self::MAX_LEN,
            });
        }
        if bytes.is_empty() {
            return Err(Reason::Empty);
        }
        let mut list = List::default();
        let mut start = 0;
        for pair in bytes.split(|&byte| byte == b',') {
            let spaces = pair.len() - pair.trim_ascii_start().len();
            let in_list = |at| start + spaces + at;
            list.push_encoded(pair.trim_ascii())
                .map_err(|reason| reason.map_offset(in_list))?;
            start += pair.len() + 1;
        }
        list.finish()
    }
}

impl List {
    fn push_encoded(&mut self, pair: &[u8]) -> Result<(), Reason> {
        if pair.is_empty() {
            return Err(Reason::EmptyItem);
        }
        let end = pair.iter().position(|&byte| byte == b'=');
        let pair = end.and_then(|end| pair.split_at_checked(end));
        let Some((key, [_, value @ ..])) = pair else {
            return Err(Reason::InvalidField);
        };
        let key = std::str::from_utf8(key).map_err(|_| Reason::InvalidUtf8)?;
        let in_pair = |at| key.len() + 1 + at;
        let text = percent::decode(value).map_err(|reason| reason.map_offset(in_pair))?;
        let encoded = |at: usize| match at.checked_sub(in_pair(0)) {
            Some(at) => in_pair(percent::encoded_offset(value, at)),
            None => at,
        };
        self.push(key, &text)
            .map_err(|reason| reason.map_offset(encoded))
    }
}

/// Compares keys without case and separators.
impl PartialEq for Properties {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Properties {}

impl PartialOrd for Properties {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Properties {
    fn cmp(&self, other: &Self) -> Ordering {
        let cmp_pairs = |(one, other): ((&str, &str), (&str, &str))| {
            cmp_keys(one.0, other.0).then_with(|| one.1.cmp(other.1))
        };
        self.iter()
            .zip(other.iter())
            .map(cmp_pairs)
            .find(|ordering| ordering.is_ne())
            .unwrap_or_else(|| self.pairs.len().cmp(&other.pairs.len()))
    }
}

/// Hashes keys without case and separators, as they are compared.
impl Hash for Properties {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.pairs.len().hash(state);
        for (key, value) in self.iter() {
            normalized(key).for_each(|byte| byte.hash(state));
            // Not a byte of a key, so that two lists with other borders differ.
            u8::MAX.hash(state);
            value.hash(state);
        }
    }
}

/// Converts into the value as it is in a header, which is marked as sensitive.
impl From<Properties> for HeaderValue {
    fn from(value: Properties) -> Self {
        encoded(value)
    }
}

value::parsed_from_text!(Properties, Properties::NAME);

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Properties(hidden)")
    }
}
