//! Feature `tracing`: events for requests whose metadata has faults.

use crate::{Faults, WriteReport, header_set::Removal};

/// Emits an event with the faults of a request's metadata, by field, header and reason.
/// The event contains no value.
pub(crate) fn report(faults: &Faults) {
    tracing::debug!(count = faults.len(), %faults, "request metadata has faults");
}

/// Emits an event with the names of the headers that `strip` removes from a request, whether
/// they were read or not.
#[inline]
pub(crate) fn report_removal(removal: &Removal) {
    if tracing::enabled!(tracing::Level::TRACE) && !removal.names().is_empty() {
        tracing::trace!(headers = ?removal.names(), "metadata headers are removed");
    }
}

/// Emits an event with the faults of a response's metadata. The event contains no value.
pub(crate) fn report_response(faults: &Faults) {
    tracing::debug!(count = faults.len(), %faults, "response metadata has faults");
}

/// Emits an event with the fields that were not written to a request, by field, header
/// and reason.
#[inline]
pub(crate) fn report_write(written: &WriteReport<'_>) {
    // `WriteReport::faults` allocates, so it is called only if the event is enabled.
    if tracing::enabled!(tracing::Level::DEBUG) {
        let faults = written.faults();
        if !faults.is_empty() {
            tracing::debug!(count = faults.len(), %faults, "request metadata was not fully written");
        }
    }
}
