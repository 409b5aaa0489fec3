use std::fmt;

use crate::Reason;

/// What a header's reader accepts of a value, beyond what the field's kind
/// allows.
///
/// A value outside is not written, as its reader would drop it, cut it or take
/// it for something else; it is reported with the reason. Nor is it read.
///
/// ```
/// use tower_metadata_headers::{Form, Limits};
///
/// let litellm = Limits::new().at_least(8).form(Form::Word);
/// assert_eq!(litellm.to_string(), "at least 8 letters, digits, `_` and `-`");
/// assert_eq!(Limits::new().at_most(128).to_string(), "at most 128 bytes");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    least: usize,
    most: usize,
    form: Form,
}

/// What a value is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// Whatever the field's kind allows.
    Any,
    /// ASCII letters, digits, `_` and `-`.
    Word,
    /// ASCII letters, digits, spaces and `._:/=+$@-`, as AWS has it.
    Aws,
    /// A UUID of version 1 to 5, with hyphens.
    Uuid1To5,
}

impl Limits {
    /// No limits.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            least: 0,
            most: usize::MAX,
            form: Form::Any,
        }
    }

    /// The fewest bytes that are accepted.
    #[must_use]
    pub const fn at_least(self, least: usize) -> Self {
        Self { least, ..self }
    }

    /// The most bytes that are accepted.
    #[must_use]
    pub const fn at_most(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// What the value must be made of.
    #[must_use]
    pub const fn form(self, form: Form) -> Self {
        Self { form, ..self }
    }

    /// Whether everything is accepted.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.least == 0 && self.most == usize::MAX && matches!(self.form, Form::Any)
    }

    /// Whether there is a length that they accept.
    pub(super) const fn accept_something(&self) -> bool {
        self.most > 0 && self.least <= self.most
    }

    pub(super) fn check(&self, value: &[u8]) -> Result<(), Reason> {
        if value.len() < self.least {
            return Err(Reason::TooShort { limit: self.least });
        }
        if value.len() > self.most {
            return Err(Reason::TooLong { limit: self.most });
        }
        match self.form {
            Form::Any => Ok(()),
            Form::Word => each(value, |byte| matches!(byte, b'_' | b'-')),
            Form::Aws => each(value, |byte| b" ._:/=+$@-".contains(&byte)),
            Form::Uuid1To5 => uuid(value),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

fn each(value: &[u8], also: impl Fn(u8) -> bool) -> Result<(), Reason> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || also(byte);
    match value.iter().position(|&byte| !allowed(byte)) {
        Some(at) => Err(Reason::InvalidCharacter { at }),
        None => Ok(()),
    }
}

fn uuid(value: &[u8]) -> Result<(), Reason> {
    let fits = |(at, byte): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        14 => matches!(byte, b'1'..=b'5'),
        19 => matches!(byte.to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b'),
        _ => byte.is_ascii_hexdigit(),
    };
    if value.len() == 36 && value.iter().enumerate().all(fits) {
        Ok(())
    } else {
        Err(Reason::NotAUuid)
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least, self.most) {
            (0, usize::MAX) => {}
            (least, usize::MAX) => write!(f, "at least {least} ")?,
            (0, most) => write!(f, "at most {most} ")?,
            (least, most) => write!(f, "{least} to {most} ")?,
        }
        f.write_str(match self.form {
            Form::Any if self.is_none() => "anything",
            Form::Any => "bytes",
            Form::Word => "letters, digits, `_` and `-`",
            Form::Aws => "letters, digits, spaces and `._:/=+$@-`",
            Form::Uuid1To5 => "UUID of version 1 to 5",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_bytes_at_both_ends() {
        let limits = Limits::new().at_least(2).at_most(3);
        assert_eq!(limits.check(b"a"), Err(Reason::TooShort { limit: 2 }));
        assert_eq!(limits.check(b"ab"), Ok(()));
        assert_eq!(limits.check(b"abc"), Ok(()));
        assert_eq!(limits.check(b"abcd"), Err(Reason::TooLong { limit: 3 }));
    }

    #[test]
    fn says_what_it_accepts() {
        let limits = Limits::new();
        for (limits, says) in [
            (limits, "anything"),
            (limits.at_least(2), "at least 2 bytes"),
            (limits.at_most(9), "at most 9 bytes"),
            (limits.at_least(2).at_most(9), "2 to 9 bytes"),
            (limits.form(Form::Uuid1To5), "UUID of version 1 to 5"),
        ] {
            assert_eq!(limits.to_string(), says);
        }
    }

    #[test]
    fn looks_at_each_character() {
        let word = Limits::new().form(Form::Word);
        assert_eq!(word.check(b"aZ0_-"), Ok(()));
        assert_eq!(word.check(b"a.b"), Err(Reason::InvalidCharacter { at: 1 }));
        let aws = Limits::new().form(Form::Aws);
        assert_eq!(aws.check(b"a b._:/=+$@-"), Ok(()));
        assert_eq!(aws.check(b"a,"), Err(Reason::InvalidCharacter { at: 1 }));
    }

    #[test]
    fn knows_a_uuid_by_its_version() {
        let uuid = Limits::new().form(Form::Uuid1To5);
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
