//! The relay behind nginx, configured by `nginx.conf`. `.ci/run` installs nginx.

use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
};

use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use relay::serve::Server;
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer};

use crate::{
    process::Process,
    support::{PROTOCOLS, Protocol, client_over, controlled_upstream, relay, text, witness},
};

const SITE: &str = include_str!("../../nginx.conf");

#[tokio::test]
#[ignore = "needs the program `nginx`"]
async fn nginx_passes_names_with_underscores_and_large_bodies() {
    let (upstream, mut requests) = witness().await;
    let relay = relay(&upstream).await;
    let nginx = Nginx::start("site", SITE, &relay).await;
    // Control: a site without these two lines.
    let plain = SITE.lines().filter(|line| {
        let directive = line.trim_start();
        !directive.starts_with("underscores") && !directive.starts_with("client_max_body_size")
    });
    let plain: String = plain.map(|line| format!("{line}\n")).collect();
    let plain = Nginx::start("plain", &plain, &relay).await;
    for protocol in PROTOCOLS {
        let large = "a".repeat(2 << 20);
        let response = nginx
            .client(protocol)
            .request(nginx.chat(large.clone()))
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        let (got, _) = requests.recv().await.unwrap();
        assert_eq!(got.headers["x-litellm-session-id"], "s-1");

        let response = plain
            .client(protocol)
            .request(plain.chat(large))
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
        let response = plain
            .client(protocol)
            .request(plain.chat(String::new()))
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        let (got, _) = requests.recv().await.unwrap();
        assert!(!got.headers.contains_key("x-litellm-session-id"));
    }
}

/// The upstream sends each event after the client has received the one before. On HTTP/2, nginx
/// 1.22 sends the head of a response with the first event.
#[tokio::test]
#[ignore = "needs the program `nginx`"]
async fn nginx_passes_each_event_as_it_arrives() {
    let (upstream, mut answers) = controlled_upstream().await;
    let relay = relay(&upstream).await;
    let nginx = Nginx::start("events", SITE, &relay).await;
    for protocol in PROTOCOLS {
        let client = nginx.client(protocol);
        let response = client.request(nginx.chat("{}".to_owned()));
        let first = async {
            let events = answers.recv().await.unwrap();
            events.send("data: 1\n\n").await.unwrap();
            events
        };
        let (response, events) = tokio::join!(response, first);
        let mut body = response.unwrap().into_body();
        for next in ["data: 2\n\n", "data: 3\n\n", "data: 4\n\n"] {
            body.frame().await.unwrap().unwrap();
            events.send(next).await.unwrap();
        }
        let last = body.frame().await.unwrap().unwrap();
        assert_eq!(last.into_data().unwrap(), "data: 4\n\n", "{protocol:?}");
    }
}

#[tokio::test]
#[ignore = "needs the program `nginx`"]
async fn nginx_hides_the_operators_pages() {
    let (upstream, _requests) = witness().await;
    let relay = relay(&upstream).await;
    let nginx = Nginx::start("pages", SITE, &relay).await;
    for protocol in PROTOCOLS {
        for (path, status) in [("/sessions", 403), ("/metrics", 403), ("/healthz", 200)] {
            let request = Request::get(format!("https://localhost:{}{path}", nginx.address.port()));
            let request = request.body(Full::<Bytes>::default()).unwrap();
            let response = nginx.client(protocol).request(request).await.unwrap();
            assert_eq!(response.status(), status, "{path}");
            text(response).await;
        }
    }
}

/// nginx as a process.
struct Nginx {
    _process: Process,
    address: SocketAddr,
    certificate: CertificateDer<'static>,
}

impl Nginx {
    async fn start(name: &str, site: &str, relay: &Server) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("nginx-{name}"));
        fs::create_dir_all(&folder).unwrap();
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(folder.join("relay.crt"), cert.pem()).unwrap();
        fs::write(folder.join("relay.key"), signing_key.serialize_pem()).unwrap();
        let site = site
            .replace("127.0.0.1:8787", &relay.address().to_string())
            .replace("/etc/nginx/", "");
        let (process, address) = Process::listening(|address| {
            let site = site.replace("listen 443", &format!("listen {address}"));
            let config = format!(
                "daemon off; master_process off; pid nginx.pid; error_log stderr crit;\n\
                 events {{}}\n\
                 http {{\n\
                 access_log off; client_body_temp_path body; proxy_temp_path proxy;\n\
                 fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n\
                 {site}}}\n"
            );
            fs::write(folder.join("nginx.conf"), config).unwrap();
            let mut command = Command::new("nginx");
            command
                .arg("-p")
                .arg(&folder)
                .args(["-c", "nginx.conf"])
                .stdin(Stdio::null());
            command
        });
        Self {
            _process: process,
            address,
            certificate: cert.der().clone(),
        }
    }

    /// Returns a client that trusts the certificate of nginx.
    fn client(&self, protocol: Protocol) -> Client<HttpsConnector<HttpConnector>, Full<Bytes>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_only();
        let connector = match protocol {
            Protocol::Http1 => connector.enable_http1().build(),
            Protocol::Http2 => connector.enable_http2().build(),
        };
        client_over(connector, protocol)
    }

    /// Returns a request of an older Codex.
    fn chat(&self, body: String) -> Request<Full<Bytes>> {
        let uri = format!("https://localhost:{}/v1/responses", self.address.port());
        let request = Request::post(uri).header("session_id", "s-1");
        request.body(Full::from(body)).unwrap()
    }
}
