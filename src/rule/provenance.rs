/// Provenance of a convention of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Provenance {
    /// The project and file, or the page.
    pub source: &'static str,
    /// The day it was checked, as year, month and day.
    pub checked: &'static str,
    /// Kind of that source.
    pub evidence: Evidence,
}

/// Kind of source that a spelling is from, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Evidence {
    /// The vendor's own source code.
    Code,
    /// The vendor's documentation.
    Documentation,
    /// An issue or a pull request of the maintainers.
    Issue,
    /// Captures, or code that others wrote to work with it.
    Capture,
}
