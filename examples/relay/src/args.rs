//! The command line.

use std::ffi::OsString;

use lexopt::{
    Arg::{Long, Short},
    Parser, ValueExt,
};
use tower_metadata_headers::{Convention, conventions};

use super::{Settings, base_url::BaseUrl};

/// The text of `--help`.
pub const HELP: &str = "\
A relay between AI agents and an OpenAI-compatible upstream. It reads sessions
and their like in every known agent's headers, removes those headers, and sends
on what they said in the upstream's.

Usage: cargo run -p relay -- [OPTIONS]

  --listen ADDR      where to listen (default 127.0.0.1:8787)
  --upstream URL     where to send requests, http or https; a path in it comes
                     before each request's own (default: a small server of the
                     relay's own, which shows the headers that reach it)
  --send-as NAME     the upstream's spelling (default litellm)
  --list             show all spellings: what each writes and reads
  --strict           answer 400 to a request whose metadata is repeated,
                     malformed, contradictory or under a look-alike name,
                     instead of leaving out what does not count
  --trust-identity   also send on what agents say of project, organization,
                     user, machine and tags
  --demo             play six agents' conversations through a relay on free
                     ports, and show what each sent and what the upstream got
  --help             show this

The relay authenticates nobody. Without --trust-identity, it removes the
identity that a request names, whatever its form, and rejects no request for
it. Use that option only if nobody but you reaches the relay.

GET /sessions on the relay shows the requests and tokens of the 1,000 sessions
that were used last: as a page in a browser, as JSON to a program.
";

/// A parsed command line.
#[derive(Debug)]
pub enum Command {
    /// `--help`.
    Help,
    /// `--list`.
    List,
    /// `--demo`, with these settings.
    Demo(Settings),
    /// Relay until Ctrl-C.
    Serve {
        /// The address to listen on.
        listen: String,
        /// How to relay.
        settings: Settings,
    },
}

impl Command {
    /// Parses arguments, without the program's name.
    ///
    /// # Errors
    ///
    /// Returns an error if an option is unknown, lacks its value, or has an
    /// invalid one.
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
            return Err("--demo plays against an upstream of its own; leave out --upstream".into());
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
        lexopt::Error::from(format!("--send-as: {error}\nThere are {known}."))
    })
}
