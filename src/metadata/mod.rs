//! Typed fields of one request.
//!
//! Applications access [`Metadata`] by type. Reading and writing access it by key.
//!
//! - `attributes`: fields as attributes for OpenTelemetry;
//! - `by_key`: access by key to encoded fields;
//! - `entry`: one field, and the bit set of well-known fields;
//! - `generated`: fields that the client did not send;
//! - `iter`: iteration and collection;
//! - `merge`: fields of two metadata in one;
//! - `redacted`: a field's value for logs;
//! - `session`: the id that relates the requests of a conversation.

mod affinity;
mod attributes;
mod by_key;
mod entry;
mod generated;
mod iter;
mod merge;
mod redacted;
mod session;

use std::{fmt, sync::Arc};

use http::HeaderValue;

pub(crate) use self::entry::{Entry, bit, position};
pub use self::{iter::MetadataIter, redacted::Redacted};
use crate::{
    Field, FieldKey,
    field::{Wire, encoded},
};

/// Typed fields of one request. Insert it in the request's extensions.
///
/// Every field is checked and encoded when it is added. A clone costs one atomic
/// operation, and a change to a clone does not affect the original. `Debug` hides
/// identity values. Two metadata are equal if they have the same fields with the same values,
/// [generated](Self::generated) or not.
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
#[derive(Clone, Default, PartialEq, Eq, Hash)]
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
