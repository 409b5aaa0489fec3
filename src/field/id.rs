use std::{cmp::Ordering, fmt, str::FromStr};

use http::HeaderValue;

use super::value::{self, Value, Wire};
use crate::{InvalidValue, Reason};

/// Opaque id: 1 to 256 visible ASCII characters other than `"`, `,`, `;`
/// and `\` (the alphabet of W3C Baggage values).
///
/// An id is therefore valid in any header, list or cookie without escapes. Ids are
/// compared byte by byte and never parsed. Clients send UUIDs, ULIDs, `ses_…`,
/// `20260123_19`, `uuid:3` and git URLs.
///
/// A clone shares the id's bytes. An id that was read from a request shares the
/// connection's read buffer. To keep one for a long time, copy it to a `String`.
///
/// ```
/// use tower_metadata_headers::{Id, Reason};
///
/// let id: Id = "ses_01J5Z8K2M4".parse()?;
/// assert_eq!(id.as_str(), "ses_01J5Z8K2M4");
/// assert_eq!("a,b".parse::<Id>().unwrap_err().reason(), Reason::InvalidCharacter { at: 1 });
/// # Ok::<(), tower_metadata_headers::InvalidValue>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Id(HeaderValue);

impl Id {
    /// Maximum length of an id in bytes.
    pub const MAX_LEN: usize = 256;

    /// Creates an id from a literal. In a constant, the compiler checks it:
    ///
    /// ```
    /// use tower_metadata_headers::Id;
    ///
    /// const BATCH: Id = Id::from_static("batch");
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the text is not a valid id. For a text that is not a literal, use
    /// `TryFrom`.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        let mut rest = text.as_bytes();
        assert!(!rest.is_empty(), "id: must not be empty");
        assert!(
            rest.len() <= Self::MAX_LEN,
            "id: must have at most 256 bytes"
        );
        while let [byte, tail @ ..] = rest {
            assert!(
                is_allowed(*byte),
                "id: must be visible ASCII without \" , ; and \\"
            );
            rest = tail;
        }
        Self(HeaderValue::from_static(text))
    }

    /// Returns the id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Never the default: every constructor checks for visible ASCII.
        self.0.to_str().unwrap_or_default()
    }

    /// Creates an id from a number's digits.
    #[cfg(feature = "hmac")]
    pub(crate) fn from_digits(digits: impl fmt::Display) -> Self {
        Self(value::header_value(digits.to_string()))
    }

    /// Returns the id as a UUID.
    ///
    /// ```
    /// use tower_metadata_headers::{Id, SessionId};
    ///
    /// let id: Id = "0190b2c4-7f1e-7a10-8000-000000000000".parse()?;
    /// assert_eq!(Id::from(id.to_uuid()?), id);
    /// assert!(SessionId::try_from("ses_01J5Z8")?.to_uuid().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the id is not a UUID, which is common.
    #[cfg(feature = "uuid")]
    pub fn to_uuid(&self) -> Result<uuid::Uuid, uuid::Error> {
        uuid::Uuid::try_parse(self.as_str())
    }
}

const fn is_allowed(byte: u8) -> bool {
    (byte >= 0x21)
        & (byte <= 0x7e)
        & (byte != b'"')
        & (byte != b',')
        & (byte != b';')
        & (byte != b'\\')
}

/// Returns true if every byte is allowed, for eight bytes at a time.
fn all_allowed(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk() else {
        return bytes.iter().all(|&byte| is_allowed(byte));
    };
    // The last word overlaps the one before it, so that no byte is checked alone.
    let (words, _) = bytes.as_chunks();
    let other = |word: &[u8; 8]| other_bytes(u64::from_le_bytes(*word));
    let others = words
        .iter()
        .fold(other(last), |all, word| all | other(word));
    others & (EACH * 0x80) == 0
}

/// Returns a word that has the highest bit of a byte set if a byte of this word is not
/// allowed. A subtraction borrows from the next byte only if its own byte is not allowed.
const fn other_bytes(word: u64) -> u64 {
    let below = word.wrapping_sub(EACH * 0x21);
    // The sum is 0x80 for 0x7f, and `word` has the bit itself for all that is above.
    let above = word.wrapping_add(EACH) | word;
    let quote = (word ^ (EACH * b'"' as u64)).wrapping_sub(EACH);
    let comma = (word ^ (EACH * b',' as u64)).wrapping_sub(EACH);
    let semicolon = (word ^ (EACH * b';' as u64)).wrapping_sub(EACH);
    let backslash = (word ^ (EACH * b'\\' as u64)).wrapping_sub(EACH);
    below | above | quote | comma | semicolon | backslash
}

