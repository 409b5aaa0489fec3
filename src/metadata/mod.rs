//! Typed fields of one request.
//!
//! Applications access [`Metadata`] by type. Reading and writing access it by key.
//!
//! - `attributes`: fields as attributes for OpenTelemetry;
//! - `entry`: one field, and the bit set of well-known fields;
//! - `redacted`: a field's value for logs;
//! - `session`: the id that relates the requests of a conversation.

mod affinity;
mod attributes;
mod entry;
mod redacted;
mod session;

use std::{fmt, sync::Arc};

use http::HeaderValue;

pub(crate) use self::entry::{Entry, bit, position};
pub use self::redacted::Redacted;
use crate::{Field, FieldKey, field::Wire};

/// Typed fields of one request. Insert it in the request's extensions.
///
/// Every field is checked and encoded when it is added. A clone costs one atomic
/// operation, and a change to a clone does not affect the original. `Debug` hides
/// identity values.
///
/// ```
/// use tower_metadata_headers::{Metadata, ProjectId, SessionId};
///
/// let metadata = Metadata::new()
///     .with(SessionId::try_from("ses_01J5Z8K2M4")?)
///     .with(ProjectId::try_from("acme/web")?);
///
/// assert_eq!(metadata.get::<SessionId>().unwrap().as_str(), "ses_01J5Z8K2M4");
/// assert_eq!(
///     format!("{metadata:?}"),
///     r#"{"session-id": "ses_01J5Z8K2M4", "project-id": hidden}"#,
/// );
///
/// // `merge` adds only the fields that are missing.
/// let mut merged = Metadata::new().with(SessionId::try_from("ses_other")?);
/// merged.merge(&metadata);
/// let session = merged.remove::<SessionId>();
/// assert_eq!(session, Some(SessionId::try_from("ses_other")?));
/// assert!(merged.contains::<ProjectId>());
///
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(metadata);
/// # Ok::<(), tower_metadata_headers::InvalidValue>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Bit set of the well-known fields in `entries`.
    known: u32,
    /// Fields in the order of their keys: the well-known ones, then the others. `None`
    /// without fields, so that empty metadata does not allocate.
    entries: Option<Arc<[Entry]>>,
}

impl Metadata {
    /// Creates metadata without fields. It does not allocate.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            known: 0,
            entries: None,
        }
    }

    /// Adds a field, and replaces an existing field of the same type.
    #[must_use]
    pub fn with<F: Field>(mut self, field: F) -> Self {
        self.set(FieldKey::of::<F>(), encoded(field));
        self
    }

    /// Adds a field, and returns the field of the same type that it replaces, if any.
    pub fn insert<F: Field>(&mut self, field: F) -> Option<F> {
        self.set(FieldKey::of::<F>(), encoded(field))
            .and_then(|value| decoded(&value))
    }

    /// Returns the field of this type, if present.
    #[must_use]
    pub fn get<F: Field>(&self) -> Option<F> {
        self.value(FieldKey::of::<F>()).and_then(decoded)
    }

    /// Returns true if a field of this type is present.
    #[must_use]
    pub fn contains<F: Field>(&self) -> bool {
        self.value(FieldKey::of::<F>()).is_some()
    }

    /// Removes and returns the field of this type, if present.
    pub fn remove<F: Field>(&mut self) -> Option<F> {
        let removed = FieldKey::of::<F>();
        let value = self.value(removed)?.clone();
        self.retain(|key| key != removed);
        decoded(&value)
    }

    /// Removes every field for which the predicate returns false.
    ///
    /// ```
    /// use tower_metadata_headers::{Class, Metadata, SessionId, UserId};
    ///
    /// let mut metadata = Metadata::new()
    ///     .with(SessionId::try_from("s-1")?)
    ///     .with(UserId::try_from("u-1")?);
    /// metadata.retain(|key| key.class() == Class::Correlation);
    /// assert_eq!(metadata, Metadata::new().with(SessionId::try_from("s-1")?));
    /// # Ok::<(), tower_metadata_headers::InvalidValue>(())
    /// ```
    pub fn retain(&mut self, mut keep: impl FnMut(FieldKey) -> bool) {
        let kept: Vec<Entry> = self
            .entries()
            .iter()
            .filter(|entry| keep(entry.key))
            .cloned()
            .collect();
        if kept.len() < self.len() {
            *self = Self::sorted(kept.len(), kept.into_iter());
        }
    }

    /// Adds the fields of `fallback` that are not present. A field that is in both keeps
    /// its value in `self`.
    pub fn merge(&mut self, fallback: &Self) {
        if self.is_empty() {
            self.clone_from(fallback);
            return;
        }
        for entry in fallback.entries() {
            if self.value(entry.key).is_none() {
                self.set(entry.key, entry.value.clone());
            }
        }
    }

    /// Returns true if there are no fields.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_none()
    }

    /// Returns the number of fields.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Returns an iterator over the fields with their values, for logs. The well-known
    /// fields come first, then the others by name.
    ///
    /// ```
    /// use tower_metadata_headers::{Metadata, SessionId, UserId};
    ///
    /// let metadata = Metadata::new()
    ///     .with(UserId::try_from("ada@example.com")?)
    ///     .with(SessionId::try_from("s-1")?);
    /// let line: Vec<String> = metadata.iter().map(|(key, value)| format!("{key}={value}")).collect();
    /// assert_eq!(line.join(" "), "session-id=s-1 user-id=hidden");
    /// # Ok::<(), tower_metadata_headers::InvalidValue>(())
    /// ```
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (FieldKey, Redacted<'_>)> {
        self.entries().iter().map(|entry| {
            let value = Redacted {
                class: entry.key.class(),
                value: &entry.value,
            };
            (entry.key, value)
        })
    }
}

