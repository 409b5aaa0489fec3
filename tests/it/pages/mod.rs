//! Files of the repository that must agree with the code.

#[cfg(feature = "json")]
mod conventions;
mod package;
mod security;
