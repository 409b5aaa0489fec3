//! Reading of headers.

mod convention;
mod hostile;
#[cfg(feature = "json")]
mod json;
mod one_name;
mod precedence;
mod trust;
