use http::HeaderValue;

use crate::{FieldKey, SessionId, field::KNOWN};

/// One field, checked and encoded.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: FieldKey,
    pub(crate) value: HeaderValue,
}

impl Entry {
    /// Takes the entry out of what is not needed any more.
    pub(super) fn take(&mut self) -> Self {
        Self {
            key: self.key,
            value: std::mem::replace(&mut self.value, Self::nothing().value),
        }
    }

    /// Returns the entry that is left where one was taken out.
    pub(super) const fn nothing() -> Self {
        Self {
            key: FieldKey::of::<SessionId>(),
            value: HeaderValue::from_static(""),
        }
    }
}

const _: () = assert!(KNOWN.len() <= u32::BITS as usize);

/// Returns the bit of a well-known field, or 0 for another.
pub(crate) const fn bit(key: FieldKey) -> u32 {
    match key.known() {
        Some(index) => 1 << index,
        None => 0,
    }
}

/// Returns the index of the field with this bit among the well-known ones.
#[inline]
pub(crate) const fn position(known: u32, bit: u32) -> usize {
    (known & (bit - 1)).count_ones() as usize
}
