use std::sync::Arc;

use super::Metadata;
use crate::{Field, FieldKey};

/// Fields that the program generated, because the client did not send them.
impl Metadata {
    /// Marks every field as generated.
    ///
    /// [`merge`](Self::merge) uses a generated field only if no other value is known:
    ///
    /// - A value that a client sent replaces it.
    /// - A generated session, conversation or task is not added to metadata with one that
    ///   was sent, because all three relate the requests of a conversation.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use tower_metadata_headers::{Metadata, RequestId, SessionId, TaskId, conventions};
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-kilocode-taskid", HeaderValue::from_static("t-1"));
    /// let mut metadata = conventions::clients().read(&headers).metadata;
    /// let fallback = Metadata::new()
    ///     .with(RequestId::try_from("r-1")?)
    ///     .with(SessionId::try_from("s-1")?)
    ///     .generated();
    /// metadata.merge(&fallback);
    /// assert!(metadata.is_generated::<RequestId>());
    /// assert!(metadata.contains::<TaskId>() && !metadata.is_generated::<TaskId>());
    /// assert!(!metadata.contains::<SessionId>());
    /// # Ok::<(), tower_metadata_headers::InvalidValue>(())
    /// ```
    #[must_use]
    pub fn generated(mut self) -> Self {
        let entries = self.entries.as_mut().map(Arc::make_mut);
        for entry in entries.into_iter().flatten() {
            entry.key = entry.key.as_generated();
        }
        self
    }

    /// Returns true if the field is present and [generated](Self::generated).
    ///
    /// Serialization and headers do not carry the mark.
    ///
    /// ```
    /// use tower_metadata_headers::{Metadata, RequestId};
    ///
    /// let metadata = Metadata::new().with(RequestId::try_from("r-1")?).generated();
    /// assert!(metadata.is_generated::<RequestId>());
    /// let metadata = metadata.with(RequestId::try_from("r-2")?);
    /// assert!(!metadata.is_generated::<RequestId>());
    /// # Ok::<(), tower_metadata_headers::InvalidValue>(())
    /// ```
    #[must_use]
    pub fn is_generated<F: Field>(&self) -> bool {
        self.is_generated_key(FieldKey::of::<F>())
    }

    /// Returns true if the field is present and not generated.
    pub(crate) fn is_sent(&self, key: FieldKey) -> bool {
        self.value(key).is_some() && !self.is_generated_key(key)
    }

    // The mark is part of the entry's key, so that metadata without generated fields costs
    // nothing more.
    fn is_generated_key(&self, key: FieldKey) -> bool {
        let at = self.find(key).ok();
        let entry = at.and_then(|at| self.entries().get(at));
        entry.is_some_and(|entry| entry.key.is_generated())
    }

    /// Returns true if the field of this key is generated, and the key's is not.
    pub(super) fn gives_way(&self, key: FieldKey) -> bool {
        !key.is_generated() && self.is_generated_key(key)
    }

    /// Removes a generated session, conversation or task if another of them was sent.
    pub(super) fn remove_outranked_sessions(&mut self) {
        let keys = Self::SESSION_KEYS;
        if keys.iter().any(|key| self.is_generated_key(*key))
            && keys.iter().any(|key| self.is_sent(*key))
        {
            let marked = self.clone();
            self.retain(|key| !keys.contains(&key) || marked.is_sent(key));
        }
    }
}
