//! Metrics for Prometheus, and the response to `GET /metrics`.

use std::{collections::HashSet, sync::Arc, time::Duration};

use http::{
    HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use http_body_util::Full;
use hyper::body::Bytes;
use prometheus_client::{
    encoding::{EncodeLabelSet, prometheus_text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};
use tower_metadata_headers::{ConventionSet, Faults};

use super::ended::Ended;

/// Counts of the relay. No label has a value that a client can choose.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    /// Names of the clients that the relay knows.
    clients: HashSet<Arc<str>>,
    /// The label of any other client.
    other: Arc<str>,
    /// The label of a request without the name of a client.
    unknown: Arc<str>,
    /// The label of a request that no upstream got.
    none: Arc<str>,
    requests: Family<RequestLabels, Counter>,
    running: Gauge,
    faults: Family<FaultLabels, Counter>,
    tokens: Family<TokenLabels, Counter>,
    latency: Family<UpstreamLabels, Histogram, fn() -> Histogram>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    client: Arc<str>,
    upstream: Arc<str>,
    status: u16,
    end: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct FaultLabels {
    reason: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TokenLabels {
    client: Arc<str>,
    upstream: Arc<str>,
    direction: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct UpstreamLabels {
    upstream: Arc<str>,
}

/// Upper bounds of the histogram's buckets in seconds: from a cache to a model that thinks.
const BUCKETS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0,
];

/// A request without a response has this status.
const NO_STATUS: u16 = 0;

impl Metrics {
    /// Creates metrics of a relay that reads these conventions.
    pub(crate) fn new(read: &ConventionSet) -> Self {
        let clients = read
            .conventions()
            .filter_map(|convention| convention.client().map(Arc::from));
        let mut metrics = Self {
            registry: Registry::with_prefix("relay"),
            clients: clients.collect(),
            other: "other".into(),
            unknown: "unknown".into(),
            none: "none".into(),
            requests: Family::default(),
            running: Gauge::default(),
            faults: Family::default(),
            tokens: Family::default(),
            latency: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
        };
        let registry = &mut metrics.registry;
        registry.register(
            "requests",
            "Requests that have ended, by how they ended. Status 0: no response",
            metrics.requests.clone(),
        );
        registry.register(
            "requests_running",
            "Requests whose response has not ended",
            metrics.running.clone(),
        );
        registry.register(
            "faults",
            "Fields of metadata that were ignored",
            metrics.faults.clone(),
        );
        registry.register(
            "tokens",
            "Tokens that upstreams reported",
            metrics.tokens.clone(),
        );
        registry.register_with_unit(
            "upstream_response",
            "Time from sending a request to the headers of its response",
            Unit::Seconds,
            metrics.latency.clone(),
        );
        metrics
    }

    /// Counts a request that begins.
    pub(crate) fn begun(&self) {
        self.running.inc();
    }

    /// Counts the request after its response has ended.
    pub(crate) fn ended(&self, request: &Ended<'_>) {
        self.running.dec();
        let client = self.client(request.client);
        let upstream = request.upstream.unwrap_or(&self.none);
        let usage = request.usage.unwrap_or_default();
        for (direction, count) in [("input", usage.input), ("output", usage.output)] {
            if count > 0 {
                let labels = TokenLabels {
                    client: Arc::clone(client),
                    upstream: Arc::clone(upstream),
                    direction,
                };
                self.tokens.get_or_create(&labels).inc_by(count);
            }
        }
        self.count(client, upstream, request.status, request.end);
    }

    /// Counts a request that the relay rejects before it reads its metadata or because of it.
    pub(crate) fn rejected(&self, status: StatusCode, code: &'static str) {
        self.count(&self.unknown, &self.none, Some(status), code);
    }

    /// Counts faults by reason.
    pub(crate) fn faults(&self, faults: &Faults) {
        for fault in faults {
            let reason = fault.reason().code();
            self.faults.get_or_create(&FaultLabels { reason }).inc();
        }
    }

    /// Counts the time until an upstream has sent the headers of its response.
    pub(crate) fn answered(&self, upstream: &Arc<str>, after: Duration) {
        let labels = UpstreamLabels {
            upstream: Arc::clone(upstream),
        };
        let histogram = self.latency.get_or_create(&labels);
        histogram.observe(after.as_secs_f64());
    }

    fn count(
        &self,
        client: &Arc<str>,
        upstream: &Arc<str>,
        status: Option<StatusCode>,
        end: &'static str,
    ) {
        let labels = RequestLabels {
            client: Arc::clone(client),
            upstream: Arc::clone(upstream),
            status: status.map_or(NO_STATUS, |status| status.as_u16()),
            end,
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// Returns the client's name as a label. A client may send any name, and each value of a
    /// label costs memory here and in Prometheus.
    fn client(&self, name: Option<&str>) -> &Arc<str> {
        match name {
            None => &self.unknown,
            Some(name) => self.clients.get(name).unwrap_or(&self.other),
        }
    }

    /// Returns the response to `GET /metrics`.
    pub(crate) fn respond(&self) -> Response<Full<Bytes>> {
        let mut text = String::new();
        // Writing to a `String` can't fail.
        let _ = prometheus_text::encode(&mut text, &self.registry);
        let mut response = Response::new(Full::from(text));
        *response.headers_mut() = [
            (CONTENT_TYPE, prometheus_text::CONTENT_TYPE),
            (CACHE_CONTROL, "no-store"),
        ]
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .into_iter()
        .collect();
        response
    }
}
