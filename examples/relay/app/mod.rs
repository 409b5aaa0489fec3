//! What the relay is made of. `tests/relay.rs` uses it too.

pub(crate) mod args;
pub(crate) mod base_url;
mod caller;
pub(crate) mod client;
pub(crate) mod demo;
mod error_body;
mod exchange;
mod forward;
mod hop_by_hop;
pub(crate) mod list;
mod page;
pub(crate) mod relay;
pub(crate) mod serve;
pub(crate) mod sessions;
pub(crate) mod upstream;
mod usage;

/// Any error, for what only reports it.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;
