use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{WriteReport, header_set::pairs::Headers};

/// Changes that a write makes to headers that are not in a
/// [`HeaderMap`](http::HeaderMap).
///
/// Remove [`removed`](Self::removed) from the headers first, then insert
/// [`inserted`](Self::inserted).
///
/// ```
/// use std::collections::BTreeMap;
///
/// use http::Uri;
/// use tower_metadata_headers::{Destinations, Metadata, SessionId, conventions};
///
/// let destinations = Destinations::new().host("opencode.ai", conventions::opencode())?;
/// let metadata = Metadata::new().with(SessionId::try_from("ses_2")?);
///
/// // The headers of a client with a map of its own.
/// let mut headers = BTreeMap::from([
///     ("X-OpenCode-Session".to_owned(), "ses_1".to_owned()),
///     ("Accept".to_owned(), "text/event-stream".to_owned()),
/// ]);
/// let uri = Uri::from_static("https://opencode.ai/zen/v1");
/// let changes = destinations.changes(&uri, &metadata, &headers);
/// assert!(changes.report().contains::<SessionId>());
/// assert_eq!(changes.inserted_raw().count(), 1);
/// for name in changes.removed() {
///     headers.remove(name);
/// }
/// for (name, value) in changes.inserted() {
///     headers.insert(name.to_owned(), value.to_owned());
/// }
/// assert_eq!(headers["x-opencode-session"], "ses_2");
/// assert_eq!(headers.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "the changes are not applied to any headers"]
pub struct HeaderChanges<'m> {
    removed: Vec<String>,
    inserted: Vec<(HeaderName, HeaderValue)>,
    report: WriteReport<'m>,
}

impl<'m> HeaderChanges<'m> {
    /// Compares headers before and after a write.
    pub(super) fn new(before: &Headers, after: &HeaderMap, report: WriteReport<'m>) -> Self {
        let is_changed = |name: &HeaderName| {
            let before = before.map.get_all(name).iter();
            !before.eq(after.get_all(name).iter())
        };
        let caller_names = before.caller_names.iter();
        let removed = caller_names.filter(|(_, name)| is_changed(name));
        let inserted = after.iter().filter(|(name, _)| is_changed(name));
        Self {
            removed: removed
                .map(|(caller_name, _)| caller_name.clone())
                .collect(),
            inserted: inserted
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            report,
        }
    }

    /// Returns no changes, with a report of why nothing is written.
    pub(super) const fn none(report: WriteReport<'m>) -> Self {
        Self {
            removed: Vec::new(),
            inserted: Vec::new(),
            report,
        }
    }

    /// Returns an iterator over the headers to remove, each in the caller's case.
    pub fn removed(&self) -> impl Iterator<Item = &str> {
        self.removed.iter().map(String::as_str)
    }

    /// Returns an iterator over the headers to insert, with their values. Each name occurs
    /// once, in lower case.
    ///
    /// If the caller's value of a shared header, such as `baggage`, is not ASCII text, the
    /// header is omitted. [`inserted_raw`](Self::inserted_raw) includes it.
    pub fn inserted(&self) -> impl Iterator<Item = (&str, &str)> {
        self.inserted_raw()
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
    }

    /// Returns an iterator over the headers to insert, as types of `http`. A value that
    /// must not be logged is marked as sensitive.
    pub fn inserted_raw(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.inserted.iter().map(|(name, value)| (name, value))
    }

    /// Returns the report with the result for each field.
    #[must_use]
    pub const fn report(&self) -> &WriteReport<'m> {
        &self.report
    }
}
