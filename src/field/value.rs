use bytes::Bytes;
use http::HeaderValue;

use crate::Reason;

/// A kind of value: [`Id`](crate::Id), [`Text`](crate::Text) or
/// [`Tags`](crate::Tags). No other type implements it.
pub trait Value: Wire {}

/// Encoding of a kind of value in a header.
#[expect(
    unnameable_types,
    reason = "no other crate can name it, which seals `Value`"
)]
pub trait Wire: Clone {
    /// Checks what came in a header.
    fn from_wire(value: &HeaderValue) -> Result<Self, Reason>;

    /// Checks what came in a header, and gives it in the one form in which it
    /// is written, unless it came so.
    fn check_wire(value: &HeaderValue) -> Result<Option<HeaderValue>, Reason> {
        Self::from_wire(value).map(|kind| Some(kind.into_wire()))
    }

    /// Checks a text that has no header's escapes.
    fn from_text(text: &str) -> Result<Self, Reason>;

    /// The one form in which the value is written to a header.
    fn into_wire(self) -> HeaderValue;

    /// The value without a header's escapes.
    fn to_text(&self) -> String;
}

/// A header's value without the white space around it, which belongs to the
/// line and not to the value: HTTP/1.1 parsers drop it, HTTP/2's keep it.
pub(crate) fn trim_ows(value: &HeaderValue) -> &[u8] {
    let mut bytes = value.as_bytes();
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// Makes a header's value of text that a kind has checked or escaped.
#[expect(
    clippy::expect_used,
    reason = "every caller passes visible ASCII and inner spaces only"
)]
pub(super) fn header_value(text: impl Into<Bytes>) -> HeaderValue {
    HeaderValue::from_maybe_shared(text.into()).expect("visible ASCII is a header value")
}
