//! Engines, relays and the load balancer as processes.

use std::{
    env, fs, io,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use relay::BoxError;

/// Argument that starts this program as an engine. Its name and its address follow.
pub(crate) const ENGINE: &str = "--engine";

/// Process of the fleet, which is killed when it is dropped.
pub(crate) struct Process(Child);

impl Process {
    /// Starts a process, and waits until it accepts connections.
    fn start(command: &mut Command, port: u16) -> Result<Self, BoxError> {
        let name = command.get_program().to_owned();
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .map_err(|error| format!("{}: {error}", name.display()))?;
        let mut process = Self(child);
        while TcpStream::connect(local(port)).is_err() {
            if let Some(status) = process.0.try_wait()? {
                return Err(format!("{}: {status}", name.display()).into());
            }
            // Each attempt has a port of its own, and one could be the port that is tried.
            thread::sleep(Duration::from_millis(10));
        }
        Ok(process)
    }

    /// Asks the process to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> Result<(), BoxError> {
        let id = self.0.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status()?;
        let status = self.0.wait()?;
        if status.success() {
            return Ok(());
        }
        Err(format!("process: {status} after it was asked to stop").into())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if the process has already exited.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Ports of the fleet on 127.0.0.1, by the names in the load balancer's configuration.
pub(crate) struct Ports(Vec<(String, u16)>);

impl Ports {
    /// Finds a free port for each name.
    pub(crate) fn find() -> Result<Self, BoxError> {
        let relays = (1..=RELAYS).map(|number| format!("RELAY{number}_PORT"));
        let engines = (1..=ENGINES).map(|number| format!("ENGINE{number}_PORT"));
        let balancer = ["AGENTS_PORT", "RELAYED_PORT"].map(str::to_owned);
        // All are bound before one is closed, so no two are equal.
        let bind = |name| Ok((name, TcpListener::bind(local(0))?));
        let bound: io::Result<Vec<_>> = balancer
            .into_iter()
            .chain(relays)
            .chain(engines)
            .map(bind)
            .collect();
        let ports = bound?
            .into_iter()
            .map(|(name, listener)| Ok((name, listener.local_addr()?.port())));
        Ok(Self(ports.collect::<io::Result<_>>()?))
    }

    /// Returns a text with the ports in the place of their names.
    fn filled(&self, text: &str) -> String {
        let ports = self.0.iter();
        ports.fold(text.to_owned(), |text, (name, port)| {
            text.replace(name, &port.to_string())
        })
    }

    /// Returns the port of this name.
    pub(crate) fn get(&self, name: &str) -> Result<u16, BoxError> {
        let port = self.0.iter().find(|(known, _)| known == name);
        let (_, port) = port.ok_or_else(|| format!("port {name}: unknown"))?;
        Ok(*port)
    }
}

/// Number of relays.
pub(crate) const RELAYS: usize = 3;

/// Number of engines.
pub(crate) const ENGINES: usize = 4;

fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Folder with the fleet's configuration files, and the ports that it uses.
pub(crate) struct Launcher {
    balancer: Balancer,
    pub(crate) ports: Ports,
    relay: PathBuf,
    folder: PathBuf,
}

impl Launcher {
    /// Builds the relay, and prepares a folder.
    pub(crate) fn new(balancer: Balancer) -> Result<Self, BoxError> {
        let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        build.args(["build", "--quiet", "--package", "relay", "--bin", "relay"]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        if !build
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()?
            .success()
        {
            return Err("relay: can't be built".into());
        }
        // Both are packages of one workspace.
        let this = env::current_exe()?;
        let folder = this.with_file_name("fleet-files");
        fs::create_dir_all(&folder)?;
        Ok(Self {
            balancer,
            ports: Ports::find()?,
            relay: this.with_file_name(format!("relay{}", env::consts::EXE_SUFFIX)),
            folder,
        })
    }

    /// Starts an engine.
    pub(crate) fn engine(&self, number: usize) -> Result<Process, BoxError> {
        let port = self.ports.get(&format!("ENGINE{number}_PORT"))?;
        let mut command = Command::new(env::current_exe()?);
        command.args([ENGINE, &format!("engine{number}"), &local(port).to_string()]);
        Process::start(&mut command, port)
    }

    /// Starts a relay. Without keys, it writes the id of a session, as clients send it.
    pub(crate) fn relay(&self, number: usize, with_keys: bool) -> Result<Process, BoxError> {
        let port = self.ports.get(&format!("RELAY{number}_PORT"))?;
        let upstream = self.ports.get("RELAYED_PORT")?.to_string();
        let config = include_str!("../relay.toml").replace("RELAYED_PORT", &upstream);
        let config = match config.split_once("[affinity]") {
            Some((before, _)) if !with_keys => before.to_owned(),
            _ => config,
        };
        self.write("keys.toml", include_str!("../keys.toml"))?;
        let config = self.write("relay.toml", &config)?;
        let mut command = Command::new(&self.relay);
        command
            .arg("--config")
            .arg(config)
            .args(["--listen", &local(port).to_string()])
            .env("FLEET_SECRET", "a secret of all relays of this fleet")
            .env("RUST_LOG", "off")
            .stdout(Stdio::null());
        Process::start(&mut command, port)
    }

    /// Starts a load balancer.
    pub(crate) fn balancer(&self, by: By) -> Result<Process, BoxError> {
        let text = match (self.balancer, by) {
            (Balancer::Haproxy, By::Session) => HAPROXY.to_owned(),
            (Balancer::Haproxy, By::Turn) => {
                HAPROXY.replace("balance hdr(x-session-affinity)", "balance roundrobin")
            }
            (Balancer::Nginx, By::Session) => NGINX.to_owned(),
            (Balancer::Nginx, By::Turn) => {
                NGINX.replace("hash $http_x_session_affinity consistent;", "")
            }
            (Balancer::Envoy, By::Session) => ENVOY.to_owned(),
            (Balancer::Envoy, By::Turn) => ENVOY.replace("RING_HASH", "ROUND_ROBIN"),
        };
        let mut command = Command::new(self.balancer.program());
        match self.balancer {
            Balancer::Haproxy => {
                command.envs(
                    self.ports
                        .0
                        .iter()
                        .map(|(name, port)| (name, port.to_string())),
                );
                command
                    .arg("-db")
                    .arg("-f")
                    .arg(self.write("haproxy.cfg", &text)?);
            }
            Balancer::Nginx => {
                command.arg("-p").arg(&self.folder);
                let text = self.ports.filled(&text);
                command.arg("-c").arg(self.write("nginx.conf", &text)?);
            }
            Balancer::Envoy => {
                // So that it does not share memory with another Envoy on the machine.
                command.args(["--disable-hot-restart", "--log-level", "critical"]);
                let text = self.ports.filled(&text);
                command.arg("-c").arg(self.write("envoy.yaml", &text)?);
            }
        }
        Process::start(
            command.stdout(Stdio::null()),
            self.ports.get("AGENTS_PORT")?,
        )
    }

    fn write(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        let file = Path::new(&self.folder).join(name);
        fs::write(&file, text)?;
        Ok(file)
    }
}

/// Program that balances agents and engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Balancer {
    Haproxy,
    Nginx,
    Envoy,
}

impl Balancer {
    /// Returns the name of the program.
    pub(crate) const fn program(self) -> &'static str {
        match self {
            Self::Haproxy => "haproxy",
            Self::Nginx => "nginx",
            Self::Envoy => "envoy",
        }
    }
}

/// Choice of an engine.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By {
    /// The engines take turns.
    Turn,
    /// By the header `x-session-affinity`.
    Session,
}

const HAPROXY: &str = include_str!("../haproxy.cfg");
const NGINX: &str = include_str!("../nginx.conf");
const ENVOY: &str = include_str!("../envoy.yaml");
