//! Text of a field without escapes, for targets that do not decode it.

use http::HeaderValue;

use crate::Reason;

/// Returns a text as a header's value.
///
/// # Errors
///
/// Returns an error if a byte would need an escape: if it is not visible ASCII or an inner
/// space. A space at either end is not part of a header's value.
pub(crate) fn encode(text: &str) -> Result<HeaderValue, Reason> {
    let last = text.len().saturating_sub(1);
    let is_literal = |(at, byte): (usize, u8)| match byte {
        b' ' => at != 0 && at != last,
        _ => byte.is_ascii_graphic(),
    };
    if let Some(at) = text.bytes().enumerate().position(|byte| !is_literal(byte)) {
        return Err(Reason::InvalidCharacter { at });
    }
    HeaderValue::from_str(text).map_err(|_| Reason::InvalidField)
}

/// Returns the text of a header's value.
pub(crate) fn decode(value: &[u8]) -> Result<&str, Reason> {
    std::str::from_utf8(value).map_err(|_| Reason::InvalidUtf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_needs_an_escape_is_an_error() {
        for (text, at) in [("é", 0), ("a é", 2), (" a", 0), ("a ", 1), ("a\nb", 1)] {
            assert_eq!(
                encode(text),
                Err(Reason::InvalidCharacter { at }),
                "{text:?}"
            );
        }
        for text in ["100% a,b", "", "a b"] {
            assert_eq!(encode(text).unwrap(), text);
            assert_eq!(decode(text.as_bytes()), Ok(text));
        }
        assert_eq!(decode(b"\xff"), Err(Reason::InvalidUtf8));
    }
}
