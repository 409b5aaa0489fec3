//! Redirects, retries and failover, with layers inside and outside them.

#[cfg(feature = "tower-http")]
mod policy;
mod retry;
