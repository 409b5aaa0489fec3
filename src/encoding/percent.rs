//! Percent-encoding of text.

use crate::Reason;

/// Appends a text as visible ASCII and inner spaces. Other characters, `%`, the bytes in
/// `also` and a space at either end are written as percent escapes of their UTF-8.
pub(crate) fn encode(text: &str, also: &[u8], into: &mut String) {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    let last = text.len().saturating_sub(1);
    for (at, byte) in text.bytes().enumerate() {
        let plain = match byte {
            b'%' => false,
            b' ' => at != 0 && at != last && !also.contains(&byte),
            0x21..=0x7e => !also.contains(&byte),
            _ => false,
        };
        if plain {
            into.push(char::from(byte));
        } else {
            into.push('%');
            for digit in [byte >> 4, byte & 0xf] {
                // A digit is below 16, so `HEX` has it.
                into.extend(HEX.get(usize::from(digit)));
            }
        }
    }
}

/// Encodes pairs as `key=value,key=value`. A key has none of these separators.
pub(crate) fn encode_pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut list = String::new();
    for (key, value) in pairs {
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(key);
        list.push('=');
        encode(value, b",", &mut list);
    }
    list
}

/// Decodes a text that [`encode`] wrote. Returns an error for a `%` without two
/// hexadecimal digits, for a byte outside printable ASCII, and if the decoded bytes are
/// not UTF-8.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, Reason> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        let at = bytes.len() - tail.len() - 1;
        decoded.push(match byte {
            b'%' => {
                let escaped = escaped_byte(tail).ok_or(Reason::InvalidEscape { at })?;
                let (byte, tail) = escaped;
                rest = tail;
                byte
            }
            b' '..=b'~' => *byte,
            _ => return Err(Reason::InvalidCharacter { at }),
        });
    }
    String::from_utf8(decoded).map_err(|_| Reason::InvalidUtf8)
}

/// Returns the byte of the escape after a `%`, and the bytes that follow.
pub(crate) fn escaped_byte(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let [high, low, rest @ ..] = bytes else {
        return None;
    };
    Some(((digit(*high)? << 4) | digit(*low)?, rest))
}

/// Returns the offset in an encoded text of the byte at `at` in the decoded text.
pub(crate) fn encoded_offset(bytes: &[u8], at: usize) -> usize {
    let mut rest = bytes;
    for _ in 0..at {
        if let [b'%', _, _, tail @ ..] | [_, tail @ ..] = rest {
            rest = tail;
        }
    }
    bytes.len() - rest.len()
}

const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_encoded(text: &str, expected: &str) {
        let mut encoded = String::new();
        encode(text, b"", &mut encoded);
        assert_eq!(encoded, expected);
        assert_eq!(decode(encoded.as_bytes()).as_deref(), Ok(text));
    }

    #[test]
    fn text_outside_ascii_is_escaped_and_decodes_to_itself() {
        assert_encoded("Visual Studio Code 1.85", "Visual Studio Code 1.85");
        assert_encoded("Zoë", "Zo%C3%AB");
        assert_encoded("100%", "100%25");
        assert_encoded(" a b ", "%20a b%20");
        assert_encoded(" ", "%20");
    }

    #[test]
    fn malformed_text_is_an_error() {
        assert_eq!(decode(b"%"), Err(Reason::InvalidEscape { at: 0 }));
        assert_eq!(decode(b"a%2"), Err(Reason::InvalidEscape { at: 1 }));
        assert_eq!(decode(b"a%zz"), Err(Reason::InvalidEscape { at: 1 }));
        assert_eq!(decode(b"%ff"), Err(Reason::InvalidUtf8));
        assert_eq!(decode(b"%C0%AF"), Err(Reason::InvalidUtf8));
        assert_eq!(decode(b"a\tb"), Err(Reason::InvalidCharacter { at: 1 }));
        assert_eq!(
            decode("é".as_bytes()),
            Err(Reason::InvalidCharacter { at: 0 })
        );
    }

    #[test]
    fn offset_after_an_escape_counts_three_bytes() {
        let offsets = |bytes: &[u8]| [0, 1, 2, 3].map(|at| encoded_offset(bytes, at));
        assert_eq!(offsets(b"a%C3%A9b"), [0, 1, 4, 7]);
        assert_eq!(offsets(b"%25a"), [0, 3, 4, 4]);
        assert_eq!(offsets(b""), [0; 4]);
    }

    #[test]
    fn escaped_percent_is_decoded_once() {
        assert_eq!(decode(b"%250a").as_deref(), Ok("%0a"));
    }
}
