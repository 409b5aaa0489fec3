//! Redirects, retries and failover with the layer inside them, where it knows
//! the host of each attempt, and outside them.

use std::{
    future::{Ready, ready},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use http::{Request, Response, StatusCode, Uri, Version};
use hyper_util::client::legacy::Error;
use tower::{
    Layer, ServiceBuilder,
    retry::{Policy, RetryLayer},
};
use tower_http::follow_redirect::{FollowRedirectLayer, policy};
use tower_metadata_headers::{Destinations, Metadata, MetadataHeadersLayer, conventions};

use crate::common::{
    Body, NONE, RequestExt, VERSIONS, ZOO_LINES,
    client::{client, send},
    get, lines, metadata, over_http,
    redirects::{Hosts, careless},
    server::{Upstream, uri},
    zoo,
};

#[tokio::test]
async fn layer_inside_redirects_writes_to_its_origin_on_each_hop() {
    for version in VERSIONS {
        let hosts = Hosts::start().await;
        let stack = ServiceBuilder::new()
            .layer(FollowRedirectLayer::new())
            .layer(MetadataHeadersLayer::inject(hosts.destinations()))
            .service(client(version));
        assert_eq!(
            hosts.walk(&stack, "/here").await,
            [vec![ZOO_LINES.map(str::to_owned).to_vec(); 2], vec![]],
        );
    }
}

#[tokio::test]
async fn layer_inside_redirects_writes_nothing_to_another_origin() {
    for version in VERSIONS {
        let hosts = Hosts::start().await;
        let zoo_lines = ZOO_LINES.map(str::to_owned).to_vec();
        let inject = MetadataHeadersLayer::inject(hosts.destinations());
        let standard = ServiceBuilder::new()
            .layer(FollowRedirectLayer::new())
            .layer(inject.clone())
            .service(client(version));
        let careless = ServiceBuilder::new()
            .layer(careless())
            .layer(inject)
            .service(client(version));

        let away = [vec![zoo_lines.clone()], vec![vec![]]];
        assert_eq!(hosts.walk(&standard, "/away").await, away);
        assert_eq!(hosts.walk(&careless, "/away").await, away);

        // On the way back, tower-http's policy has already removed the
        // extensions. Without that policy, the destination decides again.
        assert_eq!(
            hosts.walk(&standard, "/around").await,
            [vec![zoo_lines.clone(), vec![]], vec![vec![]]],
        );
        assert_eq!(
            hosts.walk(&careless, "/around").await,
            [vec![zoo_lines.clone(), zoo_lines], vec![vec![]]],
        );
    }
}

#[tokio::test]
async fn convention_for_every_host_follows_a_redirect_only_if_the_policy_allows() {
    let hosts = Hosts::start().await;
    let zoo_lines = ZOO_LINES.map(str::to_owned).to_vec();
    let inject = || MetadataHeadersLayer::inject(zoo());
    let standard = ServiceBuilder::new()
        .layer(FollowRedirectLayer::new())
        .layer(inject())
        .service(client(Version::HTTP_11));
    let careless = ServiceBuilder::new()
        .layer(careless())
        .layer(inject())
        .service(client(Version::HTTP_11));

    // The standard policy removes the extensions between origins.
    assert_eq!(
        hosts.walk(&standard, "/away").await,
        [vec![zoo_lines.clone()], vec![vec![]]],
    );
    // A bare convention is written to every host.
    assert_eq!(
        hosts.walk(&careless, "/away").await,
        [vec![zoo_lines.clone()], vec![zoo_lines]],
    );
}

/// If tower-http's policy keeps the extensions, a redirect between two hosts of
/// the operator is written in the convention of each.
#[tokio::test]
async fn redirect_to_another_destination_is_written_in_its_convention() {
    let hosts = Hosts::start().await;
    let destinations = hosts
        .destinations()
        .host(&hosts.other.authority(), conventions::opencode())
        .unwrap();
    let keeps = policy::FilterCredentials::new().allow_extension::<Metadata>();
    let keeps = policy::PolicyExt::and::<_, Body, Error>(policy::Limited::default(), keeps);
    let stack = ServiceBuilder::new()
        .layer(FollowRedirectLayer::with_policy(keeps))
        .layer(MetadataHeadersLayer::inject(destinations))
        .service(client(Version::HTTP_11));
    let opencode = ["x-opencode-project: acme/web", "x-opencode-session: ses_1"];
    assert_eq!(
        hosts.walk(&stack, "/away").await,
        [
            vec![ZOO_LINES.map(str::to_owned).to_vec()],
            vec![opencode.map(str::to_owned).to_vec()],
        ],
    );
}

/// Control: a layer outside redirects.
#[tokio::test]
async fn layer_outside_redirects_leaks_every_header_whatever_the_destinations() {
    let hosts = Hosts::start().await;
    let zoo_lines = ZOO_LINES.map(str::to_owned).to_vec();
    let leaked = [vec![zoo_lines.clone()], vec![zoo_lines]];
    for destinations in [zoo().into(), hosts.destinations()] {
        let stack = ServiceBuilder::new()
            .layer(MetadataHeadersLayer::inject(destinations))
            .layer(FollowRedirectLayer::new())
            .service(client(Version::HTTP_11));
        // The headers are written once, for the first host, and are then kept
        // like other headers.
        assert_eq!(hosts.walk(&stack, "/away").await, leaked);
    }
}

/// Policy that retries on 503, each time with the next of these hosts.
#[derive(Clone)]
struct TryAgain {
    at: Vec<Uri>,
}

impl TryAgain {
    fn at(next: impl IntoIterator<Item = Uri, IntoIter: DoubleEndedIterator>) -> RetryLayer<Self> {
        let at = next.into_iter().rev().collect();
        RetryLayer::new(Self { at })
    }
}

impl<B, E> Policy<Request<Body>, Response<B>, E> for TryAgain {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        request: &mut Request<Body>,
        result: &mut Result<Response<B>, E>,
    ) -> Option<Ready<()>> {
        let response = result.as_ref().ok()?;
        if response.status() != StatusCode::SERVICE_UNAVAILABLE {
            return None;
        }
        *request.uri_mut() = self.at.pop()?;
        Some(ready(()))
    }

    fn clone_request(&mut self, request: &Request<Body>) -> Option<Request<Body>> {
        Some(request.clone())
    }
}

