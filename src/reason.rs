use std::fmt;

use http::StatusCode;

/// Reason why a value, a header or a field is ignored.
///
/// A reason never contains a value from a request.
///
/// ```
/// use http::StatusCode;
/// use tower_metadata_headers::{Id, Reason};
///
/// let reason = "a,b".parse::<Id>().unwrap_err().reason();
/// assert_eq!(reason, Reason::InvalidCharacter { at: 1 });
/// assert_eq!(reason.code(), "invalid_character");
/// assert_eq!(reason.status(), StatusCode::BAD_REQUEST);
/// assert_eq!(reason.to_string(), "invalid character at byte 1");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The value is empty, or only white space.
    Empty,
    /// An item of the list is empty, or only white space.
    EmptyItem,
    /// The value is longer than `limit` bytes.
    TooLong {
        /// Maximum length of the value in bytes.
        limit: usize,
    },
    /// The value is shorter than `limit` bytes.
    TooShort {
        /// Minimum length of the value in bytes.
        limit: usize,
    },
    /// The value contains a character that its kind does not allow.
    InvalidCharacter {
        /// Offset in bytes from the start of the value. It counts a header's value
        /// or a baggage member as sent, without the OWS around it, and a JSON string
        /// after its escapes are decoded.
        at: usize,
    },
    /// A `%` is not followed by two hexadecimal digits.
    InvalidEscape {
        /// Offset of the `%`, counted as for
        /// [`InvalidCharacter`](Self::InvalidCharacter).
        at: usize,
    },
    /// The percent-decoded bytes are not UTF-8.
    InvalidUtf8,
    /// The value is not a UUID of a version that its reader supports.
    NotAUuid,
    /// The list has more items than `limit`.
    TooMany {
        /// Maximum number of items.
        limit: usize,
    },
    /// The field's own type rejected the value.
    InvalidField,
    /// The header has more than one field line.
    Repeated,
    /// The header's name differs from a known one in separators only, for example
    /// `x_zoo_session_id`. A server behind a gateway may treat both as one header.
    LookAlike,
    /// The header is nominated by `Connection`, so the next hop removes it.
    Nominated,
    /// Two headers carry different values for the field.
    Conflict,
    /// The header's value is not valid JSON.
    InvalidJson,
    /// The header's JSON is not an object.
    NotAnObject,
    /// The JSON value is not a string. In an object, it is not a number or a boolean either.
    NotAString,
    /// The JSON object or the baggage contains the member more than once.
    RepeatedMember,
    /// The field is identity, and the request is not trusted.
    Untrusted,
    /// The field is required, and the request does not have it.
    Missing,
    /// The convention has no header for the field.
    Unsupported,
    /// The request already has the header, and existing headers are kept.
    AlreadySet,
    /// The request's header map is full.
    HeaderMapFull,
    /// The request has more metadata headers than its
    /// [`RequestLimits`](crate::RequestLimits) allow.
    TooManyHeaders {
        /// Maximum number of metadata headers.
        limit: usize,
    },
    /// The request has more bytes of metadata headers than its
    /// [`RequestLimits`](crate::RequestLimits) allow.
    TooManyBytes {
        /// Maximum number of bytes in all metadata headers together.
        limit: usize,
    },
    /// No [`HostPolicy`](crate::HostPolicy) matches the request's host.
    UnknownDestination,
    /// The request's URI is not `https`, and the [`HostPolicy`](crate::HostPolicy) of
    /// its host requires that.
    InsecureScheme,
    /// The field is identity, and the [`HostPolicy`](crate::HostPolicy) of the host
    /// withholds identity.
    Withheld,
    /// The request is a `CONNECT`, whose headers a proxy reads in clear text.
    Connect,
    /// A redirect has led the request to another origin.
    CrossOrigin,
}

impl Reason {
    /// Returns a stable code for programs and metrics: lower case with underscores.
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

    /// Returns the status for a response that rejects the request: 403 if the request is
    /// not trusted, 431 if its headers are too long or too many, otherwise 400.
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

