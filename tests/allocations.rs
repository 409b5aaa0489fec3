//! Allocations of the layers.
//!
//! The counting allocator is global, so these tests are in a separate process.
//! It counts per thread, so the tests can run in parallel.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

mod common;

use std::{
    convert::Infallible,
    future::{Ready, ready},
    hint::black_box,
};

use allocation_counter::measure;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use tower::{Layer, Service, service_fn};
use tower_metadata_headers::{
    Convention, ConventionSet, Destinations, Metadata, MetadataHeadersLayer, Rule, SessionId,
    conventions,
};

use crate::common::{RequestExt, append, lines, metadata, session, zoo};

type Answer = Ready<Result<Request<()>, Infallible>>;

/// Returns a service that responds with the request.
fn echo()
-> impl Service<Request<()>, Response = Request<()>, Error = Infallible, Future = Answer> + Clone {
    service_fn(|request| ready(Ok(request)))
}

/// Returns a request as clients make it, with a dozen headers and room for
/// more.
fn request() -> Request<()> {
    let mut request = Request::post("https://api.example.com/v1/chat")
        .body(())
        .unwrap();
    let mut headers = HeaderMap::with_capacity(24);
    for (name, value) in [
        ("accept", "text/event-stream"),
        ("accept-encoding", "gzip"),
        ("authorization", "Bearer key"),
        ("content-type", "application/json"),
        ("user-agent", "agent/1.0"),
        ("x-stainless-arch", "arm64"),
        ("x-stainless-lang", "js"),
        ("x-stainless-os", "Linux"),
        ("x-stainless-retry-count", "0"),
        ("x-stainless-runtime", "node"),
        ("x-stainless-timeout", "600"),
        ("x-app", "cli"),
    ] {
        append(&mut headers, name, value);
    }
    *request.headers_mut() = headers;
    request
}

/// Returns the number of allocations of a warm service for such a request.
fn allocations<S>(mut service: S, request: impl Fn() -> Request<()>) -> u64
where
    S: Service<Request<()>, Future = Answer>,
{
    let warm = service.call(request());
    drop(warm);
    let request = request();
    let mut answer = None;
    let counted = measure(|| answer = Some(service.call(request)));
    drop(answer);
    counted.count_total
}

#[test]
fn counter_counts_one_box_as_one() {
    assert_eq!(measure(|| drop(black_box(Box::new(1)))).count_total, 1);
    assert_eq!(allocations(echo(), request), 0);
}

