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

    /// The field that does not count, where the header is one field's.
    #[must_use]
    pub const fn field(&self) -> Option<FieldKey> {
        self.field
    }

    /// The header that it came in, or would have gone in.
    #[must_use]
    pub const fn header_name(&self) -> Option<&HeaderName> {
        self.header.as_ref()
    }

    /// The other header, where two disagree.
    #[must_use]
    pub const fn other_header_name(&self) -> Option<&HeaderName> {
        self.other.as_ref()
    }

    /// What is wrong.
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

/// What is wrong with a request's metadata, in the order it was found.
///
/// The extracting layer puts it in the request's extensions when there is
/// any. It keeps the first [`MAX`](Self::MAX) and counts the rest, so a hostile
/// request can't fill memory or a log with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    kept: Vec<Fault>,
    more: usize,
}

impl Faults {
    /// The most faults that are kept.
    pub const MAX: usize = 32;

    pub(crate) const fn new() -> Self {
        Self {
            kept: Vec::new(),
            more: 0,
        }
    }

    pub(crate) fn push(&mut self, fault: Fault) {
        if self.kept.len() < Self::MAX {
            self.kept.push(fault);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// Adds the faults that are not here yet.
    pub(crate) fn append_new(&mut self, other: Self) {
        self.more = self.more.saturating_add(other.more);
        for fault in other.kept {
            if !self.kept.contains(&fault) {
                self.push(fault);
            }
        }
    }

    /// Those of other reasons. What was not kept counts as such.
    pub(crate) fn without(&self, reason: Reason) -> Self {
        let kept = self.kept.iter().filter(|fault| fault.reason != reason);
        Self {
            kept: kept.cloned().collect(),
            more: self.more,
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.more == 0
    }

    /// How many there are, those that were not kept with them.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.kept.len().saturating_add(self.more)
    }

    /// The faults that were kept.
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
        if self.more > 0 {
            write!(f, "; and {} more", self.more)?;
        }
        Ok(())
    }
}
