use std::{error, fmt};

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
    what: String,
    subject: Subject,
    problem: Problem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Name,
    Convention,
    Vendor,
    Header,
    Prefix,
    Member,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    Empty,
    TooLong(usize),
    NotWords,
    NotToken,
    Reserved,
    Unwritten,
    Identity,
    Alias,
    Repeated,
    LookAlike,
    NotAPrefix,
    ValueLimits,
    NoMembers,
}

impl InvalidConvention {
    pub(crate) fn new(subject: Subject, what: &str, problem: Problem) -> Self {
        Self {
            what: what.to_owned(),
            subject,
            problem,
        }
    }
}

impl fmt::Display for InvalidConvention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = match self.subject {
            Subject::Name => "convention name",
            Subject::Convention => "convention",
            Subject::Vendor => "vendor name",
            Subject::Header => "header",
            Subject::Prefix => "header prefix",
            Subject::Member => "member name",
        };
        write!(f, "{subject} `{}`: ", self.what.escape_debug())?;
        match self.problem {
            Problem::Empty => f.write_str("must not be empty"),
            Problem::TooLong(limit) => write!(f, "must not have more than {limit} bytes"),
            Problem::NotWords => f.write_str("must be letters and digits joined by single hyphens"),
            Problem::NotToken => f.write_str("must be a valid header name"),
            Problem::Reserved => f.write_str("reserved by HTTP or by another protocol"),
            Problem::Unwritten => {
                f.write_str("reserved: only a rule that never writes may name it")
            }
            Problem::Identity => {
                f.write_str("asserts identity to a server: see `Rule::asserts_identity`")
            }
            Problem::Alias => f.write_str("baggage and traceparent rules take no other header"),
            Problem::Repeated => f.write_str("another rule has this header"),
            Problem::LookAlike => {
                f.write_str("differs only in separators from another rule's header")
            }
            Problem::NotAPrefix => f.write_str("must end in a hyphen"),
            Problem::ValueLimits => f.write_str("limits accept no value"),
            Problem::NoMembers => f.write_str("must allow at least 1 member in an object"),
        }
    }
}

crate::error::debug_as_display!(InvalidConvention);

impl error::Error for InvalidConvention {}
