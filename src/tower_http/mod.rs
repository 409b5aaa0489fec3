//! Features `tower-http-06` and `tower-http-07`: a policy for the redirects of
//! tower-http.
//!
//! Each type is the same for every version of tower-http, and has its rule in one place.
//! A version's file implements that version's traits, and has no rule of its own.
//!
//! - `strip_metadata`: [`StripMetadata`], which removes metadata on a redirect to another
//!   origin;
//! - `v06`, `v07`: the traits of tower-http 0.6 and 0.7.

mod strip_metadata;
#[cfg(feature = "tower-http-06")]
mod v06;
#[cfg(feature = "tower-http-07")]
mod v07;

pub use self::strip_metadata::StripMetadata;
