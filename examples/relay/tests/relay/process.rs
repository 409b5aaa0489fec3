//! Programs as processes.

use std::{
    io::{BufRead, BufReader, Read},
    net::{SocketAddr, TcpListener, TcpStream},
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

    /// Starts a program that does not show which port the system has chosen for it. Its command
    /// gets a free address. Waits until the program listens there.
    pub(crate) fn listening(command: impl Fn(SocketAddr) -> Command) -> (Self, SocketAddr) {
        first_of_attempts(|| {
            let address = free_address();
            let mut process = Self::start(&mut command(address));
            while TcpStream::connect(address).is_err() {
                if process.0.try_wait().unwrap().is_some() {
                    return None;
                }
                thread::yield_now();
            }
            Some((process, address))
        })
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

/// Returns an address whose port was free a moment ago.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// Returns what an attempt returns. Another process can take a port before the program that it
/// is for, which then exits, so there are several attempts.
pub(crate) fn first_of_attempts<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    (0..5).find_map(|_| attempt()).unwrap()
}

/// Returns what `find` finds in a line of a process's output, or `None` if the output ends
/// before. The rest is read too, because it must not fill the pipe.
pub(crate) fn find_line(
    output: impl Read + Send + 'static,
    find: impl FnMut(String) -> Option<String>,
) -> Option<String> {
    let mut lines = BufReader::new(output).lines();
    let found = lines.by_ref().map(Result::unwrap).find_map(find);
    thread::spawn(move || lines.for_each(drop));
    found
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
