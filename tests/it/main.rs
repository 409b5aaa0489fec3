//! Tests of the crate's behaviour, by topic.
//!
//! `tests/advisories` has the attacks that other projects suffered,
//! `tests/model` compares the crate with second implementations of its rules.
//! Tests that need a process of their own are beside these folders.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

#[cfg(feature = "hmac")]
mod affinity;
mod budget;
mod building;
#[path = "../common/mod.rs"]
mod common;
mod destinations;
mod house;
mod layer;
#[path = "../model/rules/mod.rs"]
mod model;
mod pages;
mod programs;
mod reading;
mod redirects;
mod round_trip;
mod support;
mod translation;
mod values;
mod vectors;
mod writing;
