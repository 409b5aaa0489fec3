//! Proxies as processes, so that what each uses can be told apart.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use crate::BoxError;

/// The argument that makes this program a proxy, before its kind and upstream.
pub(crate) const PROXY: &str = "--proxy";

pub(crate) struct Proxy {
    child: Child,
    /// Open, as the proxy may have more to tell.
    _stdout: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
}

impl Proxy {
    /// This program, as a proxy of this kind.
    pub(crate) fn own(kind: &str, upstream: SocketAddr) -> Result<Self, BoxError> {
        let mut command = Command::new(env::current_exe()?);
        command.args([PROXY, kind, &upstream.to_string()]);
        Self::start(command)
    }

    /// The example, as it is when nobody sets anything but a quieter log.
    pub(crate) fn relay(upstream: SocketAddr) -> Result<Self, BoxError> {
        let mut command = Command::new(built_relay()?);
        command
            .args(["--listen", "127.0.0.1:0"])
            .args(["--upstream", &format!("http://{upstream}")])
            .env("RUST_LOG", "warn");
        Self::start(command)
    }

    /// Starts a program that tells its address in the first line that has one.
    fn start(mut command: Command) -> Result<Self, BoxError> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdout = BufReader::new(child.stdout.take().ok_or("no output")?);
        let mut line = String::new();
        while stdout.read_line(&mut line)? > 0 {
            if let Some((_, rest)) = line.split_once("http://") {
                let address = rest.split('/').next().unwrap_or_default().parse()?;
                return Ok(Self {
                    child,
                    _stdout: stdout,
                    address,
                });
            }
        }
        Err("the proxy ended".into())
    }

    /// How long all its threads have run, to a hundredth of a second.
    pub(crate) fn processor_time(&self) -> Result<Duration, BoxError> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // What follows the name, which may have spaces in it.
        let (_, fields) = stat.rsplit_once(") ").ok_or("no name")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        let [user, system] = [fields[11].parse::<u64>()?, fields[12].parse::<u64>()?];
        Ok(Duration::from_millis(10) * u32::try_from(user + system)?)
    }

    /// What it holds in memory, in KiB.
    pub(crate) fn memory(&self) -> Result<u64, BoxError> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next());
        Ok(kib.ok_or("no VmRSS")?.parse()?)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Neither fails but where it has ended by itself.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn built_relay() -> Result<String, BoxError> {
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
    let path = paths.next().ok_or("the relay can't be built")?;
    Ok(path.to_owned())
}
