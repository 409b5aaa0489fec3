//! Attacks on the headers of other projects, over real sockets: each works on
//! the code that they had, and not on ours. A test is named after its advisory
//! or incident.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what fails here fails a test"
)]

mod baggage;
#[path = "../common/mod.rs"]
mod common;
mod configuration;
mod connection;
mod encoding;
mod extensions;
mod forged_identity;
mod forwarding;
mod interleaved;
mod labels;
mod logs;
mod look_alikes;
mod panics;
mod redirects;
mod repeats;
mod responses;
mod sizes;
mod stale_values;
mod strictness;
mod support;
#[cfg(feature = "hmac")]
mod tenants;
mod trailers;
mod values;
