use crate::{Faults, Metadata};

/// Metadata and faults that were read from headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extracted {
    /// The fields that came, checked.
    pub metadata: Metadata,
    /// The headers that were ignored.
    pub faults: Faults,
}
