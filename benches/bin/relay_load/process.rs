//! Proxies as processes, so that the processor time and memory of each can be
//! measured.

use std::{
    env, fs,
    io::{self, BufRead, BufReader},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use crate::BoxError;

/// Argument that starts this program as a proxy. Its kind and its upstream
/// follow.
pub(crate) const PROXY: &str = "--proxy";

pub(crate) struct Proxy {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Proxy {
    /// Starts this program as a proxy of this kind.
    pub(crate) fn own(kind: &str, upstream: SocketAddr) -> Result<Self, BoxError> {
        let mut command = Command::new(env::current_exe()?);
        command.args([PROXY, kind, &upstream.to_string()]);
        Self::start(command)
    }

    /// Starts the example with its default settings and this filter of its log.
    pub(crate) fn relay(
        program: &str,
        upstream: SocketAddr,
        filter: &str,
    ) -> Result<Self, BoxError> {
        let mut command = Command::new(program);
        command
            .args(["--listen", "127.0.0.1:0"])
            .args(["--upstream", &format!("http://{upstream}")])
            .env("RUST_LOG", filter);
        Self::start(command)
    }

    /// Starts a program that listens on this address, and waits until it accepts a
    /// connection.
    pub(crate) fn at(mut command: Command, address: SocketAddr) -> Result<Self, BoxError> {
        let mut proxy = Self {
            child: command.spawn()?,
            address,
        };
        while TcpStream::connect(address).is_err() {
            if let Some(status) = proxy.child.try_wait()? {
                return Err(format!("proxy: {status}").into());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(proxy)
    }

    /// Starts a program, and reads its address from the first line that has
    /// one.
    fn start(mut command: Command) -> Result<Self, BoxError> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdout = BufReader::new(child.stdout.take().ok_or("proxy: no output")?);
        let mut line = String::new();
        while stdout.read_line(&mut line)? > 0 {
            if let Some((_, rest)) = line.split_once("http://") {
                let address = rest.split('/').next().unwrap_or_default().parse()?;
                // The proxy may print more, and must not wait for a reader.
                thread::spawn(move || io::copy(&mut stdout, &mut io::sink()));
                return Ok(Self { child, address });
            }
        }
        Err("proxy: exited without an address".into())
    }

    /// Returns the running time of all its threads, to a hundredth of a second.
    pub(crate) fn processor_time(&self) -> Result<Duration, BoxError> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The fields after the name, which may contain spaces.
        let (_, fields) = stat.rsplit_once(") ").ok_or("/proc stat: no name")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        let [user, system] = [fields[11].parse::<u64>()?, fields[12].parse::<u64>()?];
        Ok(Duration::from_millis(10) * u32::try_from(user + system)?)
    }

    /// Returns the memory of the process in KiB.
    pub(crate) fn memory(&self) -> Result<u64, BoxError> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next());
        Ok(kib.ok_or("/proc status: no VmRSS")?.parse()?)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Both calls fail only if the process has already exited.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Builds the example, and returns the path of its program.
pub(crate) fn built_relay() -> Result<String, BoxError> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let output = Command::new("cargo")
        .args(["build", "--release", "--package", "relay"])
        .arg("--message-format=json-render-diagnostics")
        .arg("--manifest-path")
        .arg(manifest)
        .stderr(Stdio::inherit())
        .output()?;
    let messages = String::from_utf8(output.stdout)?;
    let mut paths = messages.lines().filter_map(|message| {
        let (_, rest) = message.split_once(r#""executable":""#)?;
        rest.split('"').next()
    });
    let path = paths.next().ok_or("relay: no executable built")?;
    Ok(path.to_owned())
}
