//! The relay of `examples/relay`, over real sockets.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here fails a test"
)]

#[path = "../examples/relay/app/mod.rs"]
mod app;

#[path = "relay/broken_upstreams.rs"]
mod broken_upstreams;
#[path = "relay/command_line.rs"]
mod command_line;
#[path = "relay/http_rules.rs"]
mod http_rules;
#[path = "relay/https.rs"]
mod https;
#[path = "relay/sessions.rs"]
mod sessions;
#[path = "relay/streaming.rs"]
mod streaming;
#[path = "relay/strict.rs"]
mod strict;
#[path = "relay/support.rs"]
mod support;
#[path = "relay/translation.rs"]
mod translation;
