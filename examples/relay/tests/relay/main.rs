//! Tests of the relay over real sockets.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here fails a test"
)]

mod access;
mod affinity;
mod broken_upstreams;
#[cfg(unix)]
mod browser;
#[cfg(unix)]
mod collector;
mod command_line;
mod configuration;
#[cfg(unix)]
mod foreign_page;
mod http_rules;
mod https;
mod limits;
#[cfg(unix)]
mod log;
mod matrix;
#[cfg(target_os = "linux")]
mod memory;
mod metrics;
#[cfg(unix)]
mod nginx;
#[cfg(unix)]
mod page;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod prometheus;
mod routes;
mod sessions;
mod streaming;
mod strict;
mod support;
mod timeouts;
mod translation;
