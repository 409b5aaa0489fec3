//! Program that relays until Ctrl-C.

use std::io::{self, IsTerminal, Write};

use relay::{BoxError, Settings, base_url::BaseUrl, serve::Server, upstream};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// Relays until Ctrl-C.
pub(crate) async fn until_ctrl_c(listen: &str, mut settings: Settings) -> Result<(), BoxError> {
    log_to_stdout();
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| format!("listen address {listen}: {error}"))?;
    let embedded = match settings.upstream {
        Some(_) => None,
        None => {
            let server = upstream::start("127.0.0.1:0").await?;
            settings.upstream = Some(BaseUrl::http(server.address())?);
            Some(server)
        }
    };
    let relay = relay::start(listener, &settings)?;
    announce(&relay, &settings, embedded.is_some())?;

    tokio::signal::ctrl_c().await?;
    tracing::info!("stopping");
    let stop = async {
        relay.stop().await;
        if let Some(embedded) = embedded {
            embedded.stop().await;
        }
    };
    // A second Ctrl-C does not wait for running requests.
    tokio::select! {
        () = stop => Ok(()),
        result = tokio::signal::ctrl_c() => result.map_err(Into::into),
    }
}

fn announce(relay: &Server, settings: &Settings, embedded: bool) -> io::Result<()> {
    let address = relay.address();
    let convention = settings.send_as.name();
    let upstream = match &settings.upstream {
        Some(upstream) if !embedded => upstream.to_string(),
        _ => "built-in".to_owned(),
    };
    writeln!(
        io::stdout(),
        "Agents' base URL:  http://{address}/v1\n\
         Sessions:          http://{address}/sessions\n\
         Upstream:          {upstream}, as {convention}\n\
         Press Ctrl-C to stop.\n"
    )
}

/// Logs one line for each request, or as `RUST_LOG` says.
fn log_to_stdout() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // Fails only if a subscriber is already set, which is kept.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(io::stdout().is_terminal())
        .try_init();
}
