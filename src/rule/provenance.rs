/// Provenance of a built-in convention.
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

/// Kind of source of a convention, the most reliable first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Evidence {
    /// The vendor's own source code.
    Code,
    /// The vendor's documentation.
    Documentation,
    /// An issue or a pull request of the maintainers.
    Issue,
    /// Captured requests, or code of other projects that work with the vendor.
    Capture,
}
