use std::fmt;

use crate::Reason;

/// Limits that a header's reader has for its value, in addition to the limits of the
/// field's value type.
///
/// A value outside the limits is not written, because the reader would drop, truncate or
/// misread it. The value is reported with the reason. Such a value is not read either.
///
/// ```
/// use tower_metadata_headers::{Charset, ValueLimits};
///
/// let litellm = ValueLimits::new().min_len(8).charset(Charset::Word);
/// assert_eq!(litellm.to_string(), "at least 8 letters, digits, `_` and `-`");
/// assert_eq!(ValueLimits::new().max_len(128).to_string(), "at most 128 bytes");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ValueLimits {
    pub(crate) min: usize,
    pub(crate) max: usize,
    pub(crate) charset: Charset,
}

/// Characters that a value may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Charset {
    /// Every character that the field's value type allows.
    Any,
    /// ASCII letters, digits, `_` and `-`.
    Word,
    /// ASCII letters, digits, spaces and `._:/=+$@-`, as AWS documents it.
    Aws,
    /// A UUID of version 1 to 5, with hyphens.
    Uuid1To5,
}

impl ValueLimits {
    /// Creates limits that accept every value.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            min: 0,
            max: usize::MAX,
            charset: Charset::Any,
        }
    }

    /// Sets the minimum number of bytes.
    #[must_use]
    pub const fn min_len(self, min: usize) -> Self {
        Self { min, ..self }
    }

    /// Sets the maximum number of bytes.
    #[must_use]
    pub const fn max_len(self, max: usize) -> Self {
        Self { max, ..self }
    }

    /// Sets the characters that a value may contain.
    #[must_use]
    pub const fn charset(self, charset: Charset) -> Self {
        Self { charset, ..self }
    }

    /// Returns true if every value is accepted.
    ///
    /// ```
    /// use tower_metadata_headers::ValueLimits;
    ///
    /// assert!(ValueLimits::new().is_none());
    /// assert!(!ValueLimits::new().max_len(128).is_none());
    /// ```
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.min == 0 && self.max == usize::MAX && matches!(self.charset, Charset::Any)
    }

    /// Returns true if some length is accepted, other than that of an empty value.
    pub(crate) const fn accept_some_length(&self) -> bool {
        self.max > 0 && self.min <= self.max
    }

    /// Checks that a value is within the limits.
    pub(crate) fn check(&self, value: &[u8]) -> Result<(), Reason> {
        if value.len() < self.min {
            return Err(Reason::TooShort { limit: self.min });
        }
        if value.len() > self.max {
            return Err(Reason::TooLong { limit: self.max });
        }
        match self.charset {
            Charset::Any => Ok(()),
            Charset::Word => check_bytes(value, |byte| matches!(byte, b'_' | b'-')),
            Charset::Aws => check_bytes(value, |byte| b" ._:/=+$@-".contains(&byte)),
            Charset::Uuid1To5 => check_uuid(value),
        }
    }
}

impl Default for ValueLimits {
    fn default() -> Self {
        Self::new()
    }
}

/// Checks that each byte is a letter, a digit or one that `also` allows.
fn check_bytes(value: &[u8], also: impl Fn(u8) -> bool) -> Result<(), Reason> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || also(byte);
    match value.iter().position(|&byte| !is_allowed(byte)) {
        Some(at) => Err(Reason::InvalidCharacter { at }),
        None => Ok(()),
    }
}

/// Checks for a UUID of version 1 to 5 (the digit at 14) and of the variant of RFC 9562
/// (the digit at 19).
fn check_uuid(value: &[u8]) -> Result<(), Reason> {
    let is_valid = |(at, byte): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        14 => matches!(byte, b'1'..=b'5'),
        19 => matches!(byte.to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b'),
        _ => byte.is_ascii_hexdigit(),
    };
    if value.len() == 36 && value.iter().enumerate().all(is_valid) {
        Ok(())
    } else {
        Err(Reason::NotAUuid)
    }
}

impl fmt::Display for ValueLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (0, usize::MAX) => {}
            (min, usize::MAX) => write!(f, "at least {min} ")?,
            (0, max) => write!(f, "at most {max} ")?,
            (min, max) => write!(f, "{min} to {max} ")?,
        }
        f.write_str(match self.charset {
            Charset::Any if self.is_none() => "anything",
            Charset::Any => "bytes",
            Charset::Word => "letters, digits, `_` and `-`",
            Charset::Aws => "letters, digits, spaces and `._:/=+$@-`",
            Charset::Uuid1To5 => "UUID of version 1 to 5",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_outside_the_limits_is_an_error() {
        let limits = ValueLimits::new().min_len(2).max_len(3);
        assert_eq!(limits.check(b"a"), Err(Reason::TooShort { limit: 2 }));
        assert_eq!(limits.check(b"ab"), Ok(()));
        assert_eq!(limits.check(b"abc"), Ok(()));
        assert_eq!(limits.check(b"abcd"), Err(Reason::TooLong { limit: 3 }));
    }

    #[test]
    fn display_describes_accepted_values() {
        let limits = ValueLimits::new();
        for (limits, expected) in [
            (limits, "anything"),
            (limits.min_len(2), "at least 2 bytes"),
            (limits.max_len(9), "at most 9 bytes"),
            (limits.min_len(2).max_len(9), "2 to 9 bytes"),
            (limits.charset(Charset::Uuid1To5), "UUID of version 1 to 5"),
        ] {
            assert_eq!(limits.to_string(), expected);
        }
    }

    #[test]
    fn character_outside_the_charset_is_an_error() {
        let word = ValueLimits::new().charset(Charset::Word);
        assert_eq!(word.check(b"aZ0_-"), Ok(()));
        assert_eq!(word.check(b"a.b"), Err(Reason::InvalidCharacter { at: 1 }));
        let aws = ValueLimits::new().charset(Charset::Aws);
        assert_eq!(aws.check(b"a b._:/=+$@-"), Ok(()));
        assert_eq!(aws.check(b"a,"), Err(Reason::InvalidCharacter { at: 1 }));
    }

    #[test]
    fn uuid_of_another_version_or_form_is_an_error() {
        let uuid = ValueLimits::new().charset(Charset::Uuid1To5);
        assert_eq!(uuid.check(b"5d1c7a6e-3f2b-4a89-9c0d-1e2f3a4b5c6d"), Ok(()));
        for other in [
            "0190b2c4-7f1e-7c3a-9b55-3f1d1f6e2a10", // version 7
            "5d1c7a6e-3f2b-4a89-cc0d-1e2f3a4b5c6d", // another variant
            "5d1c7a6e3f2b4a899c0d1e2f3a4b5c6d",
            "",
        ] {
            assert_eq!(
                uuid.check(other.as_bytes()),
                Err(Reason::NotAUuid),
                "{other}"
            );
        }
    }
}
