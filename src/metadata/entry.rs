use http::HeaderValue;

use crate::{FieldKey, SessionId, field::KNOWN};

/// Field with its value, checked and encoded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Entry {
    pub(crate) key: FieldKey,
    pub(crate) value: HeaderValue,
}

impl Entry {
    /// Moves the entry out of a list that is about to be dropped.
    pub(super) fn take(&mut self) -> Self {
        Self {
            key: self.key,
            value: std::mem::replace(&mut self.value, Self::placeholder().value),
        }
    }

    /// Returns the entry that [`take`](Self::take) leaves behind.
    pub(super) const fn placeholder() -> Self {
        Self {
            key: FieldKey::of::<SessionId>(),
            value: HeaderValue::from_static(""),
        }
    }
}

const _: () = assert!(KNOWN.len() <= u32::BITS as usize);

/// Returns the bit of a well-known field, or 0 for any other field.
pub(crate) const fn bit(key: FieldKey) -> u32 {
    match key.known() {
        Some(index) => 1 << index,
        None => 0,
    }
}

/// Returns the index among the fields in `known` of the field with this bit.
#[inline]
pub(crate) const fn position(known: u32, bit: u32) -> usize {
    (known & (bit - 1)).count_ones() as usize
}
