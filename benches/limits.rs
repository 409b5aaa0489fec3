//! What our cases may cost: CI holds them to it.
//!
//! Ratios to a floor that is counted in the same run hold for other compilers
//! and C libraries too, and leave five percent. Plain numbers are for those that
//! `README.md` names, and leave ten.

/// What one case may cost.
pub struct Limit {
    pub case: &'static str,
    pub instructions: Most,
    pub allocations: u64,
}

#[derive(Clone, Copy)]
pub enum Most {
    /// So many more than the baseline.
    Count(u32),
    /// So many times what this case costs.
    Times(f64, &'static str),
}

use Most::{Count, Times};

#[rustfmt::skip]
pub const LIMITS: &[Limit] = &[
    limit("inject 1: ours",                          Times(2.73, "inject 1: floor"),    0),
    limit("inject 5: ours",                          Times(1.40, "inject 5: floor"),    0),
    limit("inject 8: ours",                          Times(1.29, "inject 8: floor"),    0),
    limit("inject 16: ours",                         Times(1.21, "inject 16: floor"),   2),
    limit("inject 5: ours, the last of 20 hosts",    Times(1.92, "inject 5: floor"),    0),
    limit("inject 5: ours, Convention::write",       Times(1.34, "inject 5: floor"),    0),
    limit("inject 0: ours, Convention::write",       Count(605),                        0),
    limit("inject 0: ours, no metadata",             Count(470),                        0),
    limit("inject 0: ours, empty metadata",          Count(520),                        0),
    limit("path 5: ours",                            Times(1.31, "path 5: floor"),      3),
    limit("path 4+1: ours, a new request id",        Times(1.91, "path 5: floor"),      6),
    limit("extract 5: ours, one convention",         Times(3.48, "extract 5: floor"),   4),
    limit("extract 5: ours, all clients",            Times(3.58, "extract 5: floor"),   4),
    limit("extract 5: ours, all known",              Times(3.57, "extract 5: floor"),   4),
    limit("extract 0: ours, one convention",         Times(0.72, "extract 5: floor"),   3),
    limit("extract 0: ours, all clients",            Times(0.83, "extract 5: floor"),   3),
    limit("extract 0: ours, all known",              Times(0.84, "extract 5: floor"),   3),
    limit("read 5: ours, one convention",            Times(2.98, "extract 5: floor"),   1),
    limit("read 5: ours, all clients",               Times(3.07, "extract 5: floor"),   1),
    limit("read 5: ours, all known",                 Times(3.06, "extract 5: floor"),   1),
    limit("read 0: ours, one convention",            Count(835),                        0),
    limit("read 0: ours, all clients",               Count(1_095),                      0),
    limit("read 0: ours, all known",                 Count(1_135),                      0),
    limit("clone: ours, inject",                     Count(60),                         0),
    limit("clone: ours, extract",                    Count(100),                         0),
];

const fn limit(case: &'static str, instructions: Most, allocations: u64) -> Limit {
    Limit {
        case,
        instructions,
        allocations,
    }
}
