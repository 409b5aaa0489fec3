//! Reading: a request's headers come in, `Extracted` goes out.
//!
//! | file | step |
//! |---|---|
//! | `readers.rs` | `Readers`: what one name carries, compiled from rules |
//! | `plan.rs` | `ReadPlan`: the readers of each name, and the pass over the headers |
//! | `lines.rs` | each name once, with its first line |
//! | `pass.rs` | `Reading`: one request; each header ends in one `Outcome` |
//! | `outcome.rs` | a value, or why there is none |
//! | `rank.rs` | precedence as a number |
//! | `candidates.rs` | the headers that carry each field, and which of them counts |
//! | `clients.rs` | programs by their `User-Agent` |
//! | `identify.rs` | which program sent the request |
//! | `requirements.rs` | `Requirements`: which metadata is rejected |
//! | `rejection.rs` | `Rejection`: why |
//! | `extracted.rs` | `Extracted`: metadata and faults |
//!
//! Invariants: the order of the headers decides nothing; a field that an invalid header
//! should have carried stays empty; no fault holds a value.

mod candidates;
mod clients;
mod extracted;
mod identify;
mod lines;
mod outcome;
mod pass;
mod plan;
mod rank;
mod readers;
mod rejection;
mod requirements;

pub use self::{extracted::Extracted, rejection::Rejection, requirements::Requirements};
pub(crate) use self::{
    lines::Hidden,
    pass::Trust,
    plan::{Followup, ReadPlan},
};
