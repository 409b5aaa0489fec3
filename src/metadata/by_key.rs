use std::sync::Arc;

use http::HeaderValue;

use super::{Entry, Metadata, bit, position};
use crate::FieldKey;

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
                // An equal key may differ in its mark: see `generated`.
                entry.key = key;
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
    pub(super) fn find(&self, key: FieldKey) -> Result<usize, usize> {
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
