//! Name of the client that sent a request.

use tower_metadata_headers::{ClientName, Metadata};

/// Returns the client's name for logs and tables, if it is known.
pub(crate) fn name(metadata: &Metadata) -> Option<String> {
    const LONGEST: usize = 40;
    let name = metadata.get::<ClientName>()?;
    Some(name.as_str().chars().take(LONGEST).collect())
}
