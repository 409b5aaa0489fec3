//! `CONNECT` requests, whose headers a proxy reads in clear text.

use http::{Method, Request, StatusCode, Uri, Version};
use tower::{Layer, ServiceExt};
use tower_metadata_headers::{Destinations, MetadataHeadersLayer, layer::Inject};

use crate::common::{
    Body, NONE, RequestExt, VERSIONS, ZOO_LINES, client::connected, lines, metadata, over_http,
    server::Upstream, zoo,
};

/// Returns the lines of this request that the proxy receives.
async fn proxied(
    inject: MetadataHeadersLayer<Inject>,
    version: Version,
    method: Method,
) -> Vec<String> {
    let proxy = Upstream::start().await;
    let (_, client) = connected(proxy.addr(), version).await;
    let mut request = Request::new(Body::default())
        .metadata(metadata())
        .line("x_zoo_session_id", "smuggled")
        .line("x-zoo-user-id", "stale");
    *request.uri_mut() = if method == Method::CONNECT {
        Uri::from_static("opencode.example:443")
    } else {
        Uri::from_static("http://opencode.example:443/")
    };
    *request.method_mut() = method.clone();
    // The result of the tunnel does not matter.
    let response = inject.layer(client).oneshot(request).await;
    assert_eq!(
        response.map(|response| response.status()).ok(),
        Some(StatusCode::OK)
    );
    let parts = proxy.take_one();
    assert_eq!(parts.method, method);
    lines(&parts.headers)
}

#[tokio::test]
async fn connect_carries_nothing_to_the_proxy_unless_asked() {
    for version in VERSIONS {
        for destinations in [
            zoo().into(),
            Destinations::new()
                .host("opencode.example:443", over_http(zoo()))
                .unwrap(),
        ] {
            let inject = MetadataHeadersLayer::inject(destinations);
            let get = proxied(inject.clone(), version, Method::GET).await;
            assert_eq!(get, ZOO_LINES, "control");
            let asked = proxied(inject.clone().on_connect(), version, Method::CONNECT).await;
            assert_eq!(asked, ZOO_LINES, "control");

            assert_eq!(proxied(inject, version, Method::CONNECT).await, NONE);
        }
    }
}
