//! Settings of the relay.

use std::{str::FromStr, sync::Arc, time::Duration};

use http::{HeaderName, HeaderValue, Uri};
use ipnet::IpNet;
use serde::{Deserialize, de::IntoDeserializer};
use tower_metadata_headers::{Convention, ConventionSet, Destinations, conventions};

use super::{
    affinity::Affinity, base_url::BaseUrl, host_names::HostNames, keys::Keys, serve::ServeLimits,
    telemetry::Telemetry,
};

/// The relay's behaviour.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The upstream of requests that no route takes. If there are no routes either, `None`
    /// stands for the embedded upstream until that has a port.
    pub upstream: Option<BaseUrl>,
    /// The convention that this upstream reads.
    pub send_as: Convention,
    /// Upstreams of some requests. The first route that takes a request counts.
    pub routes: Vec<Route>,
    /// The conventions that agents' headers are read in.
    pub read: ConventionSet,
    /// Destinations of the operator. For an upstream among them, its entry counts instead
    /// of `send_as`.
    pub destinations: Destinations,
    /// Rejects a request if its metadata has a fault.
    pub strict: bool,
    /// Trusts the identity in every request, and sends it to the upstream.
    pub trust_identity: bool,
    /// Networks of clients whose identity is trusted too.
    pub trusted_peers: Vec<IpNet>,
    /// Host names of the relay, besides local ones. They count on a loopback address without
    /// keys.
    pub hosts: HostNames,
    /// The keys of clients, or `None` if anyone may use the relay.
    pub keys: Option<Keys>,
    /// The header by which a load balancer behind the relay pins sessions.
    pub affinity: Option<Affinity>,
    /// The exporter of spans.
    pub telemetry: Option<Telemetry>,
    /// Limits and timeouts.
    pub limits: Limits,
}

/// Upstream of the requests with one of these paths and models.
#[derive(Clone, Debug)]
pub struct Route {
    /// The name for logs and metrics.
    pub name: Arc<str>,
    /// The URLs of equal servers. If the relay can't connect to one, it tries the next.
    pub urls: Vec<BaseUrl>,
    /// The convention that the servers read.
    pub send_as: Convention,
    /// Beginnings of paths, such as `/v1`. If there are none, any path matches.
    pub paths: Vec<String>,
    /// Names of models, or their beginnings followed by `*`. If there are none, any model
    /// matches.
    pub models: Vec<String>,
    /// The header with the upstream's key, instead of the client's.
    pub key: Option<(HeaderName, HeaderValue)>,
}

/// Limits and timeouts of the relay.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Limits of the server for agents.
    pub serve: ServeLimits,
    /// Maximum number of requests at once. Further ones get 503.
    pub requests: usize,
    /// Maximum size of a request's body in bytes. A larger one gets 413.
    pub body_bytes: u64,
    /// Maximum size in bytes of all bodies that are read for their model, until they are
    /// sent. A request beyond it gets 503.
    pub buffered_bytes: usize,
    /// Time in which an upstream must accept a connection.
    pub connect: Duration,
    /// Time in which an upstream must send the headers of its response.
    pub response: Duration,
    /// Time between the signal to stop and the end of accepting connections, in which
    /// `/readyz` answers 503.
    pub unready: Duration,
}

/// Format of the program's log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line of text for each event.
    #[default]
    Text,
    /// One JSON object for each event, on a line of its own.
    Json,
}

impl FromStr for LogFormat {
    type Err = serde::de::value::Error;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::deserialize(name.into_deserializer())
    }
}

impl Settings {
    /// Returns the name of the operator's destination for a URL, which counts instead of a
    /// route's convention.
    pub(crate) fn policy_of(&self, url: &BaseUrl) -> Option<String> {
        let uri = url.join(&Uri::from_static("/")).ok()?;
        let policy = self.destinations.policy_for(&uri)?;
        Some(policy.name().to_owned())
    }

    /// Returns an iterator over the routes, and that of all other requests last.
    pub(crate) fn all_routes(&self) -> impl Iterator<Item = Route> {
        let default = self.upstream.clone().map(|url| Route {
            name: "default".into(),
            urls: vec![url],
            send_as: self.send_as.clone(),
            paths: Vec::new(),
            models: Vec::new(),
            key: None,
        });
        self.routes.iter().cloned().chain(default)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            upstream: None,
            send_as: conventions::litellm(),
            routes: Vec::new(),
            read: conventions::clients(),
            destinations: Destinations::new(),
            strict: false,
            trust_identity: false,
            trusted_peers: Vec::new(),
            hosts: HostNames::default(),
            keys: None,
            affinity: None,
            telemetry: None,
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            serve: ServeLimits::default(),
            requests: 4_096,
            body_bytes: 64 * 1024 * 1024,
            buffered_bytes: 1024 * 1024 * 1024,
            connect: Duration::from_secs(10),
            // A model may think for minutes before its first byte.
            response: Duration::from_secs(600),
            unready: Duration::ZERO,
        }
    }
}

impl Route {
    /// Returns true if the route takes a request with this path and model.
    pub(crate) fn takes(&self, path: &str, model: Option<&str>) -> bool {
        let begins = |prefix: &String| {
            let rest = path.strip_prefix(prefix.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let matches = |pattern: &String| match (pattern.strip_suffix('*'), model) {
            (Some(start), Some(model)) => model.starts_with(start),
            (None, Some(model)) => pattern == model,
            (_, None) => false,
        };
        (self.paths.is_empty() || self.paths.iter().any(begins))
            && (self.models.is_empty() || self.models.iter().any(matches))
    }
}
