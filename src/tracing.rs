//! Feature `tracing`: an event for each request whose metadata has faults.

use crate::Faults;

/// Tells what is wrong with a request's metadata, by field, header and
/// reason. No value is in it.
pub(crate) fn report(faults: &Faults) {
    tracing::debug!(count = faults.len(), %faults, "request metadata has faults");
}
