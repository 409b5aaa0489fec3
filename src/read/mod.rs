//! Reading: a request's headers come in, `Extracted` goes out.
//!
//! | file | step |
//! |---|---|
//! | `readers.rs` | `Readers`: the readers of one name, compiled from rules |
//! | `plan.rs` | `ReadPlan`: the readers of each name, and the pass over the headers |
//! | `lines.rs` | each name once, with its first line |
//! | `pass.rs` | `Reading`: one request; each header ends in one `Outcome` |
//! | `outcome.rs` | `Outcome`: a value, or the reason why there is none |
//! | `rank.rs` | precedence as a number |
//! | `candidates.rs` | the headers that carry each field, and the decision between them |
//! | `clients.rs` | programs by their `User-Agent` |
//! | `identify.rs` | identification of the program that sent the request |
//! | `requirements.rs` | `Requirements` on the metadata of a request |
//! | `rejection.rs` | `Rejection` of a request that does not meet them |
//! | `extracted.rs` | `Extracted`: metadata and faults |
//!
//! Invariants: the result does not depend on the order of the headers; if the preferred
//! header for a field is invalid, the field stays empty; no fault holds a value.

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
