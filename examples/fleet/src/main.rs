//! Three relays between two load balancers and four simulated engines, all on 127.0.0.1.
//!
//! ```text
//! cargo run -p fleet -- haproxy
//! cargo run -p fleet -- nginx
//! cargo run -p fleet -- envoy
//! ```
//!
//! Eight agents hold conversations at once. The program prints how many messages of their
//! prompts are in an engine's cache, with and without affinity, and what happens if an engine
//! dies and a relay restarts meanwhile. It needs the load balancer that it is to use.

mod agents;
mod engine;
mod process;

use std::{collections::BTreeMap, env, process::ExitCode};

use relay::BoxError;

use self::{
    agents::{Agents, Outcome, REQUESTS, STREAMS},
    process::{Balancer, By, ENGINE, ENGINES, Launcher, Process, RELAYS},
};

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args.as_slice() {
        ["haproxy"] => run(Balancer::Haproxy).await,
        ["nginx"] => run(Balancer::Nginx).await,
        ["envoy"] => run(Balancer::Envoy).await,
        [ENGINE, name, address] => engine(name, address).await,
        _ => Err("usage: fleet haproxy, fleet nginx or fleet envoy".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fleet: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs an engine until the process is killed.
async fn engine(name: &str, address: &str) -> Result<(), BoxError> {
    let _server = engine::start(name.to_owned(), address.parse()?).await?;
    std::future::pending().await
}

async fn run(balancer: Balancer) -> Result<(), BoxError> {
    println!(
        "{REQUESTS} requests of 8 agents through {RELAYS} relays and {} to {ENGINES} engines, \
         each with room for {} prompts.\n",
        balancer.program(),
        engine::CACHED
    );
    let launcher = Launcher::new(balancer)?;

    let spread = conversations(&launcher, By::Turn, true).await?;
    print("any engine", &spread);
    expect(
        spread.lost.is_empty(),
        "a request is lost without a failure",
    )?;

    let by_id = conversations(&launcher, By::Session, false).await?;
    print("the engine of the session's id", &by_id);
    expect(by_id.mixed > 0, "two tenants' equal ids do not meet")?;

    let fleet = Fleet::start(&launcher, By::Session, true)?;
    let pinned = fleet.agents.converse().await?;
    print("the engine of the session's key", &pinned);
    expect(
        pinned.lost.is_empty(),
        "a request is lost without a failure",
    )?;
    expect(pinned.mixed + pinned.unpinned == 0, "a request is mixed")?;
    expect(pinned.moved.is_empty(), "a session moves without a reason")?;
    expect(pinned.cached > spread.cached, "affinity brings nothing")?;

    let lost = fleet.agents.stream().await?;
    println!("{STREAMS} streams at once: {lost} lost, none mixed\n");
    expect(lost == 0, "a stream is lost")?;
    drop(fleet);

    let failing = with_failures(&launcher).await?;
    print(
        "the same, while an engine dies and a relay restarts",
        &failing,
    );
    expect(failing.mixed + failing.unpinned == 0, "a request is mixed")?;
    let is_of_dead =
        |engines: &BTreeMap<String, usize>| engines.keys().all(|engine| engine == DYING);
    expect(
        is_of_dead(&failing.moved),
        "a session moves from an engine that lives",
    )?;
    expect(
        is_of_dead(&failing.lost),
        "a request is lost that the dead engine did not have",
    )?;
    Ok(())
}

/// Holds the conversations with a fleet of their own.
async fn conversations(launcher: &Launcher, by: By, with_keys: bool) -> Result<Outcome, BoxError> {
    let fleet = Fleet::start(launcher, by, with_keys)?;
    fleet.agents.converse().await
}

/// The engine that dies.
const DYING: &str = "engine2";

/// Holds the conversations while an engine dies and a relay restarts.
async fn with_failures(launcher: &Launcher) -> Result<Outcome, BoxError> {
    let mut fleet = Fleet::start(launcher, By::Session, true)?;
    let agents = fleet.agents.clone();
    let conversations = tokio::spawn(async move { agents.converse().await });

    fleet.agents.have_answers(REQUESTS / 4).await;
    // Killed, so it answers nothing more.
    drop(fleet.engines.remove(1));
    fleet.agents.have_answers(REQUESTS / 2).await;
    let relay = fleet.relays.remove(0);
    tokio::task::spawn_blocking(|| relay.stop()).await??;
    fleet.relays.push(launcher.relay(1, true)?);
    conversations.await?
}

/// Running fleet, which is killed when it is dropped.
struct Fleet {
    agents: Agents,
    /// Dropped before the others, which it would miss.
    _balancer: Process,
    relays: Vec<Process>,
    engines: Vec<Process>,
}

impl Fleet {
    fn start(launcher: &Launcher, by: By, with_keys: bool) -> Result<Self, BoxError> {
        let engines = (1..=ENGINES).map(|number| launcher.engine(number));
        let relays = (1..=RELAYS).map(|number| launcher.relay(number, with_keys));
        Ok(Self {
            engines: engines.collect::<Result<_, _>>()?,
            relays: relays.collect::<Result<_, _>>()?,
            _balancer: launcher.balancer(by)?,
            agents: Agents::new(launcher.ports.get("AGENTS_PORT")?),
        })
    }
}

fn print(title: &str, outcome: &Outcome) {
    let of = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
    let load: Vec<String> = outcome
        .engines
        .iter()
        .map(|(engine, requests)| format!("{engine} {requests}"))
        .collect();
    let moved: usize = outcome.moved.values().sum();
    println!("To {title}:");
    println!(
        "  in the cache   {:.1} % of the prompts",
        of(outcome.cached, outcome.prompt)
    );
    println!("  requests       {}", load.join(", "));
    println!(
        "  sessions       {} of {} moved, {:.1} %",
        moved,
        outcome.conversations,
        of(moved, outcome.conversations)
    );
    println!(
        "  lost, mixed    {}, {}\n",
        outcome.lost.values().sum::<usize>(),
        outcome.mixed
    );
}

/// Returns an error if the fleet does not do what it is for.
fn expect(holds: bool, problem: &'static str) -> Result<(), BoxError> {
    if holds { Ok(()) } else { Err(problem.into()) }
}
