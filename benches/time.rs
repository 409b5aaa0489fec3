//! Cases under criterion. Batches of a case and of its baseline take turns, and
//! the difference is reported.

use std::time::Duration;

use benches::{
    cases::{self, Inner},
    clock::timed,
};
use criterion::{Criterion, criterion_group, criterion_main};

/// Number of requests that fit in the processor's cache.
const BATCH: u64 = 64;

fn calls(criterion: &mut Criterion) {
    for case in cases::all() {
        let (mut make, mut run, mut baseline) =
            (case.make(), case.run(Inner::DROP), case.baseline());
        criterion.bench_function(&case.name, |bencher| {
            bencher.iter_custom(|calls| {
                let (mut with, mut without) = (Duration::ZERO, Duration::ZERO);
                for begin in (0..calls).step_by(BATCH as usize) {
                    let batch = BATCH.min(calls - begin);
                    without += timed(batch, &mut make, &mut baseline);
                    with += timed(batch, &mut make, &mut run);
                }
                // Criterion can't handle a time of zero.
                with.saturating_sub(without).max(Duration::from_nanos(1))
            });
        });
    }
}

criterion_group! {
    name = groups;
    // These times are of the difference. Measuring takes about ten times as
    // long.
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(10))
        .measurement_time(Duration::from_millis(50))
        .sample_size(50);
    targets = calls
}
criterion_main!(groups);
