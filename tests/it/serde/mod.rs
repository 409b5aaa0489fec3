//! Conventions, destinations and metadata in TOML and JSON.

#[cfg(all(feature = "hmac", feature = "json"))]
mod every_option;
mod invalid;
mod large;
mod metadata;
mod written_back;

use serde::de::DeserializeOwned;
use tower_metadata_headers::serde::Configuration;

/// Returns the message for an invalid TOML document, without its excerpt.
#[track_caller]
fn error_of<T: DeserializeOwned>(text: &str) -> String {
    let error = toml::from_str::<T>(text).err().unwrap();
    error.message().to_owned()
}

#[track_caller]
fn configuration(text: &str) -> Configuration {
    toml::from_str(text).unwrap()
}
