use std::{fmt, slice};

use http::HeaderName;

use crate::{FieldKey, Reason};

/// One thing that is wrong with a request's metadata: which field or header,
/// and why. It never holds a value.
///
/// `Display` is one line, for logs:
///
/// ```
/// # use http::{HeaderMap, HeaderValue};
/// # use tower_metadata_headers::conventions;
/// let mut headers = HeaderMap::new();
/// headers.append("x-zoo-task-id", HeaderValue::from_static("a"));
/// headers.append("x-zoo-task-id", HeaderValue::from_static("b"));
///
/// let faults = conventions::clients().read(&headers).faults;
/// assert_eq!(faults.to_string(), "task-id came on more than one line (x-zoo-task-id)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    field: Option<FieldKey>,
    header: Option<HeaderName>,
    other: Option<HeaderName>,
    reason: Reason,
}

impl Fault {
    pub(crate) const fn new(reason: Reason) -> Self {
        Self {
            field: None,
            header: None,
            other: None,
            reason,
        }
    }

    pub(crate) fn of(self, field: impl Into<Option<FieldKey>>) -> Self {
        Self {
            field: field.into(),
            ..self
        }
    }

    pub(crate) fn header(self, header: &HeaderName) -> Self {
        Self {
            header: Some(header.clone()),
            ..self
        }
    }

    pub(crate) fn other(self, other: &HeaderName) -> Self {
        Self {
            other: Some(other.clone()),
            ..self
        }
    }

    /// Returns the field that was ignored, if the header carries only one.
    #[must_use]
    pub const fn field(&self) -> Option<FieldKey> {
        self.field
    }

    /// Returns the header that it came in, or would have been written to.
    #[must_use]
    pub const fn header_name(&self) -> Option<&HeaderName> {
        self.header.as_ref()
    }

    /// Returns the other header, if two disagree.
    #[must_use]
    pub const fn other_header_name(&self) -> Option<&HeaderName> {
        self.other.as_ref()
    }

    /// Returns the reason.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.field, &self.header) {
            (Some(field), _) => write!(f, "{field} {}", self.reason)?,
            (None, Some(_)) => write!(f, "a header {}", self.reason)?,
            (None, None) => write!(f, "the metadata {}", self.reason)?,
        }
        match (&self.header, &self.other) {
            (Some(header), Some(other)) => write!(f, " ({} and {})", Name(header), Name(other)),
            (Some(header), None) => write!(f, " ({})", Name(header)),
            _ => Ok(()),
        }
    }
}

/// A header's name, cut where somebody made it very long.
struct Name<'a>(&'a HeaderName);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 128;
        let name = self.0.as_str();
        match name.get(..LONGEST) {
            Some(start) if name.len() > LONGEST => write!(f, "{start}…"),
            _ => f.write_str(name),
        }
    }
}

/// Faults of one request's metadata, in the order in which they were found.
///
/// The extracting layer puts it in the request's extensions when there is
/// any. It keeps at most [`MAX`](Self::MAX) faults and counts the rest, so a
/// hostile request can't fill memory or a log with them. When it is full, any
/// other fault takes the place of one of [`Reason::Untrusted`], so untrusted
/// identity hides nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    kept: Vec<Fault>,
    more: More,
}

/// Faults that were not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct More {
    /// Number of those with [`Reason::Untrusted`].
    untrusted: usize,
    /// Number of those with any other reason.
    others: usize,
    /// The gravest of those others.
    gravest: Option<Reason>,
}

impl More {
    const NONE: Self = Self {
        untrusted: 0,
        others: 0,
        gravest: None,
    };

    const fn count(self) -> usize {
        self.untrusted.saturating_add(self.others)
    }

    fn add(&mut self, other: Self) {
        self.untrusted = self.untrusted.saturating_add(other.untrusted);
        self.others = self.others.saturating_add(other.others);
        self.gravest = gravest(self.gravest.into_iter().chain(other.gravest));
    }

    fn add_one(&mut self, reason: Reason) {
        self.add(if reason == Reason::Untrusted {
            Self {
                untrusted: 1,
                ..Self::NONE
            }
        } else {
            Self {
                others: 1,
                gravest: Some(reason),
                ..Self::NONE
            }
        });
    }
}

fn gravest(reasons: impl Iterator<Item = Reason>) -> Option<Reason> {
    reasons.min_by_key(|reason| reason.precedence())
}

impl Faults {
    /// The most faults that are kept.
    pub const MAX: usize = 32;

    pub(crate) const fn new() -> Self {
        Self {
            kept: Vec::new(),
            more: More::NONE,
        }
    }

    pub(crate) fn push(&mut self, fault: Fault) {
        if self.kept.len() < Self::MAX {
            self.kept.push(fault);
            return;
        }
        let untrusted = |kept: &Fault| kept.reason == Reason::Untrusted;
        match self.kept.iter().rposition(untrusted) {
            Some(at) if !untrusted(&fault) => {
                self.kept.remove(at);
                self.kept.push(fault);
                self.more.add_one(Reason::Untrusted);
            }
            _ => self.more.add_one(fault.reason),
        }
    }

    /// Adds the faults that are not here yet.
    pub(crate) fn append_new(&mut self, other: Self) {
        self.more.add(other.more);
        for fault in other.kept {
            if !self.kept.contains(&fault) {
                self.push(fault);
            }
        }
    }

    /// Returns the faults of all reasons but [`Reason::Untrusted`].
    pub(crate) fn without_untrusted(&self) -> Self {
        let mut kept = self.kept.clone();
        kept.retain(|fault| fault.reason != Reason::Untrusted);
        Self {
            kept,
            more: More {
                untrusted: 0,
                ..self.more
            },
        }
    }

    /// Returns the gravest reason, also of the faults that were not kept.
    pub(crate) fn gravest(&self) -> Option<Reason> {
        let untrusted = (self.more.untrusted > 0).then_some(Reason::Untrusted);
        let kept = self.kept.iter().map(Fault::reason);
        gravest(kept.chain(self.more.gravest).chain(untrusted))
    }

    /// Returns true if there are no faults.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.more.count() == 0
    }

    /// Returns the number of faults, including those that were not kept.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.kept.len().saturating_add(self.more.count())
    }

    /// Returns an iterator over the faults that were kept.
    pub fn iter(&self) -> slice::Iter<'_, Fault> {
        self.kept.iter()
    }
}

impl<'a> IntoIterator for &'a Faults {
    type Item = &'a Fault;
    type IntoIter = slice::Iter<'a, Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.kept.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{fault}")?;
        }
        match self.more.count() {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}
