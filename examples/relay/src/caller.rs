//! Which client sent a request.

use tower_metadata_headers::{ClientName, Metadata};

/// What to call a request's client in logs and tables.
pub(crate) fn name(metadata: &Metadata) -> String {
    const LONGEST: usize = 40;
    match metadata.get::<ClientName>() {
        Some(name) => name.as_str().chars().take(LONGEST).collect(),
        None => String::from("-"),
    }
}
