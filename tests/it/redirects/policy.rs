//! `StripMetadata` with tower-http 0.7: the policy for redirects if headers are
//! written outside them.

use http::{Request, Version, request::Parts};
use hyper_util::client::legacy::Error;
use tower::{Layer, Service, ServiceBuilder};
use tower_http::follow_redirect::{
    FollowRedirectLayer,
    policy::{self, And, Limited, Policy, PolicyExt, Standard},
};
use tower_metadata_headers::{
    Metadata, MetadataHeadersLayer, StripMetadata,
    layer::{Inject, MetadataSource},
};

use crate::common::{
    Body, RequestExt, VERSIONS, ZOO_LINES,
    client::{client, send},
    get, lines, metadata,
    redirects::Hosts,
    server::{Upstream, uri},
    zoo,
};

fn strips() -> FollowRedirectLayer<And<StripMetadata, Standard>> {
    let strip = StripMetadata::new(zoo());
    FollowRedirectLayer::with_policy(strip.and::<_, Body, Error>(Standard::default()))
}

#[tokio::test]
async fn headers_written_outside_stay_with_their_origin() {
    for version in VERSIONS {
        let inject = MetadataHeadersLayer::inject(zoo());
        let stack = inject.layer(strips().layer(client(version)));
        let bare = inject.layer(FollowRedirectLayer::new().layer(client(version)));
        let hosts = Hosts::start().await;
        hosts.assert_stay_with_origin(&stack, &bare).await;
    }
}

/// Without the policy, a bare convention inside redirects would write the
/// metadata for every host.
#[tokio::test]
async fn metadata_extension_stays_with_its_origin() {
    let all = ZOO_LINES.map(str::to_owned).to_vec();
    let hosts = Hosts::start().await;
    let keeps = || policy::FilterCredentials::new().keep_all_extensions();
    let inject = MetadataHeadersLayer::inject(zoo());
    let bare = FollowRedirectLayer::with_policy(keeps())
        .layer(inject.layer(client::<Body>(Version::HTTP_11)));
    let leaked = [vec![all.clone()], vec![all.clone()]];
    assert_eq!(hosts.walk(&bare, "/away").await, leaked, "control");

    let policy = StripMetadata::new(zoo()).and::<_, Body, Error>(keeps());
    let stack = FollowRedirectLayer::with_policy(policy)
        .layer(inject.layer(client::<Body>(Version::HTTP_11)));
    let away = [vec![all], vec![vec![]]];
    assert_eq!(hosts.walk(&stack, "/away").await, away);
}

