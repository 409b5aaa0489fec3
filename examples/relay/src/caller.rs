//! Name of the client that sent a request.

use tower_metadata_headers::{ClientName, Metadata};

/// Returns the client's name for logs and tables, or `-` if it is unknown.
pub(crate) fn name(metadata: &Metadata) -> String {
    const LONGEST: usize = 40;
    match metadata.get::<ClientName>() {
        Some(name) => name.as_str().chars().take(LONGEST).collect(),
        None => String::from("-"),
    }
}
