//! Scrape by a real Prometheus, which `.ci/run` installs.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use http::{Request, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use relay::serve::Server;
use serde_json::Value;

use crate::{
    process::{Process, find_line},
    support::{Protocol, client, json, keyed, relay_with, witness},
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the program `prometheus`"]
async fn prometheus_scrapes_the_relay_with_an_operators_key() {
    let (upstream, _requests) = witness().await;
    let relay = relay_with(&upstream, keyed()).await;
    let request = Request::get(format!("http://{}/v1/models", relay.address()))
        .header("user-agent", "claude-cli/2.1.273 (external, cli)")
        .header("x-api-key", "example-key-1")
        .body(Full::<Bytes>::default())
        .unwrap();
    let response = client(Protocol::Http1).request(request).await.unwrap();
    assert_eq!(response.status(), 200);
    json(response).await;

    let scraped = Prometheus::start(&relay, "example-key-2");
    let series = scraped.first("relay_requests_total").await;
    let labels = &series["metric"];
    assert_eq!(labels["client"], "claude-code");
    assert_eq!(labels["upstream"], "default");
    assert_eq!(labels["status"], "200");
    assert_eq!(series["value"][1], "1");
    let quantile = "histogram_quantile(0.5, relay_upstream_response_seconds_bucket)";
    assert_eq!(
        scraped.first(quantile).await["metric"]["upstream"],
        "default"
    );
    assert_eq!(scraped.first("up").await["value"][1], "1");

    // Control: the key of a client is not enough.
    let refused = Prometheus::start(&relay, "example-key-1");
    assert_eq!(refused.first("up").await["value"][1], "0");
}

/// Prometheus as a process.
struct Prometheus {
    _process: Process,
    address: String,
}

impl Prometheus {
    /// Starts a Prometheus that scrapes this relay with this key.
    fn start(relay: &Server, key: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("prometheus-{key}"));
        // Fails only if there is none from an earlier run.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let config = folder.join("prometheus.yml");
        let text = format!(
            "scrape_configs:\n\
             - job_name: relay\n  \
               scrape_interval: 100ms\n  \
               scrape_timeout: 100ms\n  \
               authorization: {{ credentials: {key} }}\n  \
               static_configs: [{{ targets: ['{}'] }}]\n",
            relay.address()
        );
        fs::write(&config, text).unwrap();
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.display()))
            .arg("--web.listen-address=127.0.0.1:0")
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut process = Process::start(&mut command);
        let address = find_line(process.stderr(), |line| {
            let (_, rest) = line.split_once("\"Listening on\" address=")?;
            rest.split_whitespace().next().map(ToOwned::to_owned)
        });
        let address = address.unwrap();
        Self {
            _process: process,
            address,
        }
    }

    /// Returns the first series of a query as soon as there is one.
    async fn first(&self, query: &str) -> Value {
        let query: String = query.split(' ').collect::<Vec<_>>().join("%20");
        let uri = format!("http://{}/api/v1/query?query={query}", self.address);
        let client = client::<Full<Bytes>>(Protocol::Http1);
        loop {
            let response = client.get(uri.parse().unwrap()).await.unwrap();
            // It listens before it is ready.
            if response.status() == StatusCode::SERVICE_UNAVAILABLE {
                continue;
            }
            let result = json(response).await;
            if let Some(series) = result["data"]["result"].get(0) {
                return series.clone();
            }
        }
    }
}
