//! Writing: metadata comes in, headers and a `WriteReport` go out.
//!
//! | file | step |
//! |---|---|
//! | `owned.rs` | the headers that are removed before |
//! | `header.rs` | `WriteHeader`: one header to write, compiled from rules |
//! | `plan.rs` | `WritePlan`: all headers of a convention |
//! | `cached.rs` | the usual case: a plan for metadata with certain fields |
//! | `pass.rs` | every other case: one header after the other, with limits and policies |
//! | `object.rs` | JSON objects, with a member for each field |
//! | `own_fields.rs` | names of the headers for fields of the user's own |
//! | `report.rs` | `WriteReport`: the fields that were written, and why others were not |
//!
//! Invariants: a header has one line; a field is in a header or in the report, with the
//! reason.

mod cached;
mod header;
#[cfg(feature = "json")]
mod object;
mod own_fields;
mod owned;
mod pass;
mod plan;
mod report;

pub use self::report::WriteReport;
pub(crate) use self::{
    owned::{OwnedHeaders, owned_headers},
    pass::{Existing, Replace},
    plan::WritePlan,
};
