use std::fmt;

use http::StatusCode;

/// Reason for which a value, a header or a field is ignored.
///
/// A reason never holds a value that somebody sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// There is nothing in the value, or only white space.
    Empty,
    /// An item of the list has nothing in it, or only white space.
    EmptyItem,
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
        /// Offset in bytes from the start of the value: of a header's value or a
        /// member of baggage as it was sent, without optional whitespace around
        /// it; of a JSON string once its escapes are decoded.
        at: usize,
    },
    /// A `%` that no two hexadecimal digits follow.
    InvalidEscape {
        /// Offset of the `%`, counted as for
        /// [`InvalidCharacter`](Self::InvalidCharacter).
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
    InvalidField,
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
    /// The field is identity, and the request is not trusted.
    Untrusted,
    /// The field is required and did not come.
    Missing,
    /// The convention has no header for the field.
    Unsupported,
    /// The request has the header already, and it was to be kept.
    AlreadySet,
    /// The request's header map is full.
    HeaderMapFull,
    /// There are more headers of metadata than the [`RequestLimits`](crate::RequestLimits)
    /// has.
    TooManyHeaders {
        /// The most headers that may carry fields.
        limit: usize,
    },
    /// The headers of metadata have more bytes than the
    /// [`RequestLimits`](crate::RequestLimits) has.
    TooManyBytes {
        /// The most bytes that they may have in all.
        limit: usize,
    },
    /// No [`HostPolicy`](crate::HostPolicy) is for the request's host, so no
    /// metadata is sent to it.
    UnknownDestination,
    /// The request's URI is not `https`, which its
    /// [`HostPolicy`](crate::HostPolicy) asks for.
    InsecureScheme,
    /// The field is identity, which its [`HostPolicy`](crate::HostPolicy)
    /// withholds.
    Withheld,
    /// The request is a `CONNECT`, whose headers a proxy reads in clear text.
    Connect,
    /// A redirect led the request to another origin.
    CrossOrigin,
}

