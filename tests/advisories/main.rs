//! Attacks on the headers of other projects, over real sockets.
//!
//! Each attack works on the code that the project had, and fails on ours. A
//! test is named after its advisory or incident.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a failure here fails a test"
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
