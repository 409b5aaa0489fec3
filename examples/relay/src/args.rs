//! Command line of the relay.

use std::{ffi::OsString, path::PathBuf};

use lexopt::{
    Arg::{Long, Short},
    Parser, ValueExt,
};

use super::{
    Settings, base_url::BaseUrl, config::Config, settings::LogFormat, telemetry::CollectorUrl,
};

/// The text of `--help`.
pub const HELP: &str = "\
A relay between AI agents and an OpenAI-compatible upstream. It reads metadata
from the headers of every known agent, removes those headers, and writes the
metadata in the upstream's convention.

Usage: cargo run -p relay -- [OPTIONS]

  --listen ADDR      listen on this address (default 127.0.0.1:8787)
  --upstream URL     send requests to this http or https URL; its path is put
                     before each request's path (default: a built-in server that
                     shows the headers it receives)
  --send-as NAME     write headers in this convention (default litellm)
  --config FILE      read the configuration from this TOML file, such as
                     examples/relay/relay.example.toml; options override it
  --check            check the configuration, and explain what it does
  --metadata FILE    read conventions and destinations from this TOML file, such
                     as examples/metadata.toml; RELAY_PSEUDONYM_SECRET is the
                     secret of its pseudonyms
  --log FORMAT       log as text or json (default text)
  --otlp URL         send a span for each request to this OTLP/HTTP collector,
                     such as http://127.0.0.1:4318/v1/traces
  --list             list all conventions and the headers that each one writes
                     and reads
  --strict           answer 400 if a request's metadata is repeated, malformed,
                     contradictory or in a look-alike header (default: ignore
                     the field)
  --trust-identity   also send the project, organization, user, machine and tags
                     that an agent's request has
  --demo             send six agents' conversations through a relay on free
                     ports, and show the headers before and after it
  --help             show this help

Without keys in its configuration, the relay authenticates no client. Without
--trust-identity, it removes identity from every request, valid or not, and
rejects no request because of it. Use that option only if no one else can reach
the relay.

GET /sessions on the relay shows the requests and tokens of the 1,000 sessions
that were used last: HTML for a browser, JSON for a program. GET /metrics is for
Prometheus. With keys, both need an operator's key. GET /healthz answers 200 while
the relay runs, and GET /readyz until it is to stop.
";

/// Parsed command line.
#[derive(Debug)]
pub enum Command {
    /// Prints the help: `--help`.
    Help,
    /// Lists the conventions: `--list`.
    List,
    /// Runs the demo with these settings: `--demo`.
    Demo(Settings),
    /// Explains what the program would do: `--check`.
    Check(Program),
    /// Relays until a signal stops the program.
    Serve(Program),
}

/// What a program that relays does.
#[derive(Debug)]
pub struct Program {
    /// The address to listen on.
    pub listen: String,
    /// The format of the log.
    pub log: LogFormat,
    /// The collector of spans.
    pub collector: Option<CollectorUrl>,
    /// The relay's behaviour.
    pub settings: Settings,
}

impl Command {
    /// Parses arguments, without the program's name.
    ///
    /// # Errors
    ///
    /// Returns an error if an option is unknown, if its value is missing or
    /// invalid, or if a configuration file is invalid.
    pub fn parse(
        args: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Result<Self, lexopt::Error> {
        let mut parser = Parser::from_args(args);
        let mut options = Options::default();
        while let Some(arg) = parser.next()? {
            match arg {
                Long("listen") => options.listen = Some(parser.value()?.string()?),
                Long("upstream") => options.upstream = Some(parser.value()?.parse()?),
                Long("send-as") => options.send_as = Some(parser.value()?.string()?),
                Long("log") => options.log = Some(parser.value()?.parse()?),
                Long("otlp") => options.collector = Some(parser.value()?.parse()?),
                Long("config") => options.config = Some(parser.value()?.into()),
                Long("metadata") => options.metadata = Some(parser.value()?.into()),
                Long("strict") => options.strict = true,
                Long("trust-identity") => options.trust_identity = true,
                Long("demo") => options.demo = true,
                Long("check") => options.check = true,
                Long("list") => return Ok(Self::List),
                Long("help") | Short('h') => return Ok(Self::Help),
                other => return Err(other.unexpected()),
            }
        }
        options.command()
    }
}

/// Options as they are given, in any order.
#[derive(Default)]
struct Options {
    config: Option<PathBuf>,
    metadata: Option<PathBuf>,
    listen: Option<String>,
    log: Option<LogFormat>,
    collector: Option<CollectorUrl>,
    upstream: Option<BaseUrl>,
    send_as: Option<String>,
    strict: bool,
    trust_identity: bool,
    demo: bool,
    check: bool,
}

impl Options {
    /// Returns the command. Options override the configuration file.
    fn command(self) -> Result<Command, lexopt::Error> {
        let mut config = match &self.config {
            Some(path) => Config::read(path).map_err(|error| format!("--config {error}"))?,
            None => Config::default(),
        };
        if let Some(path) = &self.metadata {
            let read = config.read_metadata(path);
            read.map_err(|error| format!("--metadata {error}"))?;
        }
        if let Some(name) = &self.send_as {
            let convention = config.convention(name);
            config.settings.send_as = convention.map_err(|error| format!("--send-as: {error}"))?;
        }
        let mut settings = config.settings;
        settings.strict |= self.strict;
        settings.trust_identity |= self.trust_identity;
        if self.demo {
            if self.upstream.is_some() {
                return Err("--upstream: not allowed with --demo".into());
            }
            return Ok(Command::Demo(settings));
        }
        settings.upstream = self.upstream;
        let listen = self.listen.or(config.listen);
        let listen = listen.unwrap_or_else(|| DEFAULT_LISTEN.to_owned());
        let program = Program {
            listen,
            log: self.log.unwrap_or(config.log),
            collector: self.collector.or(config.collector),
            settings,
        };
        Ok(if self.check {
            Command::Check(program)
        } else {
            Command::Serve(program)
        })
    }
}

const DEFAULT_LISTEN: &str = "127.0.0.1:8787";
