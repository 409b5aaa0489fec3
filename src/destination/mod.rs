//! Conventions by destination, and what each destination may get.
//!
//! In comes a request's URI with metadata, out go the headers of the one convention
//! that is meant for that host, or none.
//!
//! - `destinations`: what the operator builds, and writes by;
//! - `policies`: the policies of all hosts, and the decision on one request;
//! - `index`: finds the host that a URI is for;
//! - `host`: the hosts that an operator names;
//! - `authority`: host, port and scheme of a URI;
//! - `policy`: what one host may get;
//! - `target`: the URI or the provider that is written to;
//! - `changes`: what a write changes in headers that are not in a `HeaderMap`.

mod authority;
mod changes;
mod destinations;
mod host;
mod index;
mod policies;
mod policy;
mod target;

#[cfg(feature = "tower-http")]
pub(crate) use self::authority::{Authority, default_port};
pub use self::{
    changes::HeaderChanges, destinations::Destinations, host::InvalidHost, policy::HostPolicy,
    target::Target,
};
