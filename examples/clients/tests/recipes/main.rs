//! Tests that run each recipe against a server on this machine.
//!
//! Two conversations run at the same time, and each prompt is its conversation's session.
//! The server therefore sees whether a request has the session of its own conversation.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

mod async_openai_explicit;
mod async_openai_implicit;
mod aws_sdk;
mod hyper;
mod reqwest_codec;
mod reqwest_middleware;
mod reqwest_tower;
mod rig;
mod tonic;
mod tungstenite;
mod upstream;
