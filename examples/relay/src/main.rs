//! A relay between AI agents and an OpenAI-compatible upstream.
//!
//! It reads the session and its like in every known client's spelling, and
//! sends them on in the upstream's:
//!
//! ```text
//! cargo run -p relay                    # with an upstream of its own
//! cargo run -p relay -- --upstream http://localhost:4000 --send-as litellm
//! cargo run -p relay -- --list          # the spellings
//! cargo run -p relay -- --demo          # six agents talk through it
//! ```

mod run;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use relay::{
    BoxError,
    args::{Command, HELP},
    demo, list,
};

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Command::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => printed(write!(io::stdout(), "{HELP}")),
        Ok(Command::List) => printed(list::print(&mut io::stdout().lock())),
        Ok(Command::Demo(settings)) => demo::run(settings, &mut io::stdout()).await,
        Ok(Command::Serve { listen, settings }) => run::until_ctrl_c(&listen, settings).await,
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("relay: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A reader that wants no more, as `head` does, is no failure.
fn printed(result: io::Result<()>) -> Result<(), BoxError> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
