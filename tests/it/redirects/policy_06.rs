//! `StripMetadata` with tower-http 0.6, whose redirects keep no extensions.

use http::Version;
use hyper_util::client::legacy::Error;
use tower::{Layer, ServiceBuilder};
use tower_http_06::follow_redirect::{
    FollowRedirectLayer,
    policy::{Limited, Policy, PolicyExt, Standard},
};
use tower_metadata_headers::{MetadataHeadersLayer, StripMetadata};

use crate::common::{Body, VERSIONS, ZOO_LINES, client::client, metadata, redirects::Hosts, zoo};

#[tokio::test]
async fn headers_written_outside_stay_with_their_origin() {
    let strip = StripMetadata::new(zoo());
    let strip = Standard::default().and::<_, Body, Error>(strip);
    for version in VERSIONS {
        let inject = MetadataHeadersLayer::inject(zoo());
        let strips = FollowRedirectLayer::with_policy(strip.clone());
        let stack = inject.layer(strips.layer(client(version)));
        let bare = inject.layer(FollowRedirectLayer::new().layer(client(version)));
        let hosts = Hosts::start().await;
        hosts.assert_stay_with_origin(&stack, &bare).await;
    }
}

/// Returns the lines that each host receives, if a layer inside redirects takes
/// its metadata from a closure without an extension.
async fn written_inside<P>(policy: P) -> [Vec<Vec<String>>; 2]
where
    P: Policy<Body, Error> + Clone,
{
    let hosts = Hosts::start().await;
    let stack = ServiceBuilder::new()
        .layer(FollowRedirectLayer::with_policy(policy))
        .layer(MetadataHeadersLayer::inject(zoo()).from_parts(|_| metadata()))
        .service(client::<Body>(Version::HTTP_11));
    hosts.walk(&stack, "/long").await
}

#[tokio::test]
async fn layer_inside_writes_nothing_to_another_origin_in_any_combination_of_policies() {
    let all = ZOO_LINES.map(str::to_owned).to_vec();
    let leaked = [vec![all.clone(); 3], vec![all.clone()]];
    assert_eq!(written_inside(Limited::new(5)).await, leaked, "control");
    assert_eq!(written_inside(Standard::default()).await, leaked, "control");

    let strip = || StripMetadata::new(zoo());
    let kept = [vec![all.clone(), all.clone(), vec![]], vec![vec![]]];
    assert_eq!(written_inside(strip()).await, kept);
    let and = strip().and::<_, Body, Error>(Standard::default());
    assert_eq!(written_inside(and).await, kept);
    let and = Standard::default().and::<_, Body, Error>(strip());
    assert_eq!(written_inside(and).await, kept);
    let or = Limited::new(5).or::<_, Body, Error>(strip());
    assert_eq!(
        written_inside(or).await,
        kept,
        "whose `redirect` is not called"
    );
}

/// As documented, without extensions no `Metadata` is found after a redirect,
/// not even to the same origin.
#[tokio::test]
async fn layer_inside_with_metadata_in_an_extension_writes_to_the_first_request_only() {
    let all = ZOO_LINES.map(str::to_owned).to_vec();
    let hosts = Hosts::start().await;
    let stack = ServiceBuilder::new()
        .layer(FollowRedirectLayer::new())
        .layer(MetadataHeadersLayer::inject(zoo()))
        .service(client::<Body>(Version::HTTP_11));
    let here = [vec![all, vec![]], vec![]];
    assert_eq!(hosts.walk(&stack, "/here").await, here);
}
