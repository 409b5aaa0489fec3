use crate::{Fault, Faults, Metadata, Reason};

/// Metadata and faults that were read from headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extracted {
    /// The fields that were read, checked.
    pub metadata: Metadata,
    /// The headers that were ignored.
    pub faults: Faults,
}

impl Extracted {
    /// Returns the result for a request with too much metadata: no field, because none is
    /// more important than another.
    pub(crate) fn nothing(reason: Reason) -> Self {
        let mut extracted = Self::default();
        extracted.faults.push(Fault::new(reason));
        extracted
    }
}
