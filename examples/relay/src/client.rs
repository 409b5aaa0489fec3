//! HTTP client for the upstream.

use std::{io, sync::Arc};

use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tower::ServiceBuilder;
use tower_metadata_headers::{
    HostPolicy, InvalidHost, MetadataHeaders, MetadataHeadersLayer, layer::Inject,
};

use super::{
    affinity::WriteAffinity,
    outgoing_body::OutgoingBody,
    settings::{Route, Settings},
};

pub(crate) type UpstreamClient =
    MetadataHeaders<WriteAffinity<Client<HttpsConnector<HttpConnector>, OutgoingBody>>, Inject>;

/// Creates a client that writes metadata to an upstream: in the convention that the
/// destinations have for its host, or else in that of the route.
pub(crate) fn new(
    route: &Route,
    settings: &Settings,
    tls: ClientConfig,
) -> Result<UpstreamClient, InvalidHost> {
    let mut destinations = settings.destinations.clone();
    for url in &route.urls {
        let policy = HostPolicy::new(route.send_as.clone());
        // The operator allows plain HTTP by choosing an `http` URL.
        let policy = if url.is_https() {
            policy
        } else {
            policy.allow_http()
        };
        // The first entry that matches a host is used.
        destinations = destinations.host(url.authority().as_str(), policy)?;
    }
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_connect_timeout(Some(settings.limits.connect));
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(http);
    let client = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .build(connector);
    // Writes inside the layer, which removes the headers of the route's convention.
    let client = WriteAffinity {
        affinity: settings.affinity.clone(),
        inner: client,
    };
    Ok(ServiceBuilder::new()
        .layer(MetadataHeadersLayer::inject(destinations))
        .service(client))
}

/// Returns a TLS configuration that trusts the platform's root certificates.
///
/// Only an HTTPS upstream needs roots. Without one none are loaded, so that the relay also
/// runs on a machine without root certificates.
pub(crate) fn platform_tls(is_https: bool) -> io::Result<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    let builder = if is_https {
        builder.with_native_roots()?
    } else {
        builder.with_root_certificates(RootCertStore::empty())
    };
    Ok(builder.with_no_client_auth())
}
