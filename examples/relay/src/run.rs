//! Program that relays until it is stopped.

use std::io::{self, Write};

use relay::{
    BoxError, Settings, args::Program, base_url::BaseUrl, serve::Server, telemetry::Telemetry,
    upstream,
};
use tokio::{net::TcpListener, task};

use super::{log, stop_signal::StopSignal};

/// Relays until a signal stops the program.
pub(crate) async fn until_stopped(program: Program) -> Result<(), BoxError> {
    let Program {
        listen,
        log,
        collector,
        mut settings,
    } = program;
    // Dropped last, so that it writes the lines of the last requests.
    let _log = log::to_stdout(log);
    if let Some(url) = collector {
        let telemetry = Telemetry::new(&url);
        settings.telemetry = Some(telemetry.map_err(|error| format!("otlp: {error}"))?);
    }
    let mut stop_signal = StopSignal::new()?;
    let listener = TcpListener::bind(&listen)
        .await
        .map_err(|error| format!("listen address {listen}: {error}"))?;
    let embedded = match settings.upstream {
        None if settings.routes.is_empty() => {
            let server = upstream::start("127.0.0.1:0").await?;
            settings.upstream = Some(BaseUrl::http(server.address())?);
            Some(server)
        }
        _ => None,
    };
    let relay = relay::start(listener, &settings)?;
    announce(&relay, &settings, embedded.is_some())?;

    stop_signal.received().await?;
    tracing::info!("stopping");
    let stop = async {
        relay.stop().await;
        if let Some(embedded) = embedded {
            embedded.stop().await;
        }
    };
    // A second signal does not wait for running requests.
    tokio::select! {
        () = stop => {}
        result = stop_signal.received() => result?,
    }
    if let Some(telemetry) = settings.telemetry {
        // Blocks until the last spans are sent.
        let stopped = task::spawn_blocking(move || telemetry.stop()).await?;
        stopped.map_err(|error| format!("otlp: {error}"))?;
    }
    Ok(())
}

fn announce(relay: &Server, settings: &Settings, embedded: bool) -> io::Result<()> {
    let address = relay.address();
    let convention = settings.send_as.name();
    let mut upstreams: Vec<String> = settings
        .routes
        .iter()
        .map(|route| format!("{}, as {}", route.name, route.send_as.name()))
        .collect();
    upstreams.extend(settings.upstream.as_ref().map(|upstream| match embedded {
        true => format!("built-in, as {convention}"),
        false => format!("{upstream}, as {convention}"),
    }));
    let upstreams = upstreams.join("; ");
    writeln!(
        io::stdout(),
        "Agents' base URL:  http://{address}/v1\n\
         Sessions:          http://{address}/sessions\n\
         Upstream:          {upstreams}\n\
         Press Ctrl-C to stop.\n"
    )
}
