//! Redirects, retries and failover, with layers inside and outside them.

#[cfg(feature = "tower-http-07")]
mod policy;
mod retry;
