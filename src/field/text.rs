use std::{cmp::Ordering, fmt, hash, str::FromStr};

use http::HeaderValue;

use super::{
    percent,
    value::{self, Value, Wire},
};
use crate::{InvalidValue, Reason};

/// Text for people: 1 to 256 bytes of UTF-8 without control characters,
/// line separators, bidirectional controls and Unicode's non-characters, and
/// not white space alone.
///
/// In a header it stands as ASCII, what is not ASCII percent-encoded; `%`
/// is always encoded.
///
/// ```
/// use tower_metadata_headers::{Reason, Text};
///
/// let text: Text = "Zoë's laptop".parse()?;
/// assert_eq!(text.as_str(), "Zoë's laptop");
/// assert_eq!("a\nb".parse::<Text>().unwrap_err().reason(), Reason::InvalidCharacter { at: 1 });
/// # Ok::<(), tower_metadata_headers::InvalidValue>(())
/// ```
#[derive(Clone)]
pub struct Text {
    wire: HeaderValue,
    /// The text itself, where the header escapes some of it.
    plain: Option<Box<str>>,
}

impl Text {
    /// The most bytes of UTF-8 that a text can have.
    pub const MAX_LEN: usize = 256;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.plain {
            Some(plain) => plain,
            // Never the default: unescaped text is printable ASCII.
            None => self.wire.to_str().unwrap_or_default(),
        }
    }
}

/// Whether text can be shown in one line, in the order it is written.
pub(super) const fn is_allowed(char: char) -> bool {
    !matches!(char,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' // controls
        | '\u{2028}' | '\u{2029}' // line and paragraph separators
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' // bidi
        | '\u{fdd0}'..='\u{fdef}' // non-characters, with the last two of each plane
    ) && (char as u32) & 0xfffe != 0xfffe
}

pub(super) fn check(text: &str) -> Result<(), Reason> {
    if text.len() > Text::MAX_LEN {
        return Err(Reason::TooLong {
            limit: Text::MAX_LEN,
        });
    }
    if let Some((at, _)) = text.char_indices().find(|&(_, char)| !is_allowed(char)) {
        return Err(Reason::InvalidCharacter { at });
    }
    if text.trim().is_empty() {
        return Err(Reason::Empty);
    }
    Ok(())
}

/// Whether a header's value is a text just as it stands: the usual case.
fn is_plain(value: &HeaderValue) -> bool {
    let bytes = value.as_bytes();
    let is_inner = |byte: u8| (b' '..=b'~').contains(&byte) & (byte != b'%');
    let ends_well = |byte: Option<&u8>| byte.is_some_and(|byte| *byte != b' ');
    bytes.len() <= Text::MAX_LEN
        && ends_well(bytes.first())
        && ends_well(bytes.last())
        && bytes.iter().fold(true, |all, &byte| all & is_inner(byte))
}

impl Value for Text {}

impl Wire for Text {
    fn from_wire(value: &HeaderValue) -> Result<Self, Reason> {
        if is_plain(value) {
            let (wire, plain) = (value.clone(), None);
            return Ok(Self { wire, plain });
        }
        let bytes = value::trimmed(value);
        // No character takes more than three bytes on the wire for each of its own.
        if bytes.len() > 3 * Self::MAX_LEN {
            return Err(Reason::TooLong {
                limit: Self::MAX_LEN,
            });
        }
        let text = percent::decode(bytes)?;
        check(&text)?;
        Ok(Self::checked(&text))
    }

    fn check_wire(value: &HeaderValue) -> Result<Option<HeaderValue>, Reason> {
        if is_plain(value) {
            return Ok(None);
        }
        Self::from_wire(value).map(|text| Some(text.wire))
    }

    fn from_text(text: &str) -> Result<Self, Reason> {
        check(text)?;
        Ok(Self::checked(text))
    }

    fn into_wire(self) -> HeaderValue {
        self.wire
    }

    fn to_text(&self) -> String {
        self.as_str().to_owned()
    }
}

impl Text {
    fn checked(text: &str) -> Self {
        let mut wire = String::with_capacity(text.len());
        percent::encode(text, b"", &mut wire);
        Self {
            plain: (wire != text).then(|| text.into()),
            wire: value::header_value(wire),
        }
    }
}

impl TryFrom<&str> for Text {
    type Error = InvalidValue;

    fn try_from(text: &str) -> Result<Self, InvalidValue> {
        Self::from_text(text).map_err(|reason| InvalidValue::new("text", reason))
    }
}

impl TryFrom<String> for Text {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        Self::try_from(text.as_str())
    }
}

impl FromStr for Text {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        Self::try_from(text)
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl hash::Hash for Text {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Text").field(&self.as_str()).finish()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
