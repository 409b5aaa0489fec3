use std::{cmp::Ordering, fmt, hash};

use http::HeaderValue;

use super::value::{self, Value, Wire};
use crate::{InvalidValue, Reason, encoding::percent};

/// Human-readable text: 1 to 256 bytes of UTF-8 that is not only white space.
///
/// Two different texts must look different, so some characters are not allowed:
///
/// - control characters and line separators;
/// - bidirectional controls;
/// - characters that Unicode defines as invisible (`Default_Ignorable_Code_Point`), such
///   as U+00AD, U+200B, U+2060, U+FEFF and the tags from U+E0000 on;
/// - non-characters.
///
/// Emoji and Persian need some of the invisible characters:
///
/// - A zero-width joiner or non-joiner (U+200D, U+200C) is allowed after a character that
///   is not ASCII and not one of these two.
/// - A variation selector (U+FE00 to U+FE0F) is allowed after a character that is not
///   ASCII and neither a joiner nor a selector.
/// - U+FE0F is also allowed in a keycap, such as `1️⃣`.
///
/// In a header a text is ASCII: `%` and characters that are not ASCII are
/// percent-encoded.
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
    /// Unescaped text, if `wire` has escapes.
    plain: Option<Box<str>>,
}

impl Text {
    /// Maximum length of a text in bytes of UTF-8.
    pub const MAX_LEN: usize = 256;

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.plain {
            Some(plain) => plain,
            // Never the default: a text without escapes is printable ASCII.
            None => self.wire.to_str().unwrap_or_default(),
        }
    }
}

/// Returns true if a character is visible, or white space that does not break the line,
/// and does not change the direction of the text.
const fn is_visible(char: char) -> bool {
    !matches!(char,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' // controls
        | '\u{2028}' | '\u{2029}' // line and paragraph separators
        | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' // bidirectional controls
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' // invisible
        | '\u{fdd0}'..='\u{fdef}' // non-characters, with the last two of each plane
    ) && (char as u32) & 0xfffe != 0xfffe
}

const fn is_joiner(char: char) -> bool {
    matches!(char, '\u{200c}' | '\u{200d}')
}

const fn is_selector(char: char) -> bool {
    matches!(char, '\u{fe00}'..='\u{fe0f}')
}

/// Returns true if a character is allowed between its neighbors.
fn is_allowed(before: Option<char>, char: char, after: Option<char>) -> bool {
    let follows = |is_excluded: fn(char) -> bool| {
        before.is_some_and(|before| !before.is_ascii() && !is_excluded(before))
    };
    if is_joiner(char) {
        follows(is_joiner)
    } else if is_selector(char) {
        let keycap = matches!(before, Some('0'..='9' | '#' | '*')) && after == Some('\u{20e3}');
        follows(|before| is_joiner(before) || is_selector(before)) || (char == '\u{fe0f}' && keycap)
    } else {
        is_visible(char)
    }
}

/// Returns the offset of the first character that is not allowed.
fn first_invalid(text: &str) -> Option<usize> {
    let mut before = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        let after = chars.peek().map(|&(_, after)| after);
        if !is_allowed(before, char, after) {
            return Some(at);
        }
        before = Some(char);
    }
    None
}

pub(super) fn check(text: &str) -> Result<(), Reason> {
    if text.len() > Text::MAX_LEN {
        return Err(Reason::TooLong {
            limit: Text::MAX_LEN,
        });
    }
    if let Some(at) = first_invalid(text) {
        return Err(Reason::InvalidCharacter { at });
    }
    if text.trim().is_empty() {
        return Err(Reason::Empty);
    }
    Ok(())
}

/// Returns true if a text in visible ASCII is valid, and is written without escapes and read
/// without OWS, which is the usual case.
fn is_plain(bytes: &[u8]) -> bool {
    let is_unescaped = |byte: u8| (b' '..=b'~').contains(&byte) & (byte != b'%');
    let is_no_space = |byte: Option<&u8>| byte.is_some_and(|byte| *byte != b' ');
    bytes.len() <= Text::MAX_LEN
        && is_no_space(bytes.first())
        && is_no_space(bytes.last())
        && bytes
            .iter()
            .fold(true, |all, &byte| all & is_unescaped(byte))
}

impl Value for Text {}

impl Wire for Text {
    fn from_wire(value: &HeaderValue) -> Result<Self, Reason> {
        if is_plain(value.as_bytes()) {
            let (wire, plain) = (value.clone(), None);
            return Ok(Self { wire, plain });
        }
        let bytes = value::trim_ows(value);
        // Percent-encoding triples the length at most. Longer input is not decoded.
        if bytes.len() > 3 * Self::MAX_LEN {
            return Err(Reason::TooLong {
                limit: Self::MAX_LEN,
            });
        }
        let text = percent::decode(bytes)?;
        check(&text)
            .map_err(|reason| reason.map_offset(|at| percent::encoded_offset(bytes, at)))?;
        Ok(Self::checked(&text))
    }

    fn check_wire(value: &HeaderValue) -> Result<Option<HeaderValue>, Reason> {
        if is_plain(value.as_bytes()) {
            return Ok(None);
        }
        Self::from_wire(value).map(|text| Some(text.wire))
    }

    fn from_text(text: &str) -> Result<Self, Reason> {
        if is_plain(text.as_bytes()) {
            let (wire, plain) = (value::header_value(text.to_owned()), None);
            return Ok(Self { wire, plain });
        }
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

/// Converts into the value as it is in a header, percent-encoded if necessary.
impl From<Text> for HeaderValue {
    fn from(value: Text) -> Self {
        value.into_wire()
    }
}

value::parsed_from_text!(Text, "text");

impl From<Text> for String {
    fn from(value: Text) -> Self {
        value.as_str().to_owned()
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
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
