//! The processor's time, which other programs do not add to.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::cases::{Make, Run};

/// How long the work on so many requests takes, without making them.
pub fn timed(calls: u64, make: &mut Make, run: &mut Run) -> Duration {
    let requests: Vec<_> = (0..calls).map(|_| make()).collect();
    let begin = processor_time();
    for request in requests {
        run(request);
    }
    processor_time() - begin
}

/// How long this thread has run.
#[must_use]
pub fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}
