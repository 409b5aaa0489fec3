use std::{iter::FusedIterator, slice};

use super::{Entry, Metadata, Redacted};
use crate::FieldKey;

/// Iterator over the fields of [`Metadata`]; see [`Metadata::iter`].
#[derive(Clone, Debug)]
pub struct MetadataIter<'m>(slice::Iter<'m, Entry>);

impl Metadata {
    /// Returns an iterator over the fields with their values, for logs. The well-known
    /// fields come first, then the others by name.
    ///
    /// The items can be collected into `Metadata` again.
    ///
    /// ```
    /// use tower_metadata_headers::{Class, Metadata, SessionId, UserId};
    ///
    /// let metadata = Metadata::new()
    ///     .with(UserId::try_from("ada@example.com")?)
    ///     .with(SessionId::try_from("s-1")?);
    /// let line: Vec<String> = metadata.iter().map(|(key, value)| format!("{key}={value}")).collect();
    /// assert_eq!(line.join(" "), "session-id=s-1 user-id=hidden");
    ///
    /// let correlation = metadata.iter().filter(|(key, _)| key.class() == Class::Correlation);
    /// let correlation: Metadata = correlation.collect();
    /// assert_eq!(correlation, Metadata::new().with(SessionId::try_from("s-1")?));
    /// # Ok::<(), tower_metadata_headers::InvalidValue>(())
    /// ```
    #[must_use]
    pub fn iter(&self) -> MetadataIter<'_> {
        MetadataIter(self.entries().iter())
    }
}

impl<'m> Iterator for MetadataIter<'m> {
    type Item = (FieldKey, Redacted<'m>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl DoubleEndedIterator for MetadataIter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(item)
    }
}

impl ExactSizeIterator for MetadataIter<'_> {}

impl FusedIterator for MetadataIter<'_> {}

const fn item(entry: &Entry) -> (FieldKey, Redacted<'_>) {
    let (key, value) = (entry.key, &entry.value);
    (key, Redacted { key, value })
}

impl<'m> IntoIterator for &'m Metadata {
    type Item = (FieldKey, Redacted<'m>);
    type IntoIter = MetadataIter<'m>;

    fn into_iter(self) -> MetadataIter<'m> {
        self.iter()
    }
}

/// Adds each value as the field that it is a value of. A later field replaces an earlier one
/// of the same type.
impl<'m> Extend<(FieldKey, Redacted<'m>)> for Metadata {
    fn extend<I: IntoIterator<Item = (FieldKey, Redacted<'m>)>>(&mut self, fields: I) {
        for (_, Redacted { key, value }) in fields {
            self.set(key, value.clone());
        }
    }
}

/// Collects fields of other metadata.
impl<'m> FromIterator<(FieldKey, Redacted<'m>)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (FieldKey, Redacted<'m>)>>(fields: I) -> Self {
        let mut metadata = Self::new();
        metadata.extend(fields);
        metadata
    }
}
