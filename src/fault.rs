use std::{fmt, slice};

use http::HeaderName;

use crate::{FieldKey, Reason, field::check_key};

/// Field or header that was ignored, with its [`Reason`]. It never contains a value.
///
/// `Display` is one line for logs:
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use tower_metadata_headers::{FieldKey, Reason, TaskId, conventions};
///
/// let mut headers = HeaderMap::new();
/// headers.append("x-zoo-task-id", HeaderValue::from_static("a"));
/// headers.append("x-zoo-task-id", HeaderValue::from_static("b"));
///
/// let faults = conventions::clients().read(&headers).faults;
/// assert_eq!(faults.to_string(), "task-id: more than one field line (x-zoo-task-id)");
///
/// let fault = faults.iter().next().unwrap();
/// assert_eq!(fault.field(), Some(FieldKey::of::<TaskId>()));
/// assert_eq!(fault.header_name().unwrap(), "x-zoo-task-id");
/// assert_eq!(fault.other_header_name(), None);
/// assert_eq!(fault.reason(), Reason::Repeated);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    field: Option<FieldKey>,
    header: Option<HeaderName>,
    reason: Reason,
    /// Boxed, because few faults have details, and each fault of a request is moved.
    details: Option<Box<Details>>,
}

/// Details that few faults have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Details {
    /// The second header of a conflict.
    other: Option<HeaderName>,
    /// The key of a property.
    property: Option<String>,
}

impl Fault {
    pub(crate) const fn new(reason: Reason) -> Self {
        Self {
            field: None,
            header: None,
            reason,
            details: None,
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

    pub(crate) fn other(mut self, other: &HeaderName) -> Self {
        self.details.get_or_insert_default().other = Some(other.clone());
        self
    }

    /// Sets the key of a property, unless it is invalid: then it may be of any length, and
    /// contain any character.
    pub(crate) fn property(mut self, key: &str) -> Self {
        if check_key(key).is_ok() {
            self.details.get_or_insert_default().property = Some(key.to_owned());
        }
        self
    }

    /// Returns the field that was ignored, if the header carries only one.
    #[must_use]
    pub const fn field(&self) -> Option<FieldKey> {
        self.field
    }

    /// Returns the header that carried the field, or that it was not written to.
    #[must_use]
    pub const fn header_name(&self) -> Option<&HeaderName> {
        self.header.as_ref()
    }

    /// Returns the second header, if two headers carry different values.
    #[must_use]
    pub fn other_header_name(&self) -> Option<&HeaderName> {
        self.details.as_ref()?.other.as_ref()
    }

    /// Returns the key of the property that was ignored, if the field is
    /// [`Properties`](crate::Properties) and the key is valid.
    #[must_use]
    pub fn property_key(&self) -> Option<&str> {
        self.details.as_ref()?.property.as_deref()
    }

    /// Returns the reason why it was ignored.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.field, self.property_key(), &self.header) {
            (Some(field), Some(key), _) => write!(f, "{field}.{key}: {}", self.reason)?,
            (Some(field), None, _) => write!(f, "{field}: {}", self.reason)?,
            (None, _, Some(_)) => write!(f, "header: {}", self.reason)?,
            (None, _, None) => write!(f, "metadata: {}", self.reason)?,
        }
        match (&self.header, self.other_header_name()) {
            (Some(header), Some(other)) => write!(f, " ({} and {})", Name(header), Name(other)),
            (Some(header), None) => write!(f, " ({})", Name(header)),
            _ => Ok(()),
        }
    }
}

/// Header name, truncated for `Display`: a client may send one of 64 KiB.
struct Name<'a>(&'a HeaderName);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MAX_LEN: usize = 128;
        let name = self.0.as_str();
        match name.get(..MAX_LEN) {
            Some(start) if name.len() > MAX_LEN => write!(f, "{start}…"),
            _ => f.write_str(name),
        }
    }
}

/// Faults of one request's metadata, in the order in which they were found.
///
/// If there are any, the extracting layer inserts them in the request's extensions.
///
/// ```
/// use http::HeaderMap;
/// use tower_metadata_headers::{Reason, conventions};
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-kilocode-machineid", "m-1".parse()?);
///
/// let faults = conventions::clients().read(&headers).faults;
/// assert_eq!(faults.len(), 1);
/// for fault in &faults {
///     assert_eq!(fault.reason(), Reason::Untrusted);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Security
///
/// A hostile request cannot fill memory or a log with faults: at most
/// [`MAX`](Self::MAX) are kept, and the rest are counted. If all are kept, a fault with
/// another reason replaces one with [`Reason::Untrusted`], so untrusted identity hides
/// no other fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    kept: Vec<Fault>,
    more: More,
}

/// Count of the faults that were not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct More {
    /// Number of faults with [`Reason::Untrusted`].
    untrusted: usize,
    /// Number of faults with any other reason.
    others: usize,
    /// Gravest of the other reasons.
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
    /// Maximum number of faults that are kept.
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
        let is_untrusted = |fault: &Fault| fault.reason == Reason::Untrusted;
        match self.kept.iter().rposition(is_untrusted) {
            Some(at) if !is_untrusted(&fault) => {
                self.kept.remove(at);
                self.kept.push(fault);
                self.more.add_one(Reason::Untrusted);
            }
            _ => self.more.add_one(fault.reason),
        }
    }

    /// Adds the faults that are not in the list yet.
    pub(crate) fn append_new(&mut self, other: Self) {
        self.more.add(other.more);
        for fault in other.kept {
            if !self.kept.contains(&fault) {
                self.push(fault);
            }
        }
    }

    /// Returns the faults of every reason except [`Reason::Untrusted`].
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

    /// Returns the gravest reason, including the faults that were not kept.
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

impl Extend<Fault> for Faults {
    fn extend<I: IntoIterator<Item = Fault>>(&mut self, faults: I) {
        for fault in faults {
            self.push(fault);
        }
    }
}

/// Keeps at most [`Faults::MAX`] faults, and counts the others.
impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        let mut collected = Self::new();
        collected.extend(faults);
        collected
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