/// Word with 1 in each byte.
const EACH: u64 = u64::from_le_bytes([1; 8]);

fn check(bytes: &[u8]) -> Result<(), Reason> {
    if bytes.is_empty() {
        return Err(Reason::Empty);
    }
    if bytes.len() > Id::MAX_LEN {
        return Err(Reason::TooLong { limit: Id::MAX_LEN });
    }
    // Nearly all ids are valid, so a search for the invalid byte comes second.
    if all_allowed(bytes) {
        return Ok(());
    }
    let at = bytes.iter().position(|&byte| !is_allowed(byte));
    Err(Reason::InvalidCharacter {
        // Never the default: the fold found an invalid byte.
        at: at.unwrap_or_default(),
    })
}

impl Value for Id {}

impl Wire for Id {
    fn from_wire(value: &HeaderValue) -> Result<Self, Reason> {
        let bytes = value::trim_ows(value);
        check(bytes)?;
        if bytes.len() == value.len() {
            return Ok(Self(value.clone()));
        }
        HeaderValue::from_bytes(bytes)
            .map(Self)
            .map_err(|_| Reason::InvalidField)
    }

    #[inline]
    fn check_wire(value: &HeaderValue) -> Result<Option<HeaderValue>, Reason> {
        // Valid bytes have no OWS, so the value needs no trimming.
        if check(value.as_bytes()).is_ok() {
            return Ok(None);
        }
        Self::from_wire(value).map(|id| Some(id.0))
    }

    fn from_text(text: &str) -> Result<Self, Reason> {
        check(text.as_bytes())?;
        HeaderValue::from_str(text)
            .map(Self)
            .map_err(|_| Reason::InvalidField)
    }

    fn into_wire(self) -> HeaderValue {
        self.0
    }

    fn to_text(&self) -> String {
        self.as_str().to_owned()
    }
}

impl TryFrom<&str> for Id {
    type Error = InvalidValue;

    fn try_from(text: &str) -> Result<Self, InvalidValue> {
        Self::from_text(text).map_err(|reason| InvalidValue::new("id", reason))
    }
}

impl TryFrom<String> for Id {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        check(text.as_bytes())
            .and_then(|()| HeaderValue::try_from(text).map_err(|_| Reason::InvalidField))
            .map(Self)
            .map_err(|reason| InvalidValue::new("id", reason))
    }
}

impl FromStr for Id {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        Self::try_from(text)
    }
}

impl From<u64> for Id {
    fn from(number: u64) -> Self {
        Self(HeaderValue::from(number))
    }
}

#[cfg(feature = "uuid")]
impl From<uuid::Uuid> for Id {
    fn from(uuid: uuid::Uuid) -> Self {
        let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
        uuid.hyphenated().encode_lower(&mut text);
        // One allocation, which clones share.
        Self(value::header_value(bytes::Bytes::from_owner(text)))
    }
}

impl From<Id> for String {
    fn from(value: Id) -> Self {
        value.as_str().to_owned()
    }
}

impl From<Id> for HeaderValue {
    fn from(value: Id) -> Self {
        value.into_wire()
    }
}

impl PartialEq<str> for Id {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Id {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl AsRef<str> for Id {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialOrd for Id {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Id {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.as_bytes().cmp(other.0.as_bytes())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Id").field(&self.as_str()).finish()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_that_is_not_allowed_is_found_at_each_position() {
        // The lowest and the highest byte that are allowed.
        for others in [b'!', b'~'] {
            for (len, byte) in (1..=20).flat_map(|len| (0..=u8::MAX).map(move |byte| (len, byte))) {
                for at in 0..len {
                    let mut id = vec![others; len];
                    id[at] = byte;
                    let expected = if is_allowed(byte) {
                        Ok(())
                    } else {
                        Err(Reason::InvalidCharacter { at })
                    };
                    assert_eq!(check(&id), expected, "{byte:#x} at {at} of {len}");
                }
            }
        }
    }
}
