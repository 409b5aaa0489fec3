//! Programs as processes.

use std::{
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    process::{Child, ChildStderr, ChildStdout, Command, Stdio},
    thread,
};

use relay::serve::Server;

/// Process that is killed when it is dropped, together with its children.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(command.process_group(0).spawn().unwrap())
    }

    /// Returns its output, which the command has to pipe.
    pub(crate) fn stdout(&mut self) -> ChildStdout {
        self.0.stdout.take().unwrap()
    }

    /// Returns its errors, which the command has to pipe.
    pub(crate) fn stderr(&mut self) -> ChildStderr {
        self.0.stderr.take().unwrap()
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Sends a signal such as `-TERM`.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.id().to_string();
        let kill = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(kill.success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let group = format!("-{}", self.id());
        // Both fail only if the process has already exited.
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.0.wait();
    }
}

/// Returns what `find` finds in a line of a process's output. The rest is read too, because it
/// must not fill the pipe.
pub(crate) fn find_line(
    output: impl Read + Send + 'static,
    find: impl FnMut(String) -> Option<String>,
) -> String {
    let mut lines = BufReader::new(output).lines();
    let found = lines.by_ref().map(Result::unwrap).find_map(find);
    thread::spawn(move || lines.for_each(drop));
    found.unwrap()
}

/// Relay as a process.
pub(crate) struct Relay {
    pub(crate) process: Process,
    pub(crate) stdout: BufReader<ChildStdout>,
    pub(crate) base_url: String,
}

impl Relay {
    pub(crate) fn start(upstream: &Server, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_relay"));
        command
            .args(["--listen", "127.0.0.1:0"])
            .args(["--upstream", &format!("http://{}", upstream.address())])
            .args(args)
            .env_remove("RUST_LOG")
            .stdout(Stdio::piped());
        let mut process = Process::start(&mut command);
        let mut stdout = BufReader::new(process.stdout());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let (_, base_url) = line.trim_end().split_once(":  ").unwrap();
        Self {
            process,
            base_url: base_url.to_owned(),
            stdout,
        }
    }
}
