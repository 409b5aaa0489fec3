use std::fmt;

/// Why a value, a header or a field does not count.
///
/// A reason never holds a value that somebody sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// There is nothing in the value, or only white space.
    Empty,
    /// The value has more bytes than `limit`.
    TooLong {
        /// The most bytes that the value may have.
        limit: usize,
    },
    /// The value has fewer bytes than its reader asks for.
    TooShort {
        /// The fewest bytes that the value may have.
        limit: usize,
    },
    /// The value has a character that its kind does not allow.
    InvalidCharacter {
        /// Where it stands, counted in bytes from the value's start.
        at: usize,
    },
    /// A `%` that no two hexadecimal digits follow.
    InvalidEscape {
        /// Where it stands, counted in bytes from the value's start.
        at: usize,
    },
    /// The percent-decoded bytes are not UTF-8.
    InvalidUtf8,
    /// The value is no UUID of the versions that its reader knows.
    NotAUuid,
    /// The list has more items than `limit`.
    TooMany {
        /// The most items that the list may have.
        limit: usize,
    },
    /// The field's own type refused the value.
    Refused,
    /// The header came on more than one line.
    Repeated,
    /// The name differs from a known one only in its separators, as
    /// `x_zoo_session_id` does. Servers behind a gateway may take the two
    /// for the same.
    LookAlike,
    /// `Connection` names the header, so the next hop would remove it.
    Nominated,
    /// Two headers carry the field and disagree.
    Conflict,
    /// The header's value is no JSON.
    InvalidJson,
    /// The header's JSON is not an object.
    NotAnObject,
    /// The member of the JSON object is not a string.
    NotAString,
    /// The JSON object or the baggage has the member more than once.
    RepeatedMember,
    /// The field says whom a request is for, and nobody vouched for the
    /// request.
    Untrusted,
    /// The field is required and did not come.
    Missing,
    /// The convention has no header for the field.
    NoPlace,
    /// The request has the header already, and it was to be kept.
    AlreadySet,
    /// The request's header map is full.
    Full,
}

impl Reason {
    /// A stable name for programs: lower case with underscores.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong { .. } => "too_long",
            Self::TooShort { .. } => "too_short",
            Self::InvalidCharacter { .. } => "invalid_character",
            Self::InvalidEscape { .. } => "invalid_escape",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::NotAUuid => "not_a_uuid",
            Self::TooMany { .. } => "too_many",
            Self::Refused => "refused",
            Self::Repeated => "repeated",
            Self::LookAlike => "look_alike",
            Self::Nominated => "nominated",
            Self::Conflict => "conflict",
            Self::InvalidJson => "invalid_json",
            Self::NotAnObject => "not_an_object",
            Self::NotAString => "not_a_string",
            Self::RepeatedMember => "repeated_member",
            Self::Untrusted => "untrusted",
            Self::Missing => "missing",
            Self::NoPlace => "no_place",
            Self::AlreadySet => "already_set",
            Self::Full => "full",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong { limit } => write!(f, "is longer than {limit} bytes"),
            Self::TooShort { limit } => write!(f, "is shorter than {limit} bytes"),
            Self::InvalidCharacter { at } => {
                write!(f, "has a character that is not allowed at byte {at}")
            }
            Self::InvalidEscape { at } => {
                write!(f, "has an incomplete percent escape at byte {at}")
            }
            Self::InvalidUtf8 => f.write_str("is not UTF-8 once percent-decoded"),
            Self::NotAUuid => f.write_str("is not a UUID of a version that its reader knows"),
            Self::TooMany { limit } => write!(f, "has more than {limit} items"),
            Self::Refused => f.write_str("is not a value of the field's type"),
            Self::Repeated => f.write_str("came on more than one line"),
            Self::LookAlike => f.write_str("came under a look-alike of a known header name"),
            Self::Nominated => f.write_str("came in a header that Connection names"),
            Self::Conflict => f.write_str("came with two different values"),
            Self::InvalidJson => f.write_str("is not JSON"),
            Self::NotAnObject => f.write_str("is not a JSON object"),
            Self::NotAString => f.write_str("is not a string in its JSON object"),
            Self::RepeatedMember => f.write_str("stands more than once in its header"),
            Self::Untrusted => f.write_str("came from a sender that is not trusted with it"),
            Self::Missing => f.write_str("is missing"),
            Self::NoPlace => f.write_str("has no header in this convention"),
            Self::AlreadySet => f.write_str("has its header set on the request already"),
            Self::Full => f.write_str("finds the request's header map full"),
        }
    }
}
