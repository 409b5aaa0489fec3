//! Processor time, which does not include other programs.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::cases::{Make, Run};

/// Returns the time of the work on this number of requests, without making
/// them.
pub fn timed(calls: u64, make: &mut Make, run: &mut Run) -> Duration {
    let requests: Vec<_> = (0..calls).map(|_| make()).collect();
    let begin = processor_time();
    for request in requests {
        run(request);
    }
    processor_time() - begin
}

/// Returns the running time of this thread.
#[must_use]
pub fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}
