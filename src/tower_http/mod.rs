//! Features `tower-http-06` and `tower-http-07`: a policy for the redirects of
//! tower-http, and with `tracing` the spans of its `TraceLayer`.
//!
//! Each type is the same for every version of tower-http, and has its rule in one place.
//! A version's file implements that version's traits, and has no rule of its own.
//!
//! - `strip_metadata`: [`StripMetadata`], which removes metadata on a redirect to another
//!   origin;
//! - `make_span`: [`MetadataMakeSpan`], which makes a request's span with its metadata;
//! - `v06`, `v07`: the traits of tower-http 0.6 and 0.7.

#[cfg(feature = "tracing")]
mod make_span;
mod strip_metadata;
#[cfg(feature = "tower-http-06")]
mod v06;
#[cfg(feature = "tower-http-07")]
mod v07;

#[cfg(feature = "tracing")]
pub use self::make_span::MetadataMakeSpan;
pub use self::strip_metadata::StripMetadata;
