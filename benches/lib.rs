//! Benchmarks of the crate, beside other crates. `README.md` has the commands.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a failed setup ends the benchmark"
)]

pub mod cases;
pub mod clock;
pub mod counting;
pub mod growth;
pub mod limits;
pub mod plot;
pub mod quartiles;
