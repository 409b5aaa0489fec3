//! Fields: typed values with a name, a class and a stability.
//!
//! - `id`, `text`, `tags`, `properties`, `vendor_headers`: the kinds of value;
//! - `value`: encoding of a kind of value in a header;
//! - `well_known`, `macros`: definitions of fields;
//! - `key`, `index`, `name`: a field's type as a value, and the checks of its name;
//! - `otel`: attribute names for OpenTelemetry.

mod id;
mod index;
mod key;
mod macros;
mod name;
mod otel;
mod properties;
mod tags;
mod text;
mod value;
mod vendor_headers;
mod well_known;

use self::index::Known;
pub use self::{
    id::Id,
    key::{FieldKey, encoded},
    properties::Properties,
    tags::Tags,
    text::Text,
    value::Value,
    vendor_headers::VendorHeaders,
    well_known::{
        AgentId, ClientName, ClientVersion, ConversationId, MachineId, Mode, OrganizationId,
        ParentAgentId, ParentSessionId, ParentTaskId, ProjectId, RequestId, SessionId, TaskId,
        TraceId, TurnId, UserId,
    },
};
pub(crate) use self::{
    name::is_words,
    properties::{check_key, cmp_keys, eq_keys},
    value::{Wire, trim_ows},
    well_known::KNOWN,
};

/// Class of a field: whether a forged value is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Class {
    /// The field relates requests to each other. A forged value misleads only its
    /// sender.
    Correlation,
    /// The field decides who is billed, limited or routed. Its value is hidden in
    /// `Debug`, and read only from a trusted request.
    Identity,
}

/// Stability of a field: how long its value stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stability {
    /// The value stays the same over a conversation, or longer.
    Stable,
    /// The value is new with each turn or request. It is kept out of HTTP/2's
    /// compression table, because it would evict other entries.
    Volatile,
}

/// One typed value of a request's metadata.
///
/// [`metadata_field!`](crate::metadata_field) defines a field for an id or a text.
/// Implement the trait by hand for a type with other content, such as a number:
///
/// ```
/// use tower_metadata_headers::{Class, Field, Id, Metadata, Stability};
///
/// /// Number of earlier attempts at the user's turn.
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// struct Attempt(u64);
///
/// impl Field for Attempt {
///     const NAME: &'static str = "attempt";
///     const CLASS: Class = Class::Correlation;
///     const STABILITY: Stability = Stability::Volatile;
///     type Value = Id;
///
///     fn into_value(self) -> Id {
///         Id::from(self.0)
///     }
///
///     fn from_value(value: Id) -> Option<Self> {
///         value.as_str().parse().ok().map(Self)
///     }
/// }
///
/// let metadata = Metadata::new().with(Attempt(2));
/// assert_eq!(metadata.get(), Some(Attempt(2)));
/// ```
pub trait Field: Clone + Send + Sync + 'static {
    /// Name of the field, for headers and logs: words of lower-case letters and digits,
    /// joined by single hyphens, 1 to 64 bytes in all.
    ///
    /// The name must not end in `session-id`, and must not be that of a well-known field,
    /// because a server could read the value as that field. An invalid name is a compile
    /// error where the field is used.
    const NAME: &'static str;

    /// Class of the field.
    const CLASS: Class;

    /// Stability of the value.
    const STABILITY: Stability;

    /// Kind of value: [`Id`], [`Text`], [`Tags`] or [`Properties`].
    type Value: Value;

    /// Converts the field into its value, for writing.
    fn into_value(self) -> Self::Value;

    /// Converts a value into the field. Returns `None` if the value is not valid for the
    /// type.
    fn from_value(value: Self::Value) -> Option<Self>;

    #[doc(hidden)]
    const KNOWN: Option<Known<Self>> = None;
}
