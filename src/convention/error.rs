use std::{error, fmt};

/// A convention that can't be: the error of building one. It says what to
/// change.
///
/// ```
/// use tower_metadata_headers::Convention;
///
/// let error = Convention::vendor("my_gateway").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "`my_gateway` can't be a vendor's name: it must be letters and digits in words joined by single hyphens",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidConvention {
    what: String,
    subject: Subject,
    problem: Problem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Name,
    #[cfg(feature = "json")]
    Convention,
    Vendor,
    Header,
    Family,
    Member,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Empty,
    TooLong(usize),
    NotWords,
    NotToken,
    Reserved,
    Repeated,
    LookAlike,
    NotAPrefix,
    Limits,
    #[cfg(feature = "json")]
    NoMembers,
}

impl InvalidConvention {
    pub(super) fn new(subject: Subject, what: &str, problem: Problem) -> Self {
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
            Subject::Name => "a convention's name",
            #[cfg(feature = "json")]
            Subject::Convention => "a convention",
            Subject::Vendor => "a vendor's name",
            Subject::Header => "a header of this convention",
            Subject::Family => "a family of headers",
            Subject::Member => "a member's name",
        };
        write!(f, "`{}` can't be {subject}: ", self.what.escape_debug())?;
        match self.problem {
            Problem::Empty => f.write_str("it must not be empty"),
            Problem::TooLong(limit) => write!(f, "it must not have more than {limit} bytes"),
            Problem::NotWords => {
                f.write_str("it must be letters and digits in words joined by single hyphens")
            }
            Problem::NotToken => f.write_str("it must be a valid header name"),
            Problem::Reserved => f.write_str("it has a meaning of its own in HTTP or elsewhere"),
            Problem::Repeated => f.write_str("another rule has it already"),
            Problem::LookAlike => {
                f.write_str("another rule has one that differs in separators only")
            }
            Problem::NotAPrefix => f.write_str("it must be a prefix that ends in a hyphen"),
            Problem::Limits => f.write_str("its limits accept no value: raise the most bytes"),
            #[cfg(feature = "json")]
            Problem::NoMembers => f.write_str("its objects must have at least 1 member"),
        }
    }
}

impl error::Error for InvalidConvention {}
