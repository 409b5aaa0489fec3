use std::{error, fmt};

use crate::Reason;

/// Implements `Debug` for an error as its `Display`, because a program prints the
/// error that `main` returns with `Debug`.
macro_rules! debug_as_display {
    ($error:ty) => {
        impl ::std::fmt::Debug for $error {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(self, f)
            }
        }
    };
}

pub(crate) use debug_as_display;

/// Maximum length of a text in an error, in bytes.
const MAX_SHOWN: usize = 160;

/// Returns a text for an error. A longer text is cut, because an error must not repeat a
/// text of unlimited length.
pub(crate) fn truncated(text: &str) -> String {
    let boundaries = text.char_indices().map(|(at, char)| at + char.len_utf8());
    // An empty text has no boundary, and nothing to cut.
    let end = boundaries
        .take_while(|end| *end <= MAX_SHOWN)
        .last()
        .unwrap_or_default();
    let mut shown = text.get(..end).unwrap_or_default().to_owned();
    if end < text.len() {
        shown.push('…');
    }
    shown
}

/// Error returned by `TryFrom` and `FromStr` if a value is not valid for a field.
///
/// It contains the reason and the position, and never the value.
///
/// ```
/// use tower_metadata_headers::{Reason, SessionId};
///
/// let error = SessionId::try_from("two words").unwrap_err();
/// assert_eq!(error.reason(), Reason::InvalidCharacter { at: 3 });
/// assert_eq!(
///     error.to_string(),
///     "session-id: invalid character at byte 3",
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct InvalidValue {
    subject: &'static str,
    reason: Reason,
}

impl InvalidValue {
    pub(crate) const fn new(subject: &'static str, reason: Reason) -> Self {
        Self { subject, reason }
    }

    /// Replaces the subject with a field's name.
    #[doc(hidden)]
    #[must_use]
    pub const fn named(self, subject: &'static str) -> Self {
        Self { subject, ..self }
    }

    /// Returns the reason why the value is invalid.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.reason)
    }
}

debug_as_display!(InvalidValue);

impl error::Error for InvalidValue {}
