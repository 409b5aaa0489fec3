//! The processor's time, which other programs do not add to.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// How long this thread has run.
#[must_use]
pub fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}
