//! Cost of sharing one metadata and one layer between threads, which count
//! references in shared memory. The code by hand shares values, and names that are static or
//! made at run time. Those of our convention are made at run time.
//!
//! One thread and two threads take turns, by hand and with our layer. The time
//! is processor time for one request, minus that of a request without work. The
//! argument is the number of rounds.

use std::{env, error::Error, sync::Barrier, thread, time::Duration};

use benches::{
    cases::{
        Inner, Make, Run, by_hand, calling,
        fields::{self, Values},
        ours, request,
    },
    clock::timed,
    quartiles::Quartiles,
};
use tower_layer::Layer;
use tower_metadata_headers::MetadataHeadersLayer;

const ROUNDS: usize = 60;
const BATCHES: u64 = 100;
/// Number of requests that fit in the processor's cache.
const BATCH: u64 = 64;
const THREADS: [usize; 2] = [1, 2];

/// Function that makes the work for one thread from shared data.
type Way<'a> = (&'static str, &'a (dyn Fn() -> Run + Sync));

fn main() -> Result<(), Box<dyn Error>> {
    let rounds = env::args()
        .nth(1)
        .map(|rounds| rounds.parse())
        .transpose()?;
    let (names, values) = (fields::names(5), Values::new(5));
    let by_hand =
        || -> Run { Box::new(by_hand::sending(names.clone(), values.clone(), Inner::DROP)) };
    let counted = fields::counted_names(5);
    let by_hand_counted = || -> Run {
        Box::new(by_hand::sending(
            counted.clone(),
            values.clone(),
            Inner::DROP,
        ))
    };
    let (layer, metadata) = (
        MetadataHeadersLayer::inject(fields::acme()),
        fields::metadata(5),
    );
    let ours = || -> Run {
        let send = calling(layer.layer(Inner::DROP));
        Box::new(ours::sending(metadata.clone(), send))
    };
    let ways: [Way<'_>; 3] = [
        ("by hand", &by_hand),
        ("by hand, names of run time", &by_hand_counted),
        ("ours", &ours),
    ];

    let mut turns = vec![Vec::new(); ways.len() * THREADS.len()];
    for _ in 0..rounds.unwrap_or(ROUNDS) {
        let all = THREADS
            .iter()
            .flat_map(|&threads| ways.map(|way| (threads, way)));
        for (turns, (threads, (_, way))) in turns.iter_mut().zip(all) {
            turns.push(nanoseconds(threads, way));
        }
    }

    println!(
        "{:<38} {:>6} {:>12} {:>10} {:>15}",
        "", "ns", "quartiles", "by hand", "quartiles"
    );
    for (threads, turns) in THREADS.iter().zip(turns.chunks(ways.len())) {
        for ((name, _), own) in ways.iter().zip(turns) {
            let pairs = own.iter().zip(&turns[0]);
            let more = Quartiles::of(pairs.map(|(own, by_hand)| (own / by_hand - 1.0) * 100.0));
            let own = Quartiles::of(own.iter().copied());
            println!(
                "{:<38} {:>6.0} {:>12} {:>+9.1}% {:>15}",
                format!("{name}, threads: {threads}"),
                own.median,
                format!("{:.0}..{:.0}", own.low, own.high),
                more.median,
                format!("{:+.1}..{:+.1}%", more.low, more.high),
            );
        }
    }
    Ok(())
}

/// Returns the time for one request, on average over the threads.
fn nanoseconds(threads: usize, way: &(dyn Fn() -> Run + Sync)) -> f64 {
    let begin = Barrier::new(threads);
    let thread = || {
        let (mut make, mut run): (Make, Run) = (Box::new(request::plain()), way());
        let mut baseline: Run = Box::new(calling(Inner::DROP));
        let (mut with, mut without) = (Duration::ZERO, Duration::ZERO);
        begin.wait();
        for _ in 0..BATCHES {
            without += timed(BATCH, &mut make, &mut baseline);
            with += timed(BATCH, &mut make, &mut run);
        }
        with.saturating_sub(without)
    };
    let all: Duration = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(thread)).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    all.as_secs_f64() * 1e9 / (BATCHES * BATCH) as f64 / threads as f64
}
