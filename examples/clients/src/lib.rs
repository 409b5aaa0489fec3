//! Recipes that show how each client library sends metadata with
//! `tower-metadata-headers`. Each module is one recipe.
//!
//! The caller creates the [`Destinations`](tower_metadata_headers::Destinations) once for
//! the program, and the [`Metadata`](tower_metadata_headers::Metadata) once for each
//! conversation:
//!
//! ```
//! use tower_metadata_headers::{Convention, Destinations, Metadata, SessionId, conventions};
//!
//! let destinations = Destinations::new()
//!     .host("gateway.acme.example", Convention::vendor("acme")?)?
//!     .host("opencode.ai", conventions::opencode())?;
//! let conversation = Metadata::new().with(SessionId::new());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod async_openai_explicit;
pub mod async_openai_implicit;
pub mod aws_sdk;
pub mod hyper;
pub mod reqwest_codec;
pub mod reqwest_middleware;
pub mod reqwest_tower;
pub mod rig;
pub mod tonic;
pub mod tungstenite;

/// Error of a recipe that can fail in several ways.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
