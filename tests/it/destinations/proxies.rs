//! Providers behind one proxy, whose host is always the same.

use http::{HeaderMap, Uri, Version};
use tower::{Layer, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;
use tower_metadata_headers::{
    Destinations, Fault, Metadata, MetadataHeadersLayer, Provider, Reason, Target, conventions,
};

use crate::common::{
    Body, VERSIONS,
    client::client,
    get, lines, over_http,
    server::{Upstream, uri},
    session,
};

fn destinations() -> Destinations {
    Destinations::new()
        .proxy("proxy.test:*")
        .unwrap()
        .provider("openrouter", over_http(conventions::openrouter()))
        .provider("litellm", over_http(conventions::litellm()))
        .provider("secure", conventions::openrouter())
        .host("opencode.test:*", over_http(conventions::opencode()))
        .unwrap()
}

/// Returns the lines that reach a host.
async fn sent(
    version: Version,
    upstream: &Upstream,
    host: &str,
    name: Option<&'static str>,
) -> Vec<String> {
    let layer = MetadataHeadersLayer::inject(destinations());
    let mut request = get(&uri(&upstream.named(host), "/"));
    request.extensions_mut().insert(session("session-1"));
    if let Some(name) = name {
        request.extensions_mut().insert(Provider::new(name));
    }
    let client = layer.layer(client::<Body>(version));
    client.oneshot(request).await.unwrap();
    let received = upstream.take_one().headers;
    lines(&received)
        .into_iter()
        .filter(|line| line.ends_with("session-1"))
        .collect()
}

#[tokio::test]
async fn provider_decides_behind_a_proxy_and_nowhere_else() {
    let upstream = Upstream::start().await;
    for version in VERSIONS {
        for (host, name, expected) in [
            (
                "proxy.test",
                Some("openrouter"),
                Some("x-session-id: session-1"),
            ),
            (
                "proxy.test",
                Some("litellm"),
                Some("x-litellm-session-id: session-1"),
            ),
            ("proxy.test", Some("unknown"), None),
            ("proxy.test", Some("secure"), None),
            ("proxy.test", None, None),
            // The provider does not count for another host.
            (
                "opencode.test",
                Some("litellm"),
                Some("x-opencode-session: session-1"),
            ),
            ("elsewhere.test", Some("litellm"), None),
        ] {
            let lines = sent(version, &upstream, host, name).await;
            let expected: Vec<&str> = expected.into_iter().collect();
            assert_eq!(lines, expected, "{host} {name:?}");
        }
    }
}

#[tokio::test]
async fn redirect_from_the_proxy_to_another_host_carries_nothing() {
    let elsewhere = Upstream::start().await;
    let location = format!("http://{}/", elsewhere.named("elsewhere.test"));
    let proxy = Upstream::answering(move |_| {
        let response = http::Response::builder().status(307);
        response
            .header("location", &location)
            .body(Body::default())
            .unwrap()
    })
    .await;
    let layers = tower::ServiceBuilder::new()
        .layer(FollowRedirectLayer::new())
        .layer(MetadataHeadersLayer::inject(destinations()));
    for version in VERSIONS {
        let mut request = get(&uri(&proxy.named("proxy.test"), "/"));
        request.extensions_mut().insert(session("session-1"));
        request.extensions_mut().insert(Provider::new("litellm"));
        let client = layers.clone().service(client::<Body>(version));
        client.oneshot(request).await.unwrap();
        // Control: the proxy itself gets the session.
        assert_eq!(
            proxy.take_one().headers["x-litellm-session-id"],
            "session-1"
        );
        let received = elsewhere.take_one().headers;
        assert!(
            !received.contains_key("x-litellm-session-id"),
            "{received:?}"
        );
    }
}

#[test]
fn codec_decides_as_the_layer() {
    let destinations = destinations();
    let metadata: Metadata = session("session-1");
    let write = |uri: &'static str, name| {
        let uri = Uri::from_static(uri);
        let target = match name {
            Some(name) => Target::behind_proxy(&uri, name),
            None => Target::from(&uri),
        };
        let mut headers = HeaderMap::new();
        let report = destinations.write(target, &metadata, &mut headers);
        let reason = report.faults().iter().next().map(Fault::reason);
        (headers.len(), reason)
    };
    assert_eq!(write("http://proxy.test/", Some("litellm")), (1, None));
    for (uri, name, reason) in [
        ("http://proxy.test/", None, Reason::UnknownDestination),
        (
            "http://proxy.test/",
            Some("unknown"),
            Reason::UnknownDestination,
        ),
        ("http://proxy.test/", Some("secure"), Reason::InsecureScheme),
        (
            "http://elsewhere.test/",
            Some("litellm"),
            Reason::UnknownDestination,
        ),
    ] {
        assert_eq!(write(uri, name), (0, Some(reason)), "{uri} {name:?}");
    }
    assert!(
        destinations
            .policy_for(&Uri::from_static("http://proxy.test/"))
            .is_none()
    );
    assert_eq!(Provider::new("litellm").name(), "litellm");
}
