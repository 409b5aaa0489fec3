//! Command line of the relay.

use std::ffi::OsString;

use lexopt::{
    Arg::{Long, Short},
    Parser, ValueExt,
};
use tower_metadata_headers::{Convention, conventions};

use super::{Settings, base_url::BaseUrl};

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

The relay authenticates no client. Without --trust-identity, it removes identity
from every request, valid or not, and rejects no request because of it. Use that
option only if no one else can reach the relay.

GET /sessions on the relay shows the requests and tokens of the 1,000 sessions
that were used last: HTML for a browser, JSON for a program.
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
    /// Relays until Ctrl-C.
    Serve {
        /// The address to listen on.
        listen: String,
        /// The relay's behaviour.
        settings: Settings,
    },
}

impl Command {
    /// Parses arguments, without the program's name.
    ///
    /// # Errors
    ///
    /// Returns an error if an option is unknown, or if its value is missing or
    /// invalid.
    pub fn parse(
        args: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Result<Self, lexopt::Error> {
        let mut parser = Parser::from_args(args);
        let mut listen = String::from("127.0.0.1:8787");
        let mut settings = Settings::default();
        let mut demo = false;
        while let Some(arg) = parser.next()? {
            match arg {
                Long("listen") => listen = parser.value()?.string()?,
                Long("upstream") => {
                    settings.upstream = Some(parser.value()?.parse::<BaseUrl>()?);
                }
                Long("send-as") => settings.send_as = convention(&parser.value()?.string()?)?,
                Long("strict") => settings.strict = true,
                Long("trust-identity") => settings.trust_identity = true,
                Long("demo") => demo = true,
                Long("list") => return Ok(Self::List),
                Long("help") | Short('h') => return Ok(Self::Help),
                other => return Err(other.unexpected()),
            }
        }
        if !demo {
            return Ok(Self::Serve { listen, settings });
        }
        if settings.upstream.is_some() {
            return Err("--upstream: not allowed with --demo".into());
        }
        Ok(Self::Demo(settings))
    }
}

fn convention(name: &str) -> Result<Convention, lexopt::Error> {
    Convention::by_name(name).map_err(|error| {
        let known: Vec<String> = conventions::all()
            .map(|convention| convention.name().to_owned())
            .collect();
        let known = known.join(", ");
        lexopt::Error::from(format!("--send-as: {error}\nknown conventions: {known}"))
    })
}
