//! Encodings of fields in a header's value.

/// Encoding of a field in a header's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// The field's own: an id as it is, a text percent-encoded, tags as a comma list.
    Plain,
    /// W3C `traceparent`, which has the trace's id in it.
    Traceparent,
    /// Member of W3C baggage.
    Baggage,
    /// JSON string.
    #[cfg(feature = "json")]
    JsonString,
    /// String member of a JSON object.
    #[cfg(feature = "json")]
    JsonObject,
}

impl Encoding {
    /// Returns true if the header is others' too: only its own members are changed.
    pub(crate) const fn is_shared(self) -> bool {
        matches!(self, Self::Baggage | Self::Traceparent)
    }
}
