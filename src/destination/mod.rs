//! Conventions and policies by destination.
//!
//! Given a request's URI and metadata, this module writes the headers of the convention
//! that is configured for the host, or none.
//!
//! - `destinations`: [`Destinations`], which the operator configures;
//! - `providers`: entries by provider;
//! - `policies`: the policies of all hosts, and the decision on one request;
//! - `index`: lookup of a URI's host;
//! - `host`: host patterns, parsed and validated;
//! - `authority`: host, port and scheme of a URI;
//! - `policy`: [`HostPolicy`], which limits what one host gets;
//! - `target`: the URI or the provider that is written to;
//! - `changes`: the changes of a write to headers that are not in a `HeaderMap`.

mod authority;
mod changes;
mod destinations;
mod host;
mod index;
mod policies;
mod policy;
mod providers;
mod target;

#[cfg(any(feature = "tower-http-06", feature = "tower-http-07"))]
pub(crate) use self::authority::{Authority, default_port};
#[cfg(feature = "serde")]
pub(crate) use self::policy::{Identity, Schemes};
pub use self::{
    changes::HeaderChanges,
    destinations::Destinations,
    host::{InvalidHost, InvalidHostKind},
    policy::HostPolicy,
    target::{Provider, Target},
};
