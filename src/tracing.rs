//! Feature `tracing`: events for requests whose metadata has faults.

use crate::{Faults, WriteReport};

/// Reports the faults of a request's metadata, by field, header and reason. No
/// value is in it.
pub(crate) fn report(faults: &Faults) {
    tracing::debug!(count = faults.len(), %faults, "request metadata has faults");
}

/// Reports what was not written to a request, likewise.
#[inline]
pub(crate) fn report_write(written: &WriteReport<'_>) {
    // The faults are worked out only where somebody looks at them.
    if tracing::enabled!(tracing::Level::DEBUG) {
        let faults = written.faults();
        if !faults.is_empty() {
            tracing::debug!(count = faults.len(), %faults, "request metadata was not all written");
        }
    }
}
