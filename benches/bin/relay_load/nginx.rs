//! nginx with one worker, which changes the same headers as the relay.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{self, Command, Stdio},
};

use benches::cases::ours::KILO;

use crate::{BoxError, process::Proxy};

/// nginx and its folder, which is removed on drop.
pub(crate) struct Nginx {
    folder: PathBuf,
}

impl Nginx {
    /// Starts nginx, or returns `None` if it is not installed.
    pub(crate) fn start(upstream: SocketAddr) -> Result<Option<(Self, Proxy)>, BoxError> {
        // Debian installs it in a folder that not every user's `PATH` has.
        let program = ["nginx", "/usr/sbin/nginx"].into_iter().find(|program| {
            let mut command = Command::new(program);
            let version = command.arg("-v").stderr(Stdio::null()).status();
            version.is_ok_and(|status| status.success())
        });
        let Some(program) = program else {
            return Ok(None);
        };
        let folder = std::env::temp_dir().join(format!("relay-load-{}", process::id()));
        fs::create_dir_all(&folder)?;
        let nginx = Self { folder };
        let address = free_address()?;
        let config = nginx.folder.join("nginx.conf");
        fs::write(&config, nginx.config(address, upstream))?;
        let mut command = Command::new(program);
        command.arg("-c").arg(&config);
        // The log of errors before the configuration is read.
        command.arg("-e").arg(nginx.folder.join("error.log"));
        let proxy = Proxy::at(command, address)?;
        Ok(Some((nginx, proxy)))
    }

    /// Returns a configuration with an access log and with connections that are kept open on
    /// both sides. It removes Kilo Code's headers, and writes its task as the session.
    fn config(&self, address: SocketAddr, upstream: SocketAddr) -> String {
        let folder = self.folder.display();
        let removed: String = KILO
            .iter()
            .map(|name| format!("            proxy_set_header {name} \"\";\n"))
            .collect();
        // Without a master, the process is the worker, and its processor time is all.
        format!(
            r#"daemon off;
master_process off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    keepalive_requests 1000000000;
    upstream model {{
        server {upstream};
        keepalive 128;
        keepalive_requests 1000000000;
    }}
    server {{
        listen {address};
        location / {{
            proxy_pass http://model;
            proxy_http_version 1.1;
            proxy_buffering off;
            proxy_set_header Connection "";
            proxy_set_header Accept-Encoding identity;
            proxy_set_header x-litellm-session-id $http_x_kilocode_taskid;
{removed}        }}
    }}
}}
"#
        )
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Fails only if the folder is gone.
        _ = fs::remove_dir_all(&self.folder);
    }
}

/// Returns an address with a port that was free a moment ago, because nginx does not report
/// the port that the system chooses.
fn free_address() -> Result<SocketAddr, BoxError> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
