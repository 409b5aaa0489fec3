//! What the crate costs, beside what others cost. `README.md` says how to run
//! it.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a benchmark that can't be set up is to end"
)]

pub mod cases;
pub mod clock;
pub mod counting;
pub mod growth;
pub mod limits;
pub mod plot;
pub mod quartiles;
