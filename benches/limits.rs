//! Limits of our cases, which CI checks.
//!
//! A ratio to a floor of the same run holds for other compilers and C libraries
//! too, and has a margin of five percent. Plain numbers are for the versions in
//! `README.md`, and have a margin of ten percent.

/// Limits of one case.
pub struct Limit {
    pub case: &'static str,
    pub instructions: Most,
    pub allocations: u64,
}

#[derive(Clone, Copy)]
pub enum Most {
    /// Maximum above the baseline.
    Count(u32),
    /// Maximum as a multiple of the cost of this case.
    Times(f64, &'static str),
}

use Most::{Count, Times};

#[rustfmt::skip]
pub const LIMITS: &[Limit] = &[
    limit("inject 1: ours",                          Times(2.47, "inject 1: floor"),    0),
    limit("inject 5: ours",                          Times(1.31, "inject 5: floor"),    0),
    limit("inject 8: ours",                          Times(1.21, "inject 8: floor"),    0),
    limit("inject 16: ours",                         Times(1.16, "inject 16: floor"),   2),
    limit("inject 5: ours, the last of 20 hosts",    Times(1.81, "inject 5: floor"),    0),
    limit("inject 5: ours, Convention::write",       Times(1.28, "inject 5: floor"),    0),
    limit("inject 0: ours, Convention::write",       Count(570),                        0),
    limit("inject 0: ours, no metadata",             Count(460),                        0),
    limit("inject 0: ours, empty metadata",          Count(505),                        0),
    limit("path 5: ours",                            Times(1.25, "path 5: floor"),      3),
    limit("path 4+1: ours, a new request id",        Times(1.70, "path 5: floor"),      5),
    limit("extract 5: ours, one convention",         Times(2.50, "extract 5: floor"),   4),
    limit("extract 5: ours, all clients",            Times(2.57, "extract 5: floor"),   4),
    limit("extract 5: ours, all known",              Times(2.57, "extract 5: floor"),   4),
    limit("extract 5: ours, one untrusted",          Times(2.63, "extract 5: floor"),   6),
    limit("extract 0: ours, one convention",         Times(0.84, "extract 5: floor"),   3),
    limit("extract 0: ours, all clients",            Times(0.93, "extract 5: floor"),   3),
    limit("extract 0: ours, all known",              Times(0.94, "extract 5: floor"),   3),
    limit("extract 10: ours, behind authentication", Times(1.28, "extract 10: ours, trusted"), 2),
    limit("gateway 0: ours, extract and strip",      Times(3.75, "gateway 0: by hand"), 5),
    limit("gateway 0: ours",                         Times(5.30, "gateway 0: by hand"), 5),
    limit("gateway 1: ours, extract and strip",      Times(2.68, "gateway 1: by hand"), 6),
    limit("gateway 1: ours",                         Times(3.67, "gateway 1: by hand"), 6),
    limit("gateway 5: ours, extract and strip",      Times(1.88, "gateway 5: by hand"), 5),
    limit("gateway 5: ours",                         Times(2.37, "gateway 5: by hand"), 5),
    limit("read 5: ours, one convention",            Times(1.97, "extract 5: floor"),   1),
    limit("read 5: ours, all clients",               Times(2.03, "extract 5: floor"),   1),
    limit("read 5: ours, all known",                 Times(2.03, "extract 5: floor"),   1),
    limit("read 0: ours, one convention",            Count(1_150),                      0),
    limit("read 0: ours, all clients",               Count(1_340),                      0),
    limit("read 0: ours, all known",                 Count(1_375),                      0),
    limit("look up: ours, an unknown name",          Count(36_500),                     1),
    limit("clone: ours, inject",                     Count(60),                         0),
    limit("clone: ours, extract",                    Count(60),                         0),
];

const fn limit(case: &'static str, instructions: Most, allocations: u64) -> Limit {
    Limit {
        case,
        instructions,
        allocations,
    }
}
