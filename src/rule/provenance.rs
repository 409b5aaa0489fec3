/// Provenance of a built-in convention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Provenance {
    /// The project and file, or the page.
    pub source: &'static str,
    /// The day on which the source was checked, as year, month and day.
    pub checked: &'static str,
    /// The kind of source.
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
    /// Captured requests, or code of other projects that works with the vendor.
    Capture,
}
