//! Encodings of fields in a header's value. Each file reads and writes one encoding, and
//! does not depend on conventions.
//!
//! | file | encoding |
//! |---|---|
//! | `baggage.rs` | member of W3C baggage, a header that other software uses too |
//! | `json.rs` | JSON string, and string member of a JSON object |
//! | `literal.rs` | text without escapes |
//! | `percent.rs` | percent escapes of texts, tags and baggage members |
//! | `traceparent.rs` | W3C `traceparent`, read only |

use std::borrow::Cow;

use crate::Reason;

pub(crate) mod baggage;
#[cfg(feature = "json")]
pub(crate) mod json;
pub(crate) mod literal;
pub(crate) mod percent;
pub(crate) mod traceparent;

/// Encoding of fields in a header's value. `F` is kept for a value that is one field, `P`
/// for a value with named parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding<F, P> {
    /// The field's own encoding: an id unchanged, a text percent-encoded, tags as a
    /// comma-separated list.
    Plain(F),
    /// The field's text without escapes.
    Literal(F),
    /// W3C `traceparent`, which contains the trace id.
    Traceparent(F),
    /// JSON string.
    #[cfg(feature = "json")]
    JsonString(F),
    /// JSON object, whose string members are fields.
    #[cfg(feature = "json")]
    JsonObject(P),
    /// W3C baggage, whose members are fields.
    Baggage(P),
    /// Text of one property, with the property's key.
    Property(P),
}

/// Fields in a header's value, independent of the encoding.
pub(crate) enum Fields<F, P> {
    One(F),
    Parts(P),
}

/// Named part of a header's value, with the data that is kept for its field.
pub(crate) struct Part<T> {
    pub(crate) name: Cow<'static, str>,
    pub(crate) field: T,
}

/// Parts of a header's value.
pub(crate) struct Parts<T> {
    pub(crate) named: Vec<Part<T>>,
    /// Data for all other parts, if they are properties.
    pub(crate) others: Option<T>,
}

/// Result of looking up a part in a header's value.
#[derive(Default)]
pub(crate) struct Found<'v> {
    pub(crate) text: Option<Result<PartText<'v>, Reason>>,
    /// True if other readers could mistake another part for this one.
    pub(crate) has_look_alike: bool,
}

/// Text of a part, without the escapes of the value.
pub(crate) struct PartText<'v> {
    pub(crate) text: String,
    /// The text as sent, for offsets that count percent escapes. `None` for JSON, where
    /// offsets count the decoded text.
    percent_encoded: Option<&'v [u8]>,
}

impl<F, P> Encoding<F, P> {
    /// Returns true if other software uses the header too, so that it is not removed.
    pub(crate) const fn is_shared(&self) -> bool {
        matches!(self, Self::Baggage(_) | Self::Traceparent(_))
    }

    /// Returns the fields in the value.
    pub(crate) const fn fields(&self) -> Fields<&F, &P> {
        match self {
            Self::Plain(field) | Self::Literal(field) | Self::Traceparent(field) => {
                Fields::One(field)
            }
            #[cfg(feature = "json")]
            Self::JsonString(field) => Fields::One(field),
            #[cfg(feature = "json")]
            Self::JsonObject(parts) => Fields::Parts(parts),
            Self::Baggage(parts) | Self::Property(parts) => Fields::Parts(parts),
        }
    }

    /// Returns this encoding with other data for its fields.
    pub(crate) fn map<G, Q>(
        &self,
        one: impl FnOnce(&F) -> G,
        parts: impl FnOnce(&P) -> Q,
    ) -> Encoding<G, Q> {
        match self {
            Self::Plain(field) => Encoding::Plain(one(field)),
            Self::Literal(field) => Encoding::Literal(one(field)),
            Self::Traceparent(field) => Encoding::Traceparent(one(field)),
            #[cfg(feature = "json")]
            Self::JsonString(field) => Encoding::JsonString(one(field)),
            #[cfg(feature = "json")]
            Self::JsonObject(names) => Encoding::JsonObject(parts(names)),
            Self::Baggage(names) => Encoding::Baggage(parts(names)),
            Self::Property(names) => Encoding::Property(parts(names)),
        }
    }
}

impl<T> Parts<T> {
    /// Creates the parts of a value from the first.
    pub(crate) fn first(name: Cow<'static, str>, field: T) -> Self {
        Self {
            named: vec![Part { name, field }],
            others: None,
        }
    }

    /// Returns an iterator over the data of the named parts.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &T> {
        self.named.iter().map(|part| &part.field)
    }
}

impl<F, T> Encoding<F, Parts<T>> {
    /// Returns the parts, and the name of the other encoding's part, if both encodings are
    /// the same one with parts.
    pub(crate) fn parts_with<'o>(
        &mut self,
        other: &'o Encoding<(), Cow<'static, str>>,
    ) -> Option<(&mut Parts<T>, &'o Cow<'static, str>)> {
        match (self, other) {
            #[cfg(feature = "json")]
            (Self::JsonObject(parts), Encoding::JsonObject(name)) => Some((parts, name)),
            (Self::Baggage(parts), Encoding::Baggage(name)) => Some((parts, name)),
            _ => None,
        }
    }
}

impl PartText<'_> {
    /// Returns the offset of the text's byte at `at`, counted from the part's start in the
    /// value.
    pub(crate) fn offset_in_value(&self, at: usize) -> usize {
        match self.percent_encoded {
            Some(encoded) => percent::encoded_offset(encoded, at),
            None => at,
        }
    }
}
