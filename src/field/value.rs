use bytes::Bytes;
use http::HeaderValue;

use crate::Reason;

/// Kind of value: [`Id`](crate::Id), [`Text`](crate::Text), [`Tags`](crate::Tags),
/// [`Properties`](crate::Properties) or [`VendorHeaders`](crate::VendorHeaders).
///
/// The trait is sealed, so every value in a header has been checked by this crate.
pub trait Value: Wire {}

/// Encoding of a kind of value in a header.
#[expect(
    unnameable_types,
    reason = "no other crate can name it, which seals `Value`"
)]
pub trait Wire: Clone {
    /// Checks a header's value.
    fn from_wire(value: &HeaderValue) -> Result<Self, Reason>;

    /// Checks a header's value. Returns its canonical form, or `None` if the value is
    /// canonical already.
    fn check_wire(value: &HeaderValue) -> Result<Option<HeaderValue>, Reason> {
        Self::from_wire(value).map(|kind| Some(kind.into_wire()))
    }

    /// Checks a text without header escapes.
    fn from_text(text: &str) -> Result<Self, Reason>;

    /// Converts the value into its canonical form in a header.
    fn into_wire(self) -> HeaderValue;

    /// Returns the value as text without header escapes.
    fn to_text(&self) -> String;
}

/// Implements `TryFrom<&str>`, `TryFrom<String>` and `FromStr` for a kind of value. An
/// error has this subject.
macro_rules! parsed_from_text {
    ($kind:ident, $subject:expr) => {
        impl TryFrom<&str> for $kind {
            type Error = InvalidValue;

            fn try_from(text: &str) -> Result<Self, InvalidValue> {
                Self::from_text(text).map_err(|reason| InvalidValue::new($subject, reason))
            }
        }

        impl TryFrom<String> for $kind {
            type Error = InvalidValue;

            fn try_from(text: String) -> Result<Self, InvalidValue> {
                Self::try_from(text.as_str())
            }
        }

        impl ::std::str::FromStr for $kind {
            type Err = InvalidValue;

            fn from_str(text: &str) -> Result<Self, InvalidValue> {
                Self::try_from(text)
            }
        }
    };
}

pub(super) use parsed_from_text;

/// Returns a header's value without the OWS around it, which is not part of the value
/// (RFC 9110, section 5.5). HTTP/1.1 parsers remove it, and HTTP/2 parsers keep it.
pub(crate) fn trim_ows(value: &HeaderValue) -> &[u8] {
    let mut bytes = value.as_bytes();
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// Creates a header value from text that a kind of value has checked or escaped.
#[expect(
    clippy::expect_used,
    reason = "every caller passes visible ASCII and inner spaces only"
)]
pub(super) fn header_value(text: impl Into<Bytes>) -> HeaderValue {
    HeaderValue::from_maybe_shared(text.into()).expect("visible ASCII is a header value")
}
