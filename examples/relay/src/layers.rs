//! Settings of the relay, and its layers in their order.

use std::sync::Arc;

use http::Request;
use rustls::ClientConfig;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_metadata_headers::{
    Convention, ConventionSet, Destinations, MetadataHeadersLayer, Rejection, conventions,
};

use super::{
    BoxError,
    base_url::BaseUrl,
    client, error_body,
    forward::{Forward, RelayResponse},
    hop_by_hop,
    serve::{Server, serve},
};

/// The relay's behaviour.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The upstream, or `None` until the embedded upstream has a port.
    pub upstream: Option<BaseUrl>,
    /// The convention that the upstream reads.
    pub send_as: Convention,
    /// The conventions that agents' headers are read in.
    pub read: ConventionSet,
    /// Destinations of the operator. For an upstream among them, its entry counts instead
    /// of `send_as`.
    pub destinations: Destinations,
    /// Rejects a request if its metadata has a fault.
    pub strict: bool,
    /// Trusts the identity in a request, and sends it to the upstream.
    pub trust_identity: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            upstream: None,
            send_as: conventions::litellm(),
            read: conventions::clients(),
            destinations: Destinations::new(),
            strict: false,
            trust_identity: false,
        }
    }
}

/// Starts a relay on this listener that trusts the platform's certificates.
///
/// # Errors
///
/// Returns an error if [`start_with`] does, or if the platform's certificates
/// can't be read.
pub fn start(listener: TcpListener, settings: &Settings) -> Result<Server, BoxError> {
    let upstream = settings.upstream.as_ref().ok_or("upstream: not set")?;
    let tls = client::platform_tls(upstream)
        .map_err(|error| format!("platform certificates: {error}"))?;
    start_with(listener, settings, tls)
}

/// Starts a relay on this listener that connects to the upstream with `tls`.
///
/// # Errors
///
/// Returns an error if there is no upstream, if its host is invalid, or if the
/// listener has no address.
pub fn start_with(
    listener: TcpListener,
    settings: &Settings,
    tls: ClientConfig,
) -> Result<Server, BoxError> {
    let upstream = settings.upstream.clone().ok_or("upstream: not set")?;
    let destinations = settings.destinations.clone();
    let client = client::new(&upstream, settings.send_as.clone(), destinations, tls)?;
    let forward = Arc::new(Forward::new(upstream, client));
    let forward = tower::service_fn(move |request| {
        let forward = Arc::clone(&forward);
        async move { forward.request(request).await }
    });

    let trust_identity = settings.trust_identity;
    let extract = MetadataHeadersLayer::extract(settings.read.clone())
        .strip()
        .trust_identity_when(move |_| trust_identity);

    // Order, outermost first: remove hop-by-hop headers, extract, forward. A
    // header that `Connection` nominates is removed before it could be read. The
    // client writes the relay's own headers last.
    let stack = ServiceBuilder::new().map_request(remove_hop_by_hop);
    let server = if settings.strict {
        let extract = extract.reject_with(reject);
        serve(listener, stack.layer(extract).service(forward))
    } else {
        serve(listener, stack.layer(extract).service(forward))
    };
    Ok(server?)
}

fn remove_hop_by_hop<B>(mut request: Request<B>) -> Request<B> {
    hop_by_hop::remove(request.headers_mut());
    request
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "`reject_with` passes it by value"
)]
fn reject(rejection: Rejection) -> RelayResponse {
    let faults = rejection.faults();
    let status = rejection.status();
    tracing::info!(status = status.as_u16(), %faults, "request rejected");
    error_body::response(
        status,
        "invalid_request_error",
        rejection.code(),
        &format!("request metadata: {rejection}"),
    )
}
