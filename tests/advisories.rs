//! What went wrong with headers in other projects, played over real sockets:
//! each attack works on the code that they had, and not on ours. A test is
//! named after its advisory or incident.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what fails here fails a test"
)]

mod common;

#[path = "advisories/baggage.rs"]
mod baggage;
#[path = "advisories/configuration.rs"]
mod configuration;
#[path = "advisories/connection.rs"]
mod connection;
#[path = "advisories/encoding.rs"]
mod encoding;
#[path = "advisories/extensions.rs"]
mod extensions;
#[path = "advisories/forged_identity.rs"]
mod forged_identity;
#[path = "advisories/forwarding.rs"]
mod forwarding;
#[path = "advisories/interleaved.rs"]
mod interleaved;
#[path = "advisories/labels.rs"]
mod labels;
#[path = "advisories/logs.rs"]
mod logs;
#[path = "advisories/look_alikes.rs"]
mod look_alikes;
#[path = "advisories/panics.rs"]
mod panics;
#[path = "advisories/redirects.rs"]
mod redirects;
#[path = "advisories/repeats.rs"]
mod repeats;
#[path = "advisories/responses.rs"]
mod responses;
#[path = "advisories/sizes.rs"]
mod sizes;
#[path = "advisories/stale_values.rs"]
mod stale_values;
#[path = "advisories/strictness.rs"]
mod strictness;
#[path = "advisories/support.rs"]
mod support;
#[cfg(feature = "hmac")]
#[path = "advisories/tenants.rs"]
mod tenants;
#[path = "advisories/trailers.rs"]
mod trailers;
#[path = "advisories/values.rs"]
mod values;
