use http::HeaderValue;

use super::{
    Class, Field, Stability,
    index::Known,
    value::{self, Value, Wire},
};
use crate::{InvalidValue, Reason, encoding::percent};

/// Headers of a client that only its vendor's own server understands, unchanged.
///
/// An agent may send headers that no field describes, but that its vendor needs, for example
/// the state of a turn. [`strip`](crate::MetadataHeadersLayer::strip) removes them, because no
/// other upstream may get them. So a convention that
/// [passes them on](crate::ConventionBuilder::pass_on) reads them into this field, and writes
/// them again if the request goes to the same vendor. Any other convention reports them as
/// [`Reason::Unsupported`].
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use tower_metadata_headers::{VendorHeaders, conventions};
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-codex-turn-state", HeaderValue::from_static("opaque"));
/// let metadata = conventions::clients().read(&headers).metadata;
/// let passed = metadata.get::<VendorHeaders>().unwrap();
/// assert_eq!(passed.get("x-codex-turn-state"), Some("opaque"));
///
/// conventions::clients().remove_from(&mut headers);
/// conventions::codex().write(&metadata, &mut headers);
/// assert_eq!(headers["x-codex-turn-state"], "opaque");
///
/// let report = conventions::openrouter().write(&metadata, &mut headers).faults();
/// assert_eq!(report.to_string(), "vendor-headers: no header in this convention");
/// ```
///
/// # Security
///
/// The headers are read from anyone, because a client can send them to its vendor without a
/// gateway too. Their values are hidden in `Debug`. A destination without identity, or with
/// pseudonyms, gets none of them, because a value may contain ids.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VendorHeaders {
    /// Names in lower case, sorted, each with its value.
    pairs: Vec<(String, String)>,
}

impl VendorHeaders {
    /// Maximum number of headers.
    pub const MAX_HEADERS: usize = 16;

    /// Maximum length of a value in bytes.
    pub const MAX_VALUE_LEN: usize = 8_192;

    /// Returns the value of a header, if present. The name is in lower case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find_map(|(known, value)| (known == name).then_some(value))
    }

    /// Returns an iterator over the names and values, in the order of the names.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Creates vendor headers from names and values that were [checked](Self::check).
    /// Returns `None` if there are none.
    pub(crate) fn from_checked(mut pairs: Vec<(String, String)>) -> Option<Self> {
        pairs.sort_unstable();
        (!pairs.is_empty()).then_some(Self { pairs })
    }

    /// Checks a header's value: it is passed on if it is visible ASCII and inner spaces.
    pub(crate) fn check(value: &HeaderValue) -> Result<&str, Reason> {
        let limit = Self::MAX_VALUE_LEN;
        let bytes = value::trim_ows(value);
        if bytes.is_empty() {
            return Err(Reason::Empty);
        }
        if bytes.len() > limit {
            return Err(Reason::TooLong { limit });
        }
        let is_invalid = |byte: &u8| !matches!(byte, b' '..=b'~');
        if let Some(at) = bytes.iter().position(is_invalid) {
            return Err(Reason::InvalidCharacter { at });
        }
        std::str::from_utf8(bytes).map_err(|_| Reason::InvalidUtf8)
    }

    fn encoded(&self) -> String {
        percent::encode_pairs(self.iter())
    }

    /// Parses an encoded list.
    fn parse(bytes: &[u8]) -> Result<Self, Reason> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for pair in bytes.split(|&byte| byte == b',') {
            let limit = Self::MAX_HEADERS;
            if pairs.len() == limit {
                return Err(Reason::TooMany { limit });
            }
            let text = std::str::from_utf8(pair).map_err(|_| Reason::InvalidUtf8)?;
            let (name, value) = text.split_once('=').ok_or(Reason::InvalidField)?;
            let name = http::HeaderName::try_from(name).map_err(|_| Reason::InvalidField)?;
            let value = percent::decode(value.as_bytes())?;
            let value = HeaderValue::try_from(value).map_err(|_| Reason::InvalidField)?;
            let value = Self::check(&value)?.to_owned();
            if pairs.iter().any(|(known, _)| known == name.as_str()) {
                return Err(Reason::RepeatedMember);
            }
            pairs.push((name.as_str().to_owned(), value));
        }
        Self::from_checked(pairs).ok_or(Reason::Empty)
    }
}

impl Field for VendorHeaders {
    const NAME: &'static str = "vendor-headers";
    const CLASS: Class = Class::Correlation;
    const STABILITY: Stability = Stability::Volatile;
    const KNOWN: Option<Known<Self>> = Some(Known::NONE);
    type Value = Self;

    fn into_value(self) -> Self {
        self
    }

    fn from_value(value: Self) -> Option<Self> {
        Some(value)
    }
}

impl Value for VendorHeaders {}

impl Wire for VendorHeaders {
    fn from_wire(value: &HeaderValue) -> Result<Self, Reason> {
        Self::parse(value::trim_ows(value))
    }

    fn from_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text.as_bytes())
    }

    fn into_wire(self) -> HeaderValue {
        value::header_value(self.encoded())
    }

    fn to_text(&self) -> String {
        self.encoded()
    }
}

value::parsed_from_text!(VendorHeaders, VendorHeaders::NAME);