/// Starts a host that responds with 503 to this number of requests.
async fn busy(times: usize) -> Upstream {
    let answered = Arc::new(AtomicUsize::new(0));
    Upstream::answering(move |_| {
        let mut response = Response::default();
        if answered.fetch_add(1, Ordering::Relaxed) < times {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        response
    })
    .await
}

#[tokio::test]
async fn each_attempt_carries_each_header_on_one_line() {
    for version in VERSIONS {
        for inside in [true, false] {
            let upstream = busy(2).await;
            let again = TryAgain::at([upstream.uri("/"), upstream.uri("/")]);
            let inject = MetadataHeadersLayer::inject(zoo());
            let request = get(&upstream.uri("/"))
                .metadata(metadata())
                .line("x-zoo-session-id", "stale")
                .line("x_zoo_session_id", "smuggled");
            let status = if inside {
                let stack = inject.layer(client::<Body>(version));
                send(&again.layer(stack), request).await.status()
            } else {
                let stack = again.layer(client::<Body>(version));
                send(&inject.layer(stack), request).await.status()
            };
            assert_eq!(status, 200);
            let attempts = upstream.take();
            assert_eq!(attempts.len(), 3);
            for attempt in attempts {
                assert_eq!(lines(&attempt.headers), ZOO_LINES, "inside: {inside}");
            }
        }
    }
}

#[tokio::test]
async fn if_not_present_adds_no_header_on_a_further_attempt() {
    let upstream = busy(2).await;
    let again = TryAgain::at([upstream.uri("/"), upstream.uri("/")]);
    let stack = ServiceBuilder::new()
        .layer(again)
        .layer(MetadataHeadersLayer::inject(zoo()).if_not_present())
        .service(client::<Body>(Version::HTTP_11));
    let request = get(&upstream.uri("/"))
        .metadata(metadata())
        .line("x-zoo-session-id", "ses_1");
    send(&stack, request).await;
    let attempts = upstream.take();
    assert_eq!(attempts.len(), 3);
    for attempt in attempts {
        assert_eq!(lines(&attempt.headers), ZOO_LINES);
    }
}

#[tokio::test]
async fn failover_to_another_host_carries_no_header_of_the_first() {
    for version in VERSIONS {
        let (first, other, third) = (busy(1).await, busy(1).await, busy(0).await);
        let destinations = Destinations::new()
            .host(&first.authority(), zoo())
            .unwrap()
            .host(
                &third.named("third.example"),
                over_http(conventions::opencode()),
            )
            .unwrap();
        let third_uri = uri(&third.named("third.example"), "/");
        let again = TryAgain::at([other.uri("/"), third_uri.clone()]);
        let inject = MetadataHeadersLayer::inject(destinations);
        let request = || get(&first.uri("/")).metadata(metadata());

        let stack = again.layer(inject.layer(client::<Body>(version)));
        assert_eq!(send(&stack, request()).await.status(), 200);
        assert_eq!(lines(&first.take_one().headers), ZOO_LINES);
        assert_eq!(lines(&other.take_one().headers), NONE);
        assert_eq!(
            lines(&third.take_one().headers),
            ["x-opencode-project: acme/web", "x-opencode-session: ses_1"],
        );

        // Outside retries, the layer knows only the first host.
        let (first, other) = (busy(1).await, busy(0).await);
        let destinations = Destinations::new().host(&first.authority(), zoo()).unwrap();
        let stack = ServiceBuilder::new()
            .layer(MetadataHeadersLayer::inject(destinations))
            .layer(TryAgain::at([other.uri("/")]))
            .service(client::<Body>(version));
        send(&stack, get(&first.uri("/")).metadata(metadata())).await;
        assert_eq!(lines(&other.take_one().headers), ZOO_LINES, "control");
    }
}
