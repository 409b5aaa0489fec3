//! Layers of the relay in their order.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::AtomicBool},
};

use http::{Request, request::Parts};
use rustls::ClientConfig;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tower_metadata_headers::{MetadataHeadersLayer, Rejection};

use super::{
    BoxError,
    access::Access,
    base_url::BaseUrl,
    client, error_body,
    forward::{Forward, RelayResponse, Upstream},
    hop_by_hop,
    host_names::HostNames,
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

    // Order, outermost first: answer probes, check the name and the key, refuse requests of
    // foreign web pages, remove hop-by-hop headers, extract, forward. A header that
    // `Connection` nominates is removed before it could be read. The client writes the relay's
    // own headers last.
    let access = Access {
        keys: settings.keys.clone().map(Arc::new),
        host_names: host_names(listener.local_addr()?, settings),
        is_ready: Arc::new(AtomicBool::new(true)),
        metrics: Arc::clone(&metrics),
    };
    let is_ready = Arc::clone(&access.is_ready);
    let same_origin = spends_for_anyone(settings).then(|| {
        let metrics = Arc::clone(&metrics);
        let refuse = move |_: ProtectionError| Refusal::CROSS_ORIGIN.report(&metrics);
        CsrfLayer::new().with_rejection_response(refuse)
    });
    let stack = ServiceBuilder::new()
        .option_layer(same_origin)
        .map_request(remove_hop_by_hop);
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

/// Returns the names that a request may be for, or `None` for any.
///
/// Without keys, a loopback address is for this machine's users, and not for the web pages in
/// their browsers. A page's name can lead here after the page is loaded (DNS rebinding), and the
/// browser then takes the relay for the page's own server.
fn host_names(address: SocketAddr, settings: &Settings) -> Option<HostNames> {
    let is_local = address.ip().to_canonical().is_loopback();
    (is_local && settings.keys.is_none()).then(|| settings.hosts.clone())
}

/// Returns true if the relay adds an upstream's key to requests that need none themselves.
///
/// A web page must not send them from a browser that can reach the relay.
fn spends_for_anyone(settings: &Settings) -> bool {
    settings.keys.is_none() && settings.routes.iter().any(|route| route.key.is_some())
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