    /// Returns a sort key, the gravest reason first: 403 before 431 before 400,
    /// then by code.
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
            Self::Empty => f.write_str("empty value"),
            Self::EmptyItem => f.write_str("empty list item"),
            Self::TooLong { limit } => write!(f, "longer than {limit} bytes"),
            Self::TooShort { limit } => write!(f, "shorter than {limit} bytes"),
            Self::InvalidCharacter { at } => {
                write!(f, "invalid character at byte {at}")
            }
            Self::InvalidEscape { at } => {
                write!(f, "invalid percent escape at byte {at}")
            }
            Self::InvalidUtf8 => f.write_str("invalid UTF-8 after percent-decoding"),
            Self::NotAUuid => f.write_str("not a UUID of a supported version"),
            Self::TooMany { limit } => write!(f, "more than {limit} items"),
            Self::InvalidField => f.write_str("rejected by the field's type"),
            Self::Repeated => f.write_str("more than one field line"),
            Self::LookAlike => f.write_str("look-alike of a known header name"),
            Self::Nominated => f.write_str("header nominated by Connection"),
            Self::Conflict => f.write_str("conflicting values"),
            Self::InvalidJson => f.write_str("invalid JSON"),
            Self::NotAnObject => f.write_str("not a JSON object"),
            Self::NotAString => f.write_str("not a JSON string"),
            Self::RepeatedMember => f.write_str("repeated member"),
            Self::Untrusted => f.write_str("request is not trusted with identity"),
            Self::Missing => f.write_str("required field is missing"),
            Self::Unsupported => f.write_str("no header in this convention"),
            Self::AlreadySet => f.write_str("header is already set"),
            Self::HeaderMapFull => f.write_str("header map is full"),
            Self::TooManyHeaders { limit } => {
                write!(f, "more than {limit} metadata headers")
            }
            Self::TooManyBytes { limit } => {
                write!(f, "more than {limit} bytes of metadata headers")
            }
            Self::UnknownDestination => f.write_str("no policy for this host"),
            Self::InsecureScheme => f.write_str("this host's policy requires https"),
            Self::Withheld => f.write_str("withheld by this host's policy"),
            Self::Connect => f.write_str("not sent with CONNECT"),
            Self::CrossOrigin => f.write_str("not sent to another origin"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Programs and logs depend on these texts.
    #[test]
    fn reason_has_a_stable_status_code_and_text() {
        let all = all().map(|reason| {
            let (code, status) = (reason.code(), reason.status().as_u16());
            format!("{status} {code}: {reason}")
        });
        assert_eq!(
            all,
            [
                "400 empty: empty value",
                "400 empty_item: empty list item",
                "431 too_long: longer than 9 bytes",
                "400 too_short: shorter than 9 bytes",
                "400 invalid_character: invalid character at byte 9",
                "400 invalid_escape: invalid percent escape at byte 9",
                "400 invalid_utf8: invalid UTF-8 after percent-decoding",
                "400 not_a_uuid: not a UUID of a supported version",
                "431 too_many: more than 9 items",
                "400 invalid_field: rejected by the field's type",
                "400 repeated: more than one field line",
                "400 look_alike: look-alike of a known header name",
                "400 nominated: header nominated by Connection",
                "400 conflict: conflicting values",
                "400 invalid_json: invalid JSON",
                "400 not_an_object: not a JSON object",
                "400 not_a_string: not a JSON string",
                "400 repeated_member: repeated member",
                "403 untrusted: request is not trusted with identity",
                "400 missing: required field is missing",
                "400 unsupported: no header in this convention",
                "400 already_set: header is already set",
                "431 header_map_full: header map is full",
                "431 too_many_headers: more than 9 metadata headers",
                "431 too_many_bytes: more than 9 bytes of metadata headers",
                "400 unknown_destination: no policy for this host",
                "400 insecure_scheme: this host's policy requires https",
                "400 withheld: withheld by this host's policy",
                "400 connect: not sent with CONNECT",
                "400 cross_origin: not sent to another origin",
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
        // Without a wildcard arm, a new reason does not compile until it is listed.
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
