//! Feature `serde`: conventions, destinations and metadata from any self-describing serde
//! format, such as TOML, JSON or YAML, and back.
//!
//! A [`Configuration`] has the conventions of an operator, the conventions that a gateway
//! reads, and the destinations. [`Convention`](crate::Convention),
//! [`ConventionSet`](crate::ConventionSet), [`Destinations`](crate::Destinations) and
//! [`Metadata`](crate::Metadata) can also be deserialized alone.
//!
//! A file is checked as by the builders. Unknown options are an error. An error has the
//! path of the invalid item:
//!
//! ```
//! use tower_metadata_headers::serde::Configuration;
//!
//! let error = toml::from_str::<Configuration>(r#"read = ["claude-code", "opncode"]"#);
//! assert_eq!(
//!     error.unwrap_err().message(),
//!     "read[1]: no convention is named `opncode`; did you mean `opencode`?",
//! );
//! ```
//!
//! # Options
//!
//! This file has every option:
//!
//! ```toml
#![doc = include_str!("../../examples/metadata.toml")]
//! ```
//!
//! # Limits
//!
//! A file may have 1,024 conventions of its own, 16,384 hosts, 1,024 proxies and 1,024
//! providers. A
//! convention may have 256 headers, and the conventions of a set or of the destinations
//! 4,096 headers and prefixes together. More is an error.

// From a document to a value: serde reads a struct with the options of the file, which
// rejects unknown ones, and `build` turns it into the value with the checks of the builders.
//
// | file | what it has |
// |---|---|
// | `configuration.rs` | `Configuration`: the whole file |
// | `convention.rs`, `rule.rs`, `parts.rs` | a convention, its rules and its other parts |
// | `item.rs` | a convention by name, or with its definition |
// | `convention_set.rs`, `destinations.rs`, `limits.rs` | the values of these names |
// | `metadata.rs`, `values.rs` | metadata, and the values of fields |
// | `names.rs` | fields and conventions by name |
// | `located.rs` | a problem with its path |
// | `list.rs`, `checks.rs`, `features.rs` | bounds, and options that need a feature |
//
// Invariants: an error has a path and no value of a field; what is written is read as an
// equal value.

mod checks;
mod configuration;
mod convention;
mod convention_set;
mod destinations;
#[cfg(not(all(feature = "hmac", feature = "json")))]
mod features;
mod item;
mod limits;
mod list;
mod located;
mod metadata;
mod names;
mod parts;
mod rule;
mod values;

pub use self::{
    configuration::{Configuration, ConfigurationSeed},
    metadata::MetadataSeed,
};
