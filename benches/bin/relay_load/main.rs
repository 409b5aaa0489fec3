//! Proxies under load, each in a separate process:
//!
//! - a proxy that only forwards requests,
//! - the same proxy, which changes the headers of one client by hand,
//! - the same proxy with our layers on both sides,
//! - the relay of `examples/`, which also counts sessions and tokens, with its log and
//!   without,
//! - nginx, if it is installed, with one worker and its log.
//!
//! First the proxies take turns at short requests, which gives requests per
//! second, latencies and processor time. Then all of them serve streams at the
//! same time, for the number of minutes in the argument (10), while their
//! memory is measured.

mod load;
mod nginx;
mod process;
mod proxy;
mod upstream;

use std::{
    env,
    error::Error,
    time::{Duration, Instant},
};

use benches::quartiles::Quartiles;

use self::{load::Turn, nginx::Nginx, process::Proxy};

type BoxError = Box<dyn Error + Send + Sync>;

const ROUNDS: usize = 10;
const TURN: Duration = Duration::from_secs(1);
/// Number of clients, each on a separate connection.
const CLIENTS: usize = 32;
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
        let relay = process::built_relay()?;
        let mut proxies = vec![
            ("without our layers", Proxy::own(proxy::PLAIN, upstream)?),
            ("the same by hand", Proxy::own(proxy::BY_HAND, upstream)?),
            ("with our layers", Proxy::own(proxy::LAYERS, upstream)?),
            ("the relay, no log", Proxy::relay(&relay, upstream, "warn")?),
            ("the relay", Proxy::relay(&relay, upstream, "info")?),
        ];
        let nginx = Nginx::start(upstream)?;
        // Removed after the proxies have stopped.
        let _folder = match nginx {
            Some((folder, proxy)) => {
                proxies.push(("nginx, one worker", proxy));
                Some(folder)
            }
            None => {
                println!("nginx is not installed, and is left out.\n");
                None
            }
        };
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
        "{:<20} {:>10} {:>15} {:>9} {:>13} {:>9} {:>9} {:>9}",
        "", "requests/s", "quartiles", "of first", "quartiles", "p50 ms", "p99 ms", "CPU in µs"
    );
    let rate = |turn: &Turn| turn.times.len() as f64 / turn.lasted.as_secs_f64();
    for (((name, _), of_one), processor) in proxies.iter().zip(&turns).zip(processor) {
        let requests: usize = of_one.iter().map(|turn| turn.times.len()).sum();
        let rates = Quartiles::of(of_one.iter().map(rate));
        // Turns of the same round are compared, because the machine's speed changes.
        let rounds = of_one.iter().zip(&turns[0]);
        let of_first = Quartiles::of(rounds.map(|(turn, first)| rate(turn) / rate(first)));
        let quantile = |part| Quartiles::of(of_one.iter().map(|turn| turn.quantile(part))).median;
        println!(
            "{name:<20} {:>10.0} {:>15} {:>9.3} {:>13} {:>9.2} {:>9.2} {:>9.1}",
            rates.median,
            format!("{:.0}..{:.0}", rates.low, rates.high),
            of_first.median,
            format!("{:.3}..{:.3}", of_first.low, of_first.high),
            quantile(0.5),
            quantile(0.99),
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
