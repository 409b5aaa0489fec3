use std::{error, fmt};

use crate::Reason;

/// Implements `Debug` of an error as its `Display`: a program shows the error
/// that `main` returns by its `Debug`.
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

/// Error returned by `TryFrom` and `FromStr` for a value that is not a field's.
///
/// It says what is wrong and where, and never repeats the value.
///
/// ```
/// use tower_metadata_headers::{Reason, SessionId};
///
/// let error = SessionId::try_from("two words").unwrap_err();
/// assert_eq!(error.reason(), Reason::InvalidCharacter { at: 3 });
/// assert_eq!(
///     error.to_string(),
///     "session-id has a character that is not allowed at byte 3",
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct InvalidValue {
    of: &'static str,
    reason: Reason,
}

impl InvalidValue {
    pub(crate) const fn new(of: &'static str, reason: Reason) -> Self {
        Self { of, reason }
    }

    /// Returns the same error for the field with this name.
    #[doc(hidden)]
    #[must_use]
    pub const fn named(self, of: &'static str) -> Self {
        Self { of, ..self }
    }

    /// Returns what is wrong with the value.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.of, self.reason)
    }
}

debug_as_display!(InvalidValue);

impl error::Error for InvalidValue {}
