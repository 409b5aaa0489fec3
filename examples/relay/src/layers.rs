//! Layers of the relay in their order.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::future;
use http::{Method, Request, Response, StatusCode, request::Parts};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use rustls::ClientConfig;
use tokio::net::TcpListener;
use tower::{Service, ServiceBuilder, ServiceExt};
use tower_metadata_headers::{MetadataHeadersLayer, Rejection};

use super::{
    BoxError,
    base_url::BaseUrl,
    client, error_body,
    forward::{Forward, RelayResponse, Upstream, is_for_operator},
    hop_by_hop,
    keys::Keys,
    metrics::Metrics,
    refusal::Refusal,
    serve::{Peer, Server, serve_with},
    settings::{Route, Settings},
};

/// Starts a relay on this listener that trusts the platform's certificates.
///
/// # Errors
///
/// Returns an error if [`start_with`] does, or if the platform's certificates
/// can't be read.
pub fn start(listener: TcpListener, settings: &Settings) -> Result<Server, BoxError> {
    let is_https = settings
        .all_routes()
        .any(|route| route.urls.iter().any(BaseUrl::is_https));
    let tls = client::platform_tls(is_https)
        .map_err(|error| format!("platform certificates: {error}"))?;
    start_with(listener, settings, &tls)
}

/// Starts a relay on this listener that connects to upstreams with `tls`.
///
/// # Errors
///
/// Returns an error if there is no upstream, if a host is invalid, or if the listener has no
/// address.
pub fn start_with(
    listener: TcpListener,
    settings: &Settings,
    tls: &ClientConfig,
) -> Result<Server, BoxError> {
    let upstreams = upstreams(settings, tls)?;
    if upstreams.is_empty() {
        return Err("upstream: not set".into());
    }
    let metrics = Arc::new(Metrics::new(&settings.read));
    let forward = Forward::new(upstreams, Arc::clone(&metrics), settings);
    let forward = Arc::new(forward);
    let forward = tower::service_fn(move |request| {
        let forward = Arc::clone(&forward);
        async move { forward.request(request).await }
    });

    let trusts = {
        let (all, peers) = (settings.trust_identity, settings.trusted_peers.clone());
        move |parts: &Parts| {
            let peer = parts.extensions.get::<Peer>();
            all || peer.is_some_and(|Peer(ip)| peers.iter().any(|network| network.contains(ip)))
        }
    };
    let extract = MetadataHeadersLayer::extract(settings.read.clone())
        .strip()
        .trust_identity_when(trusts);

    // Order, outermost first: answer probes, check the key, remove hop-by-hop headers,
    // extract, forward. A header that `Connection` nominates is removed before it could be
    // read. The client writes the relay's own headers last.
    let access = Access {
        keys: settings.keys.clone().map(Arc::new),
        is_ready: Arc::new(AtomicBool::new(true)),
        metrics: Arc::clone(&metrics),
    };
    let is_ready = Arc::clone(&access.is_ready);
    let stack = ServiceBuilder::new().map_request(remove_hop_by_hop);
    let limits = settings.limits.serve;
    let server = if settings.strict {
        let reject = move |rejection| reject(&rejection, &metrics);
        let relay = stack.layer(extract.reject_with(reject)).service(forward);
        serve_with(listener, access.before(relay), limits)
    } else {
        let relay = stack.layer(extract).service(forward);
        serve_with(listener, access.before(relay), limits)
    };
    Ok(server?.with_readiness(is_ready, settings.limits.unready))
}

fn upstreams(settings: &Settings, tls: &ClientConfig) -> Result<Vec<Upstream>, BoxError> {
    let upstream = |route: Route| {
        let client = client::new(&route, settings, tls.clone());
        let client = client.map_err(|error| format!("upstream {}: {error}", route.name))?;
        Ok(Upstream { route, client })
    };
    settings.all_routes().map(upstream).collect()
}

/// What a request needs before it is relayed.
#[derive(Clone)]
struct Access {
    keys: Option<Arc<Keys>>,
    /// False as soon as the relay is to stop.
    is_ready: Arc<AtomicBool>,
    metrics: Arc<Metrics>,
}

impl Access {
    /// Returns a service that answers probes and refuses requests without a known key.
    fn before<S>(
        self,
        relay: S,
    ) -> impl Service<
        Request<Incoming>,
        Response = RelayResponse,
        Error = Infallible,
        Future: Send + 'static,
    > + Clone
    + Send
    + 'static
    where
        S: Service<Request<Incoming>, Response = RelayResponse, Error = Infallible>
            + Clone
            + Send
            + 'static,
        S::Future: Send,
    {
        tower::service_fn(
            move |mut request: Request<Incoming>| match self.answer(&mut request) {
                Some(response) => future::Either::Left(future::ready(Ok(response))),
                None => future::Either::Right(relay.clone().oneshot(request)),
            },
        )
    }

    /// Returns the response to a request that is not relayed. To any other, adds the identity
    /// of its key.
    fn answer(&self, request: &mut Request<Incoming>) -> Option<RelayResponse> {
        if request.method() == Method::GET {
            match request.uri().path() {
                "/healthz" => return Some(probe(true)),
                "/readyz" => return Some(probe(self.is_ready.load(Ordering::Relaxed))),
                _ => {}
            }
        }
        if let Some(keys) = &self.keys {
            let Some(owner) = keys.owner(request.headers()) else {
                return Some(self.refuse(Refusal::UNKNOWN_KEY));
            };
            if !owner.is_operator && is_for_operator(request) {
                return Some(self.refuse(Refusal::NOT_OPERATOR));
            }
            let identity = owner.identity.clone();
            request.extensions_mut().insert(identity);
        }
        None
    }

    fn refuse(&self, refusal: Refusal) -> RelayResponse {
        tracing::info!(
            status = refusal.status.as_u16(),
            code = refusal.code,
            "request refused"
        );
        self.metrics.rejected(refusal.status, refusal.code);
        refusal.response()
    }
}

/// Returns the response to a probe of an orchestrator or a load balancer.
fn probe(is_good: bool) -> RelayResponse {
    let (status, text) = if is_good {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    };
    let mut response = Response::new(Either::Left(Full::from(text)));
    *response.status_mut() = status;
    response
}

fn remove_hop_by_hop<B>(mut request: Request<B>) -> Request<B> {
    hop_by_hop::remove(request.headers_mut());
    request
}

fn reject(rejection: &Rejection, metrics: &Metrics) -> RelayResponse {
    let faults = rejection.faults();
    let status = rejection.status();
    tracing::info!(status = status.as_u16(), %faults, "request rejected");
    metrics.faults(faults);
    metrics.rejected(status, rejection.code());
    error_body::response(
        status,
        "invalid_request_error",
        rejection.code(),
        &format!("request metadata: {rejection}"),
    )
}
