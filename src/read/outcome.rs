use http::HeaderValue;

use super::readers::Reader;
use crate::{Reason, encoding::PartText, field::trim_ows};

/// Outcome of reading a field from a header.
pub(super) enum Outcome {
    /// A value.
    Sound(HeaderValue),
    /// No value. The reason is reported. Headers of lower precedence may count.
    Absent(Reason),
    /// An invalid value. The reason is reported. No header of lower precedence counts.
    Invalid(Reason),
}

impl Outcome {
    pub(super) fn of(value: Result<HeaderValue, Reason>) -> Self {
        match value {
            Ok(value) => Self::Sound(value),
            // Some clients send an empty header if they have no value.
            Err(reason @ Reason::Empty) => Self::Absent(reason),
            Err(reason) => Self::Invalid(reason),
        }
    }
}

impl Reader {
    /// Reads a value that is the field's own.
    pub(super) fn read_value(&self, value: &HeaderValue) -> Outcome {
        if let Err(reason) = self.limits.check(trim_ows(value)) {
            return self.outside_limits(reason);
        }
        let decoded = self.field.read(value);
        Outcome::of(decoded.map(|decoded| decoded.unwrap_or_else(|| value.clone())))
    }

    /// Reads a text that has no header's escapes.
    pub(super) fn read_text(&self, text: &str) -> Outcome {
        if let Err(reason) = self.limits.check(text.as_bytes()) {
            return self.outside_limits(reason);
        }
        Outcome::of(self.field.parse(text))
    }

    /// Reads the text of a part. The offsets in reasons count in the header's value.
    pub(super) fn read_part(&self, part: &PartText<'_>) -> Outcome {
        let in_value = |reason: Reason| reason.map_offset(|at| part.offset_in_value(at));
        match self.read_text(&part.text) {
            Outcome::Absent(reason) => Outcome::Absent(in_value(reason)),
            Outcome::Invalid(reason) => Outcome::Invalid(in_value(reason)),
            sound @ Outcome::Sound(_) => sound,
        }
    }

    const fn outside_limits(&self, reason: Reason) -> Outcome {
        if self.skips {
            Outcome::Absent(reason)
        } else {
            Outcome::Invalid(reason)
        }
    }
}