impl Reason {
    /// Returns a stable name for programs: lower case with underscores.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::EmptyItem => "empty_item",
            Self::TooLong { .. } => "too_long",
            Self::TooShort { .. } => "too_short",
            Self::InvalidCharacter { .. } => "invalid_character",
            Self::InvalidEscape { .. } => "invalid_escape",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::NotAUuid => "not_a_uuid",
            Self::TooMany { .. } => "too_many",
            Self::InvalidField => "invalid_field",
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
            Self::Unsupported => "unsupported",
            Self::AlreadySet => "already_set",
            Self::HeaderMapFull => "header_map_full",
            Self::TooManyHeaders { .. } => "too_many_headers",
            Self::TooManyBytes { .. } => "too_many_bytes",
            Self::UnknownDestination => "unknown_destination",
            Self::InsecureScheme => "insecure_scheme",
            Self::Withheld => "withheld",
            Self::Connect => "connect",
            Self::CrossOrigin => "cross_origin",
        }
    }

    /// Returns the status with which to answer a request that is rejected for this:
    /// 403 where its sender is not trusted, 431 where its headers are too long
    /// or too many, else 400.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Untrusted => StatusCode::FORBIDDEN,
            Self::TooLong { .. }
            | Self::TooMany { .. }
            | Self::TooManyHeaders { .. }
            | Self::TooManyBytes { .. }
            | Self::HeaderMapFull => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Returns the same reason with another offset, if it has one.
    pub(crate) fn map_offset(self, map: impl FnOnce(usize) -> usize) -> Self {
        match self {
            Self::InvalidCharacter { at } => Self::InvalidCharacter { at: map(at) },
            Self::InvalidEscape { at } => Self::InvalidEscape { at: map(at) },
            other => other,
        }
    }

    /// Returns the key by which reasons are ordered, the gravest first: 403
    /// before 431 before 400, then by code.
    pub(crate) fn precedence(self) -> (u8, &'static str) {
        let status = match self.status() {
            StatusCode::FORBIDDEN => 0,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => 1,
            _ => 2,
        };
        (status, self.code())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::EmptyItem => f.write_str("has an empty item"),
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
            Self::InvalidField => f.write_str("is not a value of the field's type"),
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
            Self::Unsupported => f.write_str("has no header in this convention"),
            Self::AlreadySet => f.write_str("has its header set on the request already"),
            Self::HeaderMapFull => f.write_str("finds the request's header map full"),
            Self::TooManyHeaders { limit } => {
                write!(f, "exceeds the limit of {limit} headers")
            }
            Self::TooManyBytes { limit } => write!(f, "exceeds the limit of {limit} bytes"),
            Self::UnknownDestination => f.write_str("is not sent to a host without a policy"),
            Self::InsecureScheme => f.write_str("is sent over https only"),
            Self::Withheld => f.write_str("is withheld from this host"),
            Self::Connect => f.write_str("is not sent with CONNECT"),
            Self::CrossOrigin => f.write_str("is not sent to another origin"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Programs and logs go by these: a change here is a change for them.
    #[test]
    fn every_reason_has_its_code_its_status_and_its_words() {
        let all = all().map(|reason| {
            let (code, status) = (reason.code(), reason.status().as_u16());
            format!("{status} {code}: {reason}")
        });
        assert_eq!(
            all,
            [
                "400 empty: is empty",
                "400 empty_item: has an empty item",
                "431 too_long: is longer than 9 bytes",
                "400 too_short: is shorter than 9 bytes",
                "400 invalid_character: has a character that is not allowed at byte 9",
                "400 invalid_escape: has an incomplete percent escape at byte 9",
                "400 invalid_utf8: is not UTF-8 once percent-decoded",
                "400 not_a_uuid: is not a UUID of a version that its reader knows",
                "431 too_many: has more than 9 items",
                "400 invalid_field: is not a value of the field's type",
                "400 repeated: came on more than one line",
                "400 look_alike: came under a look-alike of a known header name",
                "400 nominated: came in a header that Connection names",
                "400 conflict: came with two different values",
                "400 invalid_json: is not JSON",
                "400 not_an_object: is not a JSON object",
                "400 not_a_string: is not a string in its JSON object",
                "400 repeated_member: stands more than once in its header",
                "403 untrusted: came from a sender that is not trusted with it",
                "400 missing: is missing",
                "400 unsupported: has no header in this convention",
                "400 already_set: has its header set on the request already",
                "431 header_map_full: finds the request's header map full",
                "431 too_many_headers: exceeds the limit of 9 headers",
                "431 too_many_bytes: exceeds the limit of 9 bytes",
                "400 unknown_destination: is not sent to a host without a policy",
                "400 insecure_scheme: is sent over https only",
                "400 withheld: is withheld from this host",
                "400 connect: is not sent with CONNECT",
                "400 cross_origin: is not sent to another origin",
            ],
        );
    }

    fn all() -> [Reason; 30] {
        let all = [
            Reason::Empty,
            Reason::EmptyItem,
            Reason::TooLong { limit: 9 },
            Reason::TooShort { limit: 9 },
            Reason::InvalidCharacter { at: 9 },
            Reason::InvalidEscape { at: 9 },
            Reason::InvalidUtf8,
            Reason::NotAUuid,
            Reason::TooMany { limit: 9 },
            Reason::InvalidField,
            Reason::Repeated,
            Reason::LookAlike,
            Reason::Nominated,
            Reason::Conflict,
            Reason::InvalidJson,
            Reason::NotAnObject,
            Reason::NotAString,
            Reason::RepeatedMember,
            Reason::Untrusted,
            Reason::Missing,
            Reason::Unsupported,
            Reason::AlreadySet,
            Reason::HeaderMapFull,
            Reason::TooManyHeaders { limit: 9 },
            Reason::TooManyBytes { limit: 9 },
            Reason::UnknownDestination,
            Reason::InsecureScheme,
            Reason::Withheld,
            Reason::Connect,
            Reason::CrossOrigin,
        ];
        // Does not compile when a reason is new: then it goes above, too.
        let is_listed = |reason| match reason {
            Reason::Empty
            | Reason::EmptyItem
            | Reason::TooLong { .. }
            | Reason::TooShort { .. }
            | Reason::InvalidCharacter { .. }
            | Reason::InvalidEscape { .. }
            | Reason::InvalidUtf8
            | Reason::NotAUuid
            | Reason::TooMany { .. }
            | Reason::InvalidField
            | Reason::Repeated
            | Reason::LookAlike
            | Reason::Nominated
            | Reason::Conflict
            | Reason::InvalidJson
            | Reason::NotAnObject
            | Reason::NotAString
            | Reason::RepeatedMember
            | Reason::Untrusted
            | Reason::Missing
            | Reason::Unsupported
            | Reason::AlreadySet
            | Reason::HeaderMapFull
            | Reason::TooManyHeaders { .. }
            | Reason::TooManyBytes { .. }
            | Reason::UnknownDestination
            | Reason::InsecureScheme
            | Reason::Withheld
            | Reason::Connect
            | Reason::CrossOrigin => all.contains(&reason),
        };
        assert!(all.into_iter().all(is_listed));
        all
    }
}
