//! The policy for redirects, for headers that are written outside them.

#![cfg(feature = "tower-http")]
#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

mod common;

use http::{Request, Version};
use hyper_util::client::legacy::Error;
use tower::{Layer, Service, ServiceBuilder};
use tower_http::follow_redirect::{
    FollowRedirectLayer,
    policy::{self, And, PolicyExt, Standard},
};
use tower_metadata_headers::{MetadataHeadersLayer, StripMetadata};

use crate::common::{
    Body, RequestExt, VERSIONS, ZOO_LINES,
    client::{client, send},
    get, lines, metadata,
    redirects::Hosts,
    server::{Upstream, uri},
    zoo,
};

fn strips() -> FollowRedirectLayer<And<StripMetadata, Standard>> {
    let strip = StripMetadata::of(zoo());
    FollowRedirectLayer::with_policy(strip.and::<_, Body, Error>(Standard::default()))
}

#[tokio::test]
async fn headers_written_outside_stay_with_their_origin() {
    let all = ZOO_LINES.map(str::to_owned).to_vec();
    for version in VERSIONS {
        let hosts = Hosts::start().await;
        let inject = MetadataHeadersLayer::inject(zoo());
        let stack = inject.layer(strips().layer(client(version)));
        let bare = inject.layer(FollowRedirectLayer::new().layer(client(version)));

        let here = [vec![all.clone(), all.clone()], vec![]];
        assert_eq!(hosts.walk(&stack, "/here").await, here);

        let leaked = [vec![all.clone()], vec![all.clone()]];
        assert_eq!(hosts.walk(&bare, "/away").await, leaked, "control");
        let away = [vec![all.clone()], vec![vec![]]];
        assert_eq!(hosts.walk(&stack, "/away").await, away);

        // Here, here again, away, and back.
        let leaked = [vec![all.clone(); 3], vec![all.clone()]];
        assert_eq!(hosts.walk(&bare, "/long").await, leaked, "control");
        let long = [vec![all.clone(), all.clone(), vec![]], vec![vec![]]];
        assert_eq!(hosts.walk(&stack, "/long").await, long);
    }
}

/// Without this a convention for everywhere, inside, would write it anew.
#[tokio::test]
async fn the_metadata_itself_stays_too() {
    let all = ZOO_LINES.map(str::to_owned).to_vec();
    let hosts = Hosts::start().await;
    let keeps = || policy::FilterCredentials::new().keep_all_extensions();
    let inject = MetadataHeadersLayer::inject(zoo());
    let bare = FollowRedirectLayer::with_policy(keeps())
        .layer(inject.layer(client::<Body>(Version::HTTP_11)));
    let leaked = [vec![all.clone()], vec![all.clone()]];
    assert_eq!(hosts.walk(&bare, "/away").await, leaked, "control");

    let policy = StripMetadata::of(zoo()).and::<_, Body, Error>(keeps());
    let stack = FollowRedirectLayer::with_policy(policy)
        .layer(inject.layer(client::<Body>(Version::HTTP_11)));
    let away = [vec![all], vec![vec![]]];
    assert_eq!(hosts.walk(&stack, "/away").await, away);
}

/// A look-alike that a caller has set goes with the rest; what is nobody's stays.
#[tokio::test]
async fn all_that_is_the_conventions_stays_behind() {
    let hosts = Hosts::start().await;
    let stack = strips().layer(client::<Body>(Version::HTTP_11));
    let request = get(&hosts.first.uri("/away"))
        .line("x_zoo_session_id", "by hand")
        .line("x-zoo-other", "by hand")
        .line("x-other", "by hand");
    send(&stack, request).await;
    assert_eq!(hosts.first.take_one().headers.len(), 4);
    assert_eq!(lines(&hosts.other.take_one().headers), ["x-other: by hand"]);
}

/// Where a host with a trailing dot, in another case, or with another port
/// leads is told by each hop's URI, and in doubt it is another origin.
#[tokio::test]
async fn another_spelling_of_a_host_is_another_origin() {
    let upstream = Upstream::start().await;
    let all = ZOO_LINES.map(str::to_owned).to_vec();
    for (host, expected) in [
        ("FIRST.example", all),
        ("first.example.", vec![]),
        ("first.example.evil.example", vec![]),
        ("user@first.example", ZOO_LINES.map(str::to_owned).to_vec()),
    ] {
        let to = format!("http://{}/", upstream.named(host));
        let service = redirecting(to);
        let stack = ServiceBuilder::new()
            .layer(MetadataHeadersLayer::inject(zoo()))
            .layer(strips())
            .service(service);
        let from = uri(&upstream.named("first.example"), "/from");
        send(&stack, get(&from).metadata(metadata())).await;
        assert_eq!(lines(&upstream.take_one().headers), expected, "{host}");
    }
}

/// Redirects from `/from`, and sends everything else.
fn redirecting(
    to: String,
) -> impl Service<Request<Body>, Response = http::Response<Body>, Error = Error, Future: Send> + Clone
{
    let client = client::<Body>(Version::HTTP_11);
    tower::service_fn(move |request: Request<Body>| {
        let (client, to) = (client.clone(), to.clone());
        async move {
            if request.uri().path() == "/from" {
                let response = http::Response::builder().status(307).header("location", to);
                return Ok(response.body(Body::default()).unwrap());
            }
            let response = send(&client, request).await;
            Ok(response.map(Body::new))
        }
    })
}

#[tokio::test]
async fn without_a_redirect_it_does_nothing() {
    let upstream = Upstream::start().await;
    let stack = strips().layer(client::<Body>(Version::HTTP_11));
    let request = get(&upstream.uri("/")).line("x-zoo-session-id", "by hand");
    send(&stack, request).await;
    let lines = lines(&upstream.take_one().headers);
    assert_eq!(lines, ["x-zoo-session-id: by hand"]);
}
