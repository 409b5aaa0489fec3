//! Command line of the relay.

use std::{
    env,
    ffi::{OsStr, OsString},
    fmt, fs,
    path::Path,
};

use lexopt::{
    Arg::{Long, Short},
    Parser, ValueExt,
};
use tower_metadata_headers::{Convention, conventions, serde::Configuration};

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
  --config FILE      read conventions and destinations from this TOML file, such
                     as examples/metadata.toml; RELAY_PSEUDONYM_SECRET is the
                     secret of its pseudonyms
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
    /// Relays until a signal stops the program.
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
    /// invalid, or if the configuration file can't be read.
    pub fn parse(
        args: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Result<Self, lexopt::Error> {
        let mut parser = Parser::from_args(args);
        let mut listen = String::from("127.0.0.1:8787");
        let mut settings = Settings::default();
        let mut demo = false;
        let mut send_as = None;
        let mut own = Vec::new();
        while let Some(arg) = parser.next()? {
            match arg {
                Long("listen") => listen = parser.value()?.string()?,
                Long("upstream") => {
                    settings.upstream = Some(parser.value()?.parse::<BaseUrl>()?);
                }
                Long("send-as") => send_as = Some(parser.value()?.string()?),
                Long("config") => own = settings.configure(&parser.value()?)?,
                Long("strict") => settings.strict = true,
                Long("trust-identity") => settings.trust_identity = true,
                Long("demo") => demo = true,
                Long("list") => return Ok(Self::List),
                Long("help") | Short('h') => return Ok(Self::Help),
                other => return Err(other.unexpected()),
            }
        }
        // After the configuration, which may define it.
        if let Some(name) = send_as {
            settings.send_as = convention(&name, &own)?;
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

impl Settings {
    /// Sets the conventions and destinations of a file, and returns the operator's own
    /// conventions.
    fn configure(&mut self, path: &OsStr) -> Result<Vec<Convention>, lexopt::Error> {
        let path = Path::new(path);
        let invalid = |error: &dyn fmt::Display| format!("--config {}: {error}", path.display());
        let text = fs::read_to_string(path).map_err(|error| invalid(&error))?;
        let configuration: Configuration =
            toml::from_str(&text).map_err(|error| invalid(&error))?;
        if let Some(read) = configuration.read() {
            self.read = read.clone();
        }
        self.destinations = configuration.destinations().clone();
        if let Some(secret) = env::var_os(PSEUDONYM_SECRET) {
            let destinations = self.destinations.clone();
            self.destinations = destinations
                .pseudonym_secret(secret.as_encoded_bytes())
                .map_err(|error| format!("{PSEUDONYM_SECRET}: {error}"))?;
        }
        Ok(configuration.conventions().to_vec())
    }
}

/// Environment variable with the secret of pseudonyms, which a file should not have.
const PSEUDONYM_SECRET: &str = "RELAY_PSEUDONYM_SECRET";

fn convention(name: &str, own: &[Convention]) -> Result<Convention, lexopt::Error> {
    if let Some(own) = own.iter().find(|own| own.name() == name) {
        return Ok(own.clone());
    }
    Convention::by_name(name).map_err(|error| {
        let known = own.iter().cloned().chain(conventions::all());
        let known: Vec<String> = known
            .map(|convention| convention.name().to_owned())
            .collect();
        let known = known.join(", ");
        lexopt::Error::from(format!("--send-as: {error}\nknown conventions: {known}"))
    })
}
