//! Proxies under load, each in a separate process:
//!
//! - a proxy that only forwards requests,
//! - the same proxy with our layers on both sides,
//! - the relay of `examples/`, which also counts sessions and tokens.
//!
//! First the proxies take turns at short requests, which gives requests per
//! second, latencies and processor time. Then all of them serve streams at the
//! same time, for the number of minutes in the argument (10), while their
//! memory is measured.

mod load;
mod process;
mod proxy;
mod upstream;

use std::{
    env,
    error::Error,
    time::{Duration, Instant},
};

use self::{load::Turn, process::Proxy};

type BoxError = Box<dyn Error + Send + Sync>;

const ROUNDS: usize = 10;
const TURN: Duration = Duration::from_secs(1);
/// Number of clients, each on a separate connection.
const CLIENTS: usize = 16;
const STREAMS: usize = 32;

fn main() -> Result<(), BoxError> {
    let args: Vec<String> = env::args().skip(1).collect();
    if let [flag, kind, upstream] = args.as_slice()
        && flag == process::PROXY
    {
        return proxy::run(kind, upstream.parse()?);
    }
    let minutes = args.first().map_or(Ok(10.0), |minutes| minutes.parse())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let upstream = upstream::start().await?;
        let proxies = [
            ("without our layers", Proxy::own(proxy::PLAIN, upstream)?),
            ("with our layers", Proxy::own(proxy::LAYERS, upstream)?),
            ("the example's relay", Proxy::relay(upstream)?),
        ];
        short_requests(&proxies).await?;
        streams(&proxies, Duration::from_secs_f64(minutes * 60.0)).await
    })
}

async fn short_requests(proxies: &[(&str, Proxy)]) -> Result<(), BoxError> {
    // The first requests open connections, and fill the allocator's pools.
    for (_, proxy) in proxies {
        load::turn(proxy.address, CLIENTS, TURN).await?;
    }
    let mut turns: Vec<Vec<Turn>> = proxies.iter().map(|_| Vec::new()).collect();
    let mut processor = vec![Duration::ZERO; proxies.len()];
    for round in 0..ROUNDS {
        for turn in 0..proxies.len() {
            let at = (round + turn) % proxies.len();
            let (_, proxy) = &proxies[at];
            let before = proxy.processor_time()?;
            turns[at].push(load::turn(proxy.address, CLIENTS, TURN).await?);
            processor[at] += proxy.processor_time()? - before;
        }
    }

    println!("Short requests, {CLIENTS} connections, {ROUNDS} turns of {TURN:?}:\n");
    println!(
        "{:<22} {:>10} {:>10} {:>10} {:>13}",
        "", "requests/s", "p50 in ms", "p99 in ms", "µs of its CPU"
    );
    for ((name, _), (turns, processor)) in proxies.iter().zip(turns.into_iter().zip(processor)) {
        let requests: usize = turns.iter().map(|turn| turn.times.len()).sum();
        println!(
            "{name:<22} {:>10.0} {:>10.2} {:>10.2} {:>13.1}",
            median(
                turns
                    .iter()
                    .map(|turn| turn.times.len() as f64 / turn.lasted.as_secs_f64())
            ),
            median(turns.iter().map(|turn| turn.quantile(0.5))),
            median(turns.iter().map(|turn| turn.quantile(0.99))),
            processor.as_secs_f64() * 1e6 / requests as f64,
        );
    }
    Ok(())
}

async fn streams(proxies: &[(&str, Proxy)], lasting: Duration) -> Result<(), BoxError> {
    println!("\nMemory in MiB, {STREAMS} streams at a time through each:\n");
    print!("{:>8}", "seconds");
    for (name, _) in proxies {
        print!(" {name:>22}");
    }
    println!(" {:>10}", "streams");

    let streamed = load::stream_forever(proxies.iter().map(|(_, proxy)| proxy.address), STREAMS);
    let begin = Instant::now();
    let mut next = Duration::ZERO;
    loop {
        tokio::time::sleep(next.saturating_sub(begin.elapsed())).await;
        print!("{:>8.0}", begin.elapsed().as_secs_f64());
        for (_, proxy) in proxies {
            print!(" {:>22.1}", proxy.memory()? as f64 / 1024.0);
        }
        println!(" {:>10}", streamed.count()?);
        if next >= lasting {
            return Ok(());
        }
        // Measured often at first, while pools still fill.
        next = (next * 2)
            .max(Duration::from_secs(5))
            .min(next + Duration::from_secs(60))
            .min(lasting);
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
