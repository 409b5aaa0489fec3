//! Reading of headers.

mod hostile;
#[cfg(feature = "json")]
mod json;
mod one_name;
mod precedence;