/// A look-alike that a caller has set is removed too. A header that no
/// convention owns stays.
#[tokio::test]
async fn owned_headers_and_look_alikes_stay_with_their_origin() {
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

/// Each hop's URI decides the origin. A host with a trailing dot, in another
/// case or with another port is another origin if there is doubt.
#[tokio::test]
async fn host_with_a_trailing_dot_or_suffix_is_another_origin() {
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

/// Returns a stack that redirects from `/from`, and sends all other requests.
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
async fn policy_without_a_redirect_changes_nothing() {
    let upstream = Upstream::start().await;
    let stack = strips().layer(client::<Body>(Version::HTTP_11));
    let request = get(&upstream.uri("/")).line("x-zoo-session-id", "by hand");
    send(&stack, request).await;
    let lines = lines(&upstream.take_one().headers);
    assert_eq!(lines, ["x-zoo-session-id: by hand"]);
}

/// Extension type of an app, with its metadata.
#[derive(Clone)]
struct Task;

impl From<Task> for Metadata {
    fn from(Task: Task) -> Self {
        metadata()
    }
}

/// Returns the number of requests to the other host that have one of our
/// headers, for each source of metadata: `Metadata`, `Task`, and a closure
/// without an extension.
///
/// A bare convention writes inside these redirects, and all redirects lead to
/// the other host.
async fn leaks<P>(policy: P) -> [usize; 3]
where
    P: Policy<Body, Error> + Clone,
{
    let inject = || MetadataHeadersLayer::inject(zoo());
    let redirects = FollowRedirectLayer::with_policy(policy);
    [
        leaked(&redirects, inject()).await,
        leaked(&redirects, inject().from_extension::<Task>()).await,
        leaked(&redirects, inject().from_parts(|_| metadata())).await,
    ]
}

async fn leaked<P, S>(
    redirects: &FollowRedirectLayer<P>,
    inject: MetadataHeadersLayer<Inject<S>>,
) -> usize
where
    P: Policy<Body, Error> + Clone,
    S: MetadataSource + Clone,
{
    let hosts = Hosts::start().await;
    let stack = redirects.layer(inject.layer(client::<Body>(Version::HTTP_11)));
    // Paths to the other host, and from there to itself.
    for path in ["/away", "/around"] {
        let mut request = get(&hosts.first.uri(path)).metadata(metadata());
        request.extensions_mut().insert(Task);
        send(&stack, request).await;
    }
    let has_ours = |parts: &&Parts| !lines(&parts.headers).is_empty();
    let first = hosts.first.take();
    assert!(
        first.first().is_some_and(|parts| has_ours(&parts)),
        "control: the first host"
    );
    let back = first.iter().filter(|parts| parts.uri.path() == "/end");
    let others = hosts.other.take();
    assert_eq!(others.len(), 2);
    others.iter().filter(has_ours).count() + back.filter(has_ours).count()
}

/// Every combination of the policy, and the controls. Without the policy, all
/// metadata leaks, or all that has no extension.
#[tokio::test]
async fn metadata_of_any_source_stays_in_every_combination_of_policies() {
    let limited = || Limited::new(5);
    assert_eq!(leaks(limited()).await, [3, 3, 3], "control");
    assert_eq!(leaks(Standard::default()).await, [0, 0, 3], "control");

    let strip = || StripMetadata::new(zoo());
    assert_eq!(leaks(strip()).await, [0, 0, 0]);
    let and = limited().and::<_, Body, Error>(strip());
    assert_eq!(leaks(and).await, [0, 0, 0]);
    let and = strip().and::<_, Body, Error>(limited());
    assert_eq!(leaks(and).await, [0, 0, 0]);
    let or = limited().or::<_, Body, Error>(strip());
    assert_eq!(leaks(or).await, [0, 0, 0], "whose `redirect` is not called");
    let or = strip().or::<_, Body, Error>(limited());
    assert_eq!(leaks(or).await, [0, 0, 0]);
    let standard = Standard::default().and::<_, Body, Error>(strip());
    assert_eq!(leaks(standard).await, [0, 0, 0]);
    let standard = Standard::default().or::<_, Body, Error>(strip());
    assert_eq!(leaks(standard).await, [0, 0, 0]);
}

/// As documented, a later policy that drops all extensions also drops this
/// policy's mark.
#[tokio::test]
async fn policy_before_one_that_drops_extensions_covers_metadata_in_extensions() {
    let strip = StripMetadata::new(zoo());
    let policy = strip.and::<_, Body, Error>(Standard::default());
    let [metadata, task, _] = leaks(policy).await;
    assert_eq!([metadata, task], [0, 0]);
}

/// If `FollowRedirect` keeps no extensions, each hop is marked again.
#[tokio::test]
async fn policy_works_if_extensions_are_not_preserved() {
    let limited = Limited::new(5).and::<_, Body, Error>(StripMetadata::new(zoo()));
    let inject = || MetadataHeadersLayer::inject(zoo()).from_parts(|_| metadata());
    let kept = FollowRedirectLayer::with_policy(limited).preserve_extensions(false);
    assert_eq!(leaked(&kept, inject()).await, 0);
    let bare = FollowRedirectLayer::with_policy(Limited::new(5)).preserve_extensions(false);
    assert_eq!(leaked(&bare, inject()).await, 3, "control");
}

/// Headers that a user set by hand for the first origin are not sent to
/// another.
#[tokio::test]
async fn headers_set_by_hand_with_if_not_present_are_not_sent_to_another_origin() {
    let hosts = Hosts::start().await;
    let inject = MetadataHeadersLayer::inject(zoo()).if_not_present();
    // The policy has other headers than the layer writes.
    let policy = StripMetadata::new(tower_metadata_headers::conventions::opencode());
    let stack = FollowRedirectLayer::with_policy(policy)
        .layer(inject.layer(client::<Body>(Version::HTTP_11)));
    let request = get(&hosts.first.uri("/away"))
        .metadata(metadata())
        .line("x-zoo-session-id", "by hand");
    send(&stack, request).await;
    let kept = [
        "x-zoo-project-id: acme/web",
        "x-zoo-session-id: by hand",
        "x-zoo-task-id: task_1",
    ];
    assert_eq!(lines(&hosts.first.take_one().headers), kept);
    assert!(lines(&hosts.other.take_one().headers).is_empty());
}

/// Without the policy, `Destinations` inside redirects decides on each hop.
#[tokio::test]
async fn destinations_inside_redirects_need_no_policy() {
    let hosts = Hosts::start().await;
    let inject = MetadataHeadersLayer::inject(hosts.destinations());
    let stack = FollowRedirectLayer::with_policy(Limited::new(5)).layer(
        inject
            .from_parts(|_| metadata())
            .layer(client::<Body>(Version::HTTP_11)),
    );
    let all = ZOO_LINES.map(str::to_owned).to_vec();
    assert_eq!(
        hosts.walk(&stack, "/around").await,
        [vec![all.clone(), all], vec![vec![]]],
    );
}
