//! Writing: from metadata to headers and a `WriteReport`.
//!
//! | file | step |
//! |---|---|
//! | `owned.rs` | the headers that are removed before writing |
//! | `header.rs` | `WriteHeader`: a header to write, compiled from rules |
//! | `vendor_headers.rs` | headers that are passed on to their vendor |
//! | `plan.rs` | `WritePlan`: all headers of a convention |
//! | `cached.rs` | the usual case: cached steps for metadata with the same fields |
//! | `pass.rs` | every other case: header by header, with limits and policies |
//! | `object.rs` | JSON objects, with a member for each field |
//! | `own_fields.rs` | header names for the user's own fields |
//! | `properties.rs` | headers for free properties |
//! | `report.rs` | `WriteReport`: the result for each field |
//!
//! Invariants: a header has one field line; a field is in a header, or in the report with
//! the reason.

mod cached;
mod header;
#[cfg(feature = "json")]
mod object;
mod own_fields;
mod owned;
mod pass;
mod plan;
mod properties;
mod report;
mod vendor_headers;

pub use self::report::WriteReport;
pub(crate) use self::{
    owned::{OwnedHeaders, owned_headers},
    pass::{Existing, Replace},
    plan::WritePlan,
};
