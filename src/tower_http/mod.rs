//! Features `tower-http-06` and `tower-http-07`: a policy for the redirects of
//! tower-http, and with `tracing` the spans of its `TraceLayer`.
//!
//! Each type is the same for every version of tower-http, and has its rule in one place.
//!
//! - `strip_metadata`: [`StripMetadata`], which removes metadata on a redirect to another
//!   origin;
//! - `make_span`: [`MetadataMakeSpan`], which makes a request's span with its metadata;
//! - `versions`: the traits of each version of tower-http.

#[cfg(feature = "tracing")]
mod make_span;
mod strip_metadata;
mod versions;

#[cfg(feature = "tracing")]
pub use self::make_span::MetadataMakeSpan;
pub use self::strip_metadata::StripMetadata;
