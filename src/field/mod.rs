//! Typed values and what each says of itself.

mod id;
mod index;
mod key;
mod macros;
mod name;
mod otel;
mod tags;
mod text;
mod value;
mod well_known;

use self::index::Known;
pub use self::{
    id::Id,
    key::FieldKey,
    tags::Tags,
    text::Text,
    value::Value,
    well_known::{
        AgentId, ClientName, ClientVersion, ConversationId, MachineId, Mode, OrganizationId,
        ParentAgentId, ParentSessionId, ParentTaskId, ProjectId, RequestId, SessionId, TaskId,
        TraceId, TurnId, UserId,
    },
};
pub(crate) use self::{
    name::is_words,
    value::{Wire, trim_ows},
    well_known::KNOWN,
};

/// Class of a field: what forging its value would bring about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Class {
    /// The field ties requests together. A forged value misleads its sender
    /// alone.
    Correlation,
    /// Somebody is billed, limited or routed by the field. It is hidden in
    /// `Debug`, and read from a request only if the operator trusts that
    /// request.
    Identity,
}

/// Stability of a field: how long its value stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stability {
    /// Over a conversation, or longer.
    Stable,
    /// New with each turn or request. It is kept out of HTTP/2's compression
    /// table, which it would flush.
    Volatile,
}

/// One typed value of a request's metadata.
///
/// [`metadata_field!`](crate::metadata_field) writes a field for an id or a
/// text. Implement the trait by hand for a type that means more than its text:
///
/// ```
/// use tower_metadata_headers::{Class, Field, Id, Metadata, Stability};
///
/// /// How often the user's turn was tried before.
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
    /// The field's name: lower-case letters and digits in words that single
    /// hyphens join, 1 to 64 bytes. Headers and logs are named by it.
    ///
    /// It must not end in `session-id` nor be a well-known field's: a server
    /// could take the one for the other. A name that breaks these rules does
    /// not compile once the field is used.
    const NAME: &'static str;

    /// Class of the field.
    const CLASS: Class;

    /// Stability of the value.
    const STABILITY: Stability;

    /// The kind of value: [`Id`], [`Text`] or [`Tags`].
    type Value: Value;

    /// The value to write.
    fn into_value(self) -> Self::Value;

    /// The field with this value, or `None` where its type has no such value.
    fn from_value(value: Self::Value) -> Option<Self>;

    #[doc(hidden)]
    const KNOWN: Option<Known<Self>> = None;
}
