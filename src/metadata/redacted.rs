use std::fmt;

use http::HeaderValue;

use crate::Class;

/// A field's value for logs: `Display` and `Debug` show it in visible ASCII,
/// and an identity's as `hidden`.
#[derive(Clone, Copy)]
pub struct Redacted<'a> {
    pub(super) class: Class,
    pub(super) value: &'a HeaderValue,
}

impl<'a> Redacted<'a> {
    /// Returns the value as it stands in a header, also of identity.
    #[must_use]
    pub fn expose(self) -> &'a str {
        // Never the default: every kind writes visible ASCII and spaces.
        self.value.to_str().unwrap_or_default()
    }
}

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self.class {
            Class::Identity => "hidden",
            Class::Correlation => self.expose(),
        })
    }
}

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.class {
            Class::Identity => f.write_str("hidden"),
            Class::Correlation => fmt::Debug::fmt(self.expose(), f),
        }
    }
}
