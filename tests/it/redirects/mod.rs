//! Redirects, retries and failover, with layers inside and outside them.

#[cfg(feature = "tower-http-07")]
mod policy;
#[cfg(feature = "tower-http-06")]
mod policy_06;
mod retry;
