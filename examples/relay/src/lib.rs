//! Parts of the relay, shared by its program and its tests.
//!
//! A request passes the layers of [`start`], and is then sent to the upstream in
//! the upstream's convention.

mod access;
pub mod affinity;
pub mod args;
pub mod base_url;
mod caller;
mod client;
pub mod config;
mod connection;
mod data_body;
pub mod demo;
mod ended;
mod error_body;
mod exchange;
pub mod explain;
mod forward;
mod hop_by_hop;
pub mod host_names;
pub mod keys;
mod layers;
pub mod list;
mod metrics;
mod outgoing_body;
mod page;
mod pause;
mod refusal;
pub mod serve;
mod sessions;
pub mod settings;
pub mod telemetry;
mod unread;
pub mod upstream;
mod usage;

pub use self::{
    layers::{start, start_with},
    sessions::MAX_SESSIONS,
    settings::Settings,
};

/// Error that callers only report.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
