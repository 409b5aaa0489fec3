use std::{error, fmt};

use crate::error::truncated;

/// Error returned when a convention is invalid: by
/// [`ConventionBuilder::build`](crate::ConventionBuilder::build) and
/// [`Convention::vendor`](crate::Convention::vendor).
///
/// ```
/// use tower_metadata_headers::Convention;
///
/// let error = Convention::vendor("my_gateway").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "vendor name `my_gateway`: must be letters and digits joined by single hyphens",
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct InvalidConvention {
    /// The invalid name, truncated if it is too long to show.
    name: String,
    subject: Subject,
    kind: InvalidConventionKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Name,
    Convention,
    Vendor,
    Header,
    Prefix,
    Member,
    Client,
    UserAgent,
}

/// Kind of an [`InvalidConvention`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvalidConventionKind {
    /// The name is empty.
    Empty,
    /// The text has more than `limit` bytes.
    TooLong {
        /// The maximum number of bytes.
        limit: usize,
    },
    /// The text has fewer than `limit` bytes.
    TooShort {
        /// The minimum number of bytes.
        limit: usize,
    },
    /// The client's name is not a valid [`Text`](crate::Text).
    InvalidText,
    /// The prefix of `User-Agent` has characters outside visible ASCII and spaces.
    InvalidUserAgent,
    /// The name does not consist of letters and digits joined by single hyphens.
    InvalidWords,
    /// The name is not a valid header name.
    InvalidHeaderName,
    /// The key of the property is invalid: see [`Properties`](crate::Properties).
    InvalidPropertyKey,
    /// The name is reserved by HTTP or by another protocol.
    Reserved,
    /// The name is reserved, and the rule writes it.
    ReservedForReading,
    /// The header asserts identity to a server, and the rule writes it without
    /// [`Rule::asserts_identity`](crate::Rule::asserts_identity).
    AssertsIdentity,
    /// A rule for baggage or `traceparent` has another header.
    Alias,
    /// Another rule has the header.
    Repeated,
    /// The header differs only in separators from the header of another rule.
    LookAlike,
    /// The prefix does not end in a hyphen.
    InvalidPrefix,
    /// The limits accept no value.
    ValueLimits,
    /// An object may have no members.
    NoMembers,
}

impl InvalidConvention {
    pub(crate) fn new(subject: Subject, name: &str, kind: InvalidConventionKind) -> Self {
        Self {
            name: truncated(name),
            subject,
            kind,
        }
    }

    /// Returns the kind of the error.
    ///
    /// ```
    /// use tower_metadata_headers::{Convention, convention::InvalidConventionKind};
    ///
    /// let error = Convention::vendor("").unwrap_err();
    /// assert_eq!(error.kind(), InvalidConventionKind::Empty);
    /// ```
    #[must_use]
    pub const fn kind(&self) -> InvalidConventionKind {
        self.kind
    }
}

impl fmt::Display for InvalidConvention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use InvalidConventionKind as Kind;
        let subject = match self.subject {
            Subject::Name => "convention name",
            Subject::Convention => "convention",
            Subject::Vendor => "vendor name",
            Subject::Header => "header",
            Subject::Prefix => "header prefix",
            Subject::Member => "member name",
            Subject::Client => "client name",
            Subject::UserAgent => "prefix of `User-Agent`",
        };
        write!(f, "{subject} `{}`: ", self.name.escape_debug())?;
        match self.kind {
            Kind::Empty => f.write_str("must not be empty"),
            Kind::TooLong { limit } => write!(f, "must not have more than {limit} bytes"),
            Kind::TooShort { limit } => write!(f, "must have at least {limit} bytes"),
            Kind::InvalidText => f.write_str("must be 1 to 256 bytes without control characters"),
            Kind::InvalidUserAgent => f.write_str("must be visible ASCII and spaces"),
            Kind::InvalidWords => {
                f.write_str("must be letters and digits joined by single hyphens")
            }
            Kind::InvalidHeaderName => f.write_str("must be a valid header name"),
            Kind::InvalidPropertyKey => {
                f.write_str("must be letters and digits, with `-`, `_` and `.` between them")
            }
            Kind::Reserved => f.write_str("reserved by HTTP or by another protocol"),
            Kind::ReservedForReading => {
                f.write_str("reserved: only a rule that never writes may name it")
            }
            Kind::AssertsIdentity => {
                f.write_str("asserts identity to a server: see `Rule::asserts_identity`")
            }
            Kind::Alias => f.write_str("baggage and traceparent rules take no other header"),
            Kind::Repeated => f.write_str("another rule has this header"),
            Kind::LookAlike => f.write_str("differs only in separators from another rule's header"),
            Kind::InvalidPrefix => f.write_str("must end in a hyphen"),
            Kind::ValueLimits => f.write_str("limits accept no value"),
            Kind::NoMembers => f.write_str("must allow at least 1 member in an object"),
        }
    }
}

crate::error::debug_as_display!(InvalidConvention);

impl error::Error for InvalidConvention {}
