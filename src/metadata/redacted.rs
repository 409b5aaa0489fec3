use std::fmt;

use http::HeaderValue;

use crate::{Class, FieldKey};

/// Field value for logs, from [`Metadata::iter`](crate::Metadata::iter). `Display` and
/// `Debug` show correlation in printable ASCII, and identity and
/// [`VendorHeaders`](crate::VendorHeaders) as `hidden`.
///
/// ```
/// use tower_metadata_headers::{Metadata, UserId};
///
/// let metadata = Metadata::new().with(UserId::try_from("ada@example.com")?);
/// for (_, value) in metadata.iter() {
///     assert_eq!(value.to_string(), "hidden");
///     assert_eq!(value.expose(), "ada@example.com");
/// }
/// # Ok::<(), tower_metadata_headers::InvalidValue>(())
/// ```
#[derive(Clone, Copy)]
pub struct Redacted<'a> {
    /// The field that the value belongs to.
    pub(super) key: FieldKey,
    pub(super) value: &'a HeaderValue,
}

impl<'a> Redacted<'a> {
    /// Returns the value as it is in a header, even if it is identity.
    #[must_use]
    pub fn expose(self) -> &'a str {
        // Never the default: every kind of value is encoded as printable ASCII.
        self.value.to_str().unwrap_or_default()
    }

    fn is_hidden(self) -> bool {
        self.key.class() == Class::Identity || self.key.is_of_vendor()
    }
}

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(if self.is_hidden() {
            "hidden"
        } else {
            self.expose()
        })
    }
}

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_hidden() {
            f.write_str("hidden")
        } else {
            fmt::Debug::fmt(self.expose(), f)
        }
    }
}
