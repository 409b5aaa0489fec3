//! Tests of the crate's behaviour, by topic.
//!
//! `tests/advisories` has the attacks on other projects. `tests/model` compares
//! the crate with a model of its rules. Tests that need a separate process are
//! beside these folders.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

#[cfg(feature = "hmac")]
mod affinity;
mod building;
#[path = "../common/mod.rs"]
mod common;
mod conversions;
mod destinations;
mod house;
mod layer;
#[path = "../model/rules/mod.rs"]
mod model;
mod pages;
mod programs;
mod properties;
mod reading;
mod redirects;
mod request_limits;
mod round_trip;
#[cfg(all(feature = "axum-08", feature = "tokio"))]
mod scoped;
#[cfg(feature = "serde")]
mod serde;
mod support;
mod translation;
mod values;
mod vectors;
mod without_tower;
mod writing;
