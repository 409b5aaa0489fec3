//! A relay between AI agents and an OpenAI-compatible upstream.
//!
//! It reads metadata in every known client's convention, and writes it in the
//! upstream's convention:
//!
//! ```text
//! cargo run -p relay                    # with a built-in upstream
//! cargo run -p relay -- --upstream http://localhost:4000 --send-as litellm
//! cargo run -p relay -- --list          # lists the conventions
//! cargo run -p relay -- --demo          # relays six agents' requests
//! ```

mod log;
mod run;
mod stop_signal;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use relay::{
    BoxError,
    args::{Command, HELP},
    demo, explain, list,
};

#[tokio::main]
async fn main() -> ExitCode {
    let result = match Command::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => ignore_broken_pipe(write!(io::stdout(), "{HELP}")),
        Ok(Command::List) => ignore_broken_pipe(list::print(&mut io::stdout().lock())),
        Ok(Command::Demo(settings)) => demo::run(settings, &mut io::stdout()).await,
        Ok(Command::Check(program)) => {
            ignore_broken_pipe(explain::print(&program, &mut io::stdout().lock()))
        }
        Ok(Command::Serve(program)) => run::until_stopped(program).await,
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("relay: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Ignores a broken pipe, which a reader such as `head` causes.
fn ignore_broken_pipe(result: io::Result<()>) -> Result<(), BoxError> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
