//! The parts of the relay, which its program and its tests share.
//!
//! A request goes through [`start`]'s layers, then to the upstream in the
//! upstream's own convention.

pub mod args;
pub mod base_url;
mod caller;
mod client;
pub mod demo;
mod error_body;
mod exchange;
mod forward;
mod hop_by_hop;
mod layers;
pub mod list;
mod page;
pub mod serve;
mod sessions;
pub mod upstream;
mod usage;

pub use self::{
    layers::{Settings, start, start_with},
    sessions::MAX_SESSIONS,
};

/// Any error, for callers that only report it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
