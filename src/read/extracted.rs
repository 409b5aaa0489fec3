use crate::{Fault, Faults, Metadata, Reason};

/// Metadata and faults read from the headers of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extracted {
    /// The fields, checked.
    pub metadata: Metadata,
    /// The headers and fields that were ignored.
    pub faults: Faults,
}

impl Extracted {
    /// Creates the result for a request with too many headers or bytes: no field, and one
    /// fault. If the first headers were read, the result would depend on their order.
    pub(crate) fn nothing(reason: Reason) -> Self {
        let mut extracted = Self::default();
        extracted.faults.push(Fault::new(reason));
        extracted
    }
}
