use http::HeaderValue;

use super::readers::Reader;
use crate::{Reason, encoding::PartText, field::trim_ows};

/// Outcome of reading a field from a header.
pub(super) enum Outcome {
    /// A valid value.
    Valid(HeaderValue),
    /// No value. The reason is reported, and other headers count as if this header were not
    /// in the request.
    Absent(Reason),
    /// An invalid value. The reason is reported, and no header of lower precedence counts.
    Invalid(Reason),
}

impl Outcome {
    pub(super) fn of(value: Result<HeaderValue, Reason>) -> Self {
        match value {
            Ok(value) => Self::Valid(value),
            // Some clients send an empty header if they have no value, for example Cline.
            Err(reason @ Reason::Empty) => Self::Absent(reason),
            Err(reason) => Self::Invalid(reason),
        }
    }
}

impl Reader {
    /// Reads a value in the field's own encoding.
    pub(super) fn read_value(&self, value: &HeaderValue) -> Outcome {
        if let Err(reason) = self.limits.check(trim_ows(value)) {
            return self.outside_limits(reason);
        }
        let canonical = self.field.read(value);
        // `None` means that the value is canonical already.
        Outcome::of(canonical.map(|canonical| canonical.unwrap_or_else(|| value.clone())))
    }

    /// Reads a text without header escapes.
    pub(super) fn read_text(&self, text: &str) -> Outcome {
        if let Err(reason) = self.limits.check(text.as_bytes()) {
            return self.outside_limits(reason);
        }
        Outcome::of(self.field.parse(text))
    }

    /// Reads the text of a part. An offset in a reason is relative to the header's value.
    pub(super) fn read_part(&self, part: &PartText<'_>) -> Outcome {
        let in_value = |reason: Reason| reason.map_offset(|at| part.offset_in_value(at));
        match self.read_text(&part.text) {
            Outcome::Absent(reason) => Outcome::Absent(in_value(reason)),
            Outcome::Invalid(reason) => Outcome::Invalid(in_value(reason)),
            valid @ Outcome::Valid(_) => valid,
        }
    }

    /// Returns the outcome of a value outside the limits.
    const fn outside_limits(&self, reason: Reason) -> Outcome {
        if self.skips {
            Outcome::Absent(reason)
        } else {
            Outcome::Invalid(reason)
        }
    }
}