fn conventions_and_destinations() -> [(&'static str, Destinations); 4] {
    let host = Destinations::new()
        .host("other.example.com", conventions::opencode())
        .unwrap()
        .host("*.example.com", conventions::openrouter())
        .unwrap();
    [
        ("zoo", zoo().into()),
        ("kilo-code", conventions::kilo_code().into()),
        ("litellm", conventions::litellm().into()),
        ("by host", host),
    ]
}

#[test]
fn write_of_existing_metadata_allocates_nothing() {
    let metadata = metadata();
    for (name, destinations) in conventions_and_destinations() {
        let service = MetadataHeadersLayer::inject(destinations).layer(echo());
        let written = || request().metadata(metadata.clone());

        let mut one = service.clone();
        let answer = one.call(written()).into_inner().unwrap();
        assert!(answer.headers().len() > request().headers().len(), "{name}");

        assert_eq!(allocations(service, written), 0, "{name}");
    }
}

/// The bytes of a value become shared on the first clone. That allocates once
/// for each value, and not again on a retry or for the next request.
#[test]
fn first_write_of_a_new_value_allocates_only_to_share_it() {
    let service = MetadataHeadersLayer::inject(zoo()).layer(echo());
    assert_eq!(allocations(service, || request().metadata(metadata())), 3);

    let value = HeaderValue::from_str("ses_1").unwrap();
    assert_eq!(measure(|| drop(black_box(value.clone()))).count_total, 1);
    assert_eq!(measure(|| drop(black_box(value.clone()))).count_total, 0);
}

#[test]
fn write_to_a_map_without_capacity_allocates_only_the_capacity() {
    let metadata = metadata();
    let by_hand = ["x-zoo-session-id", "x-zoo-task-id", "x-zoo-project-id"];
    let by_hand = by_hand.map(HeaderName::from_static);
    let by_hand = service_fn(move |mut request: Request<()>| {
        for name in &by_hand {
            let value = HeaderValue::from_static("value");
            request.headers_mut().try_insert(name, value).unwrap();
        }
        ready(Ok::<_, Infallible>(request))
    });
    let empty = || Request::new(()).metadata(metadata.clone());
    let service = MetadataHeadersLayer::inject(zoo()).layer(echo());
    let room = allocations(by_hand, empty);
    println!("room for three headers: {room} allocations");
    assert_eq!(allocations(service, empty), room);
}

#[test]
fn write_without_metadata_allocates_nothing() {
    for (name, destinations) in conventions_and_destinations() {
        let service = MetadataHeadersLayer::inject(destinations).layer(echo());
        assert_eq!(allocations(service.clone(), request), 0, "{name}");
        let empty = || request().metadata(Metadata::new());
        assert_eq!(allocations(service, empty), 0, "{name}: empty metadata");
    }
}

#[test]
fn service_clones_allocate_nothing() {
    let inject = MetadataHeadersLayer::inject(zoo()).layer(echo());
    let extract = MetadataHeadersLayer::extract(conventions::clients())
        .trust_identity_when(|_| true)
        .require::<tower_metadata_headers::SessionId>();
    let reject = extract.clone().reject_with(|_| http::Response::new(()));
    let (extract, reject) = (extract.layer(echo()), reject.layer(echo()));

    assert_eq!(measure(|| drop(black_box(inject.clone()))).count_total, 0);
    assert_eq!(measure(|| drop(black_box(extract.clone()))).count_total, 0);
    assert_eq!(measure(|| drop(black_box(reject.clone()))).count_total, 0);
}

#[test]
fn destinations_after_a_first_write_allocate_nothing() {
    let metadata = metadata();
    let uri = http::Uri::from_static("https://api.example.com/v1/chat");
    let other = http::Uri::from_static("https://evil.example/v1/chat");
    for (name, destinations) in conventions_and_destinations() {
        let clone = destinations.clone();
        let write = |uri| {
            let (mut parts, ()) = request().into_parts();
            let counted = measure(|| drop(clone.write(uri, &metadata, &mut parts.headers)));
            counted.count_total
        };
        write(&uri);
        assert_eq!((write(&uri), write(&other)), (0, 0), "{name}");
        // The clone has prepared both destinations.
        let mut headers = request().into_parts().0.headers;
        let counted = measure(|| destinations.remove_from(&mut headers));
        assert_eq!(counted.count_total, 0, "{name}");
        assert_eq!(measure(|| drop(black_box(clone.clone()))).count_total, 0);
    }
}

#[test]
fn metadata_and_convention_clones_allocate_nothing() {
    let (metadata, convention): (Metadata, Convention) = (metadata(), zoo());
    // Initialized once, on the first call.
    drop(conventions::clients());
    assert_eq!(measure(|| drop(black_box(metadata.clone()))).count_total, 0);
    assert_eq!(
        measure(|| drop(black_box(convention.clone()))).count_total,
        0
    );
    assert_eq!(
        measure(|| drop(black_box(conventions::clients()))).count_total,
        0,
    );
}

/// The cost is an empty `Metadata` in the extensions. It is zero if the request
/// already has one.
#[test]
fn read_without_metadata_headers_allocates_only_the_extension() {
    let service = MetadataHeadersLayer::extract(conventions::clients()).layer(echo());
    let by_hand = service_fn(|request: Request<()>| {
        ready(Ok::<_, Infallible>(request.metadata(Metadata::new())))
    });
    let extension = allocations(by_hand, request);
    println!("reading nothing: {extension} allocations, all of the extension");
    assert_eq!(allocations(service.clone(), request), extension);

    let known = || request().metadata(session("known"));
    assert_eq!(allocations(service.clone(), known), 0);

    let stripping = MetadataHeadersLayer::extract(conventions::clients()).strip();
    assert_eq!(allocations(stripping.layer(echo()), known), 0);
}

/// This limit is not documented. The test shows a change of it.
#[test]
fn read_of_one_session_allocates_at_most_8_times() {
    let service = MetadataHeadersLayer::extract(conventions::clients()).layer(echo());
    let claude_code = || request().line("x-claude-code-session-id", "ses_1");
    let mut one = service.clone();
    let answer = one.call(claude_code()).into_inner().unwrap();
    assert!(lines(answer.headers()).contains(&"x-claude-code-session-id: ses_1".into()));

    let count = allocations(service, claude_code);
    println!("reading one session: {count} allocations");
    assert!(count <= 8, "{count}");
}

#[test]
fn dropped_conventions_free_their_memory() {
    let metadata = metadata();
    let build = |vendor: u32| {
        let vendor = Convention::vendor(&format!("vendor-{vendor}")).unwrap();
        let built = vendor
            .to_builder()
            .rule(Rule::read_only::<SessionId>(format!(
                "x-{}-conversation",
                vendor.name()
            )));
        let destinations = Destinations::from(built.build().unwrap());
        let mut headers = HeaderMap::new();
        let uri = http::Uri::from_static("https://a.example/");
        let written = destinations.write(&uri, &metadata, &mut headers);
        assert!(written.faults().is_empty());
        let extractor = ConventionSet::from(vendor);
        assert_eq!(extractor.read(&headers).metadata.len(), 2);
    };
    // Initializes everything that is made once in a program.
    build(0);
    let counted = measure(|| (1..200).for_each(build));
    assert!(counted.bytes_total > 1_000_000, "{}", counted.bytes_total);
    assert_eq!(counted.bytes_current, 0);
}