/// Access by key to encoded fields, for reading and writing.
impl Metadata {
    /// Creates metadata of exactly `count` fields, in the order of their keys.
    pub(crate) fn sorted(count: usize, mut entries: impl Iterator<Item = Entry>) -> Self {
        if count == 0 {
            return Self::new();
        }
        let mut known = 0;
        // A range has an exact length, so the slice is allocated once.
        let entries = (0..count).map(|_| {
            let entry = entries.next();
            debug_assert!(entry.is_some(), "`count` is the number of entries");
            let entry = entry.unwrap_or_else(Entry::placeholder);
            known |= bit(entry.key);
            entry
        });
        let entries = Some(entries.collect());
        Self { known, entries }
    }

    /// Returns the header value of a field.
    #[inline]
    pub(crate) fn value(&self, key: FieldKey) -> Option<&HeaderValue> {
        let bit = bit(key);
        if bit == 0 {
            return self.own_value(key);
        }
        if self.known & bit == 0 {
            return None;
        }
        self.at(position(self.known, bit))
    }

    /// Returns the header value of a user-defined field.
    #[inline(never)]
    fn own_value(&self, key: FieldKey) -> Option<&HeaderValue> {
        self.at(self.find(key).ok()?)
    }

    /// Returns the bit set of the well-known fields.
    #[inline]
    pub(crate) const fn known(&self) -> u32 {
        self.known
    }

    /// Sets a field's value, which must be checked and encoded. Returns the old one.
    pub(crate) fn set(&mut self, key: FieldKey, value: HeaderValue) -> Option<HeaderValue> {
        match self.find(key) {
            Ok(at) => {
                let entries = Arc::make_mut(self.entries.as_mut()?);
                let entry = entries.get_mut(at)?;
                Some(std::mem::replace(&mut entry.value, value))
            }
            Err(at) => {
                self.insert_at(at, Entry { key, value });
                None
            }
        }
    }

    /// Inserts an entry at the index that [`find`](Self::find) returned, in one
    /// allocation.
    fn insert_at(&mut self, at: usize, new: Entry) {
        self.known |= bit(new.key);
        let new = [new];
        let Some(mut entries) = self.entries.take() else {
            self.entries = Some(Arc::new(new));
            return;
        };
        self.entries = Some(match Arc::get_mut(&mut entries) {
            // The slice is not shared, so its entries are moved. Neither split fails:
            // `find` returns an index within the slice or its length.
            Some(entries) => {
                let (before, after) = entries.split_at_mut_checked(at).unwrap_or_default();
                let before = before.iter_mut().map(Entry::take);
                let after = after.iter_mut().map(Entry::take);
                before.chain(new).chain(after).collect()
            }
            None => {
                let (before, after) = entries.split_at_checked(at).unwrap_or_default();
                let (before, after) = (before.iter().cloned(), after.iter().cloned());
                before.chain(new).chain(after).collect()
            }
        });
    }

    /// Returns the same fields with new values.
    #[cfg(feature = "hmac")]
    pub(crate) fn map(&self, value: impl Fn(FieldKey, &HeaderValue) -> HeaderValue) -> Self {
        let entries = self.entries().iter().map(|entry| Entry {
            key: entry.key,
            value: value(entry.key, &entry.value),
        });
        Self::sorted(self.len(), entries)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = FieldKey> {
        self.entries().iter().map(|entry| entry.key)
    }

    /// Returns true if there are user-defined fields.
    #[inline]
    pub(crate) fn has_own_fields(&self) -> bool {
        self.entries().len() > self.known.count_ones() as usize
    }

    /// Returns the header value of the field at an index.
    #[inline]
    pub(crate) fn at(&self, at: usize) -> Option<&HeaderValue> {
        self.entries().get(at).map(|entry| &entry.value)
    }

    /// Returns the user-defined fields with their header values.
    pub(crate) fn own_fields(&self) -> impl Iterator<Item = (FieldKey, &HeaderValue)> {
        let known = self.known.count_ones() as usize;
        let own = self.entries().get(known..).unwrap_or_default();
        own.iter().map(|entry| (entry.key, &entry.value))
    }

    #[inline]
    pub(crate) fn entries(&self) -> &[Entry] {
        self.entries.as_deref().unwrap_or_default()
    }

    /// Returns the index of a field, or the index at which to insert it as an error.
    #[inline]
    fn find(&self, key: FieldKey) -> Result<usize, usize> {
        match key.known() {
            Some(_) => {
                let bit = bit(key);
                let at = position(self.known, bit);
                if self.known & bit == 0 {
                    Err(at)
                } else {
                    Ok(at)
                }
            }
            None => {
                let known = self.known.count_ones() as usize;
                let others = self.entries().get(known..).unwrap_or_default();
                others
                    .binary_search_by_key(&key, |entry| entry.key)
                    .map(|at| known + at)
                    .map_err(|at| known + at)
            }
        }
    }
}

fn encoded<F: Field>(field: F) -> HeaderValue {
    FieldKey::of::<F>().marked(field.into_value().into_wire())
}

fn decoded<F: Field>(value: &HeaderValue) -> Option<F> {
    F::from_value(F::Value::from_wire(value).ok()?)
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.iter().map(|(key, value)| (key.name(), value)))
            .finish()
    }
}
