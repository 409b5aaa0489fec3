//! Reading: from the headers of a request to `Extracted`.
//!
//! | file | step |
//! |---|---|
//! | `collector.rs` | `Collector`: the readers of several conventions, compiled from rules |
//! | `readers.rs` | `Readers`: the fields that one name carries |
//! | `plan.rs` | `ReadPlan`: the readers of each name, and the pass over the headers |
//! | `lines.rs` | `Line`: each name once, with its first field line |
//! | `pass.rs` | `Reading`: one request; each header ends in one `Outcome` |
//! | `outcome.rs` | `Outcome`: a valid value, or the reason for which there is none |
//! | `properties.rs` | free properties, from headers and members without a rule |
//! | `vendor_headers.rs` | headers that are passed on to their vendor |
//! | `rank.rs` | precedence as a number |
//! | `decoded.rs` | `Value`: the header's value, or one that was decoded |
//! | `candidates.rs` | the headers that carry each field, and the one that counts |
//! | `trust.rs` | `Trust`: the identity fields that are read |
//! | `clients.rs` | clients by their `User-Agent` |
//! | `identify.rs` | the client that sent the request |
//! | `requirements.rs` | `Requirements`: conditions that metadata must meet |
//! | `rejection.rs` | `Rejection`: the faults of metadata that does not meet them |
//! | `extracted.rs` | `Extracted`: metadata and faults |
//!
//! Invariants: the result does not depend on the order of the headers; a field whose
//! header is invalid stays empty; no fault contains a value.

mod candidates;
mod clients;
mod collector;
mod decoded;
mod extracted;
mod identify;
mod lines;
mod outcome;
mod pass;
mod plan;
mod properties;
mod rank;
mod readers;
mod rejection;
mod requirements;
mod trust;
mod vendor_headers;

pub use self::{
    extracted::Extracted, rejection::Rejection, requirements::Requirements, trust::Trust,
};
pub(crate) use self::{
    lines::Hidden,
    plan::{Followup, ReadPlan},
};
