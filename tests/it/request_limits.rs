//! Request limits: the amount of metadata that is read from a request and
//! written to one.

use axum::Router;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use tower::Layer;
use tower_metadata_headers::{
    AgentId, Convention, ConventionSet, Extracted, Fault, Id, Metadata, MetadataHeadersLayer,
    Reason, Rejection, RequestLimits, SessionId, TaskId, conventions,
};

use crate::common::{
    Body, NONE, RequestExt, VERSIONS, append,
    client::{client, send, text},
    get, lines, metadata,
    server::Server,
    zoo,
};

fn limits(headers: usize, bytes: usize, value: usize) -> RequestLimits {
    let limits = RequestLimits::new().max_headers(headers);
    limits.max_bytes(bytes).max_value_bytes(value)
}

/// Returns two headers with 40 bytes in total. Their values have 8 and 6 bytes.
fn two() -> HeaderMap {
    let mut headers = HeaderMap::new();
    append(&mut headers, "x-zoo-session", "12345678");
    append(&mut headers, "x-zoo-task-id", "123456");
    headers
}

fn reader(limits: RequestLimits) -> ConventionSet {
    use tower_metadata_headers::Rule;
    let convention = Convention::builder("zoo")
        .rule(Rule::header::<SessionId>("x-zoo-session"))
        .rule(Rule::header::<TaskId>("x-zoo-task-id"));
    ConventionSet::from(convention.build().unwrap()).request_limits(limits)
}

/// Returns the names of the fields that were read, and the faults.
fn fields_and_faults(extracted: &Extracted) -> (Vec<&str>, Vec<(Option<&str>, Reason)>) {
    let fields = extracted.metadata.iter().map(|(key, _)| key.name());
    let fault = |fault: &Fault| {
        (
            fault.field().map(tower_metadata_headers::FieldKey::name),
            fault.reason(),
        )
    };
    (
        fields.collect(),
        extracted.faults.iter().map(fault).collect(),
    )
}

#[test]
fn request_at_its_limits_is_read_and_one_beyond_is_not() {
    let both = (vec!["session-id", "task-id"], vec![]);
    let none = |reason| (vec![], vec![(None, reason)]);
    for (headers, bytes, expected) in [
        (3, 41, both.clone()),
        (2, 40, both),
        (1, 40, none(Reason::TooManyHeaders { limit: 1 })),
        (2, 39, none(Reason::TooManyBytes { limit: 39 })),
        (2, 1, none(Reason::TooManyBytes { limit: 1 })),
    ] {
        let extracted = reader(limits(headers, bytes, 8)).read(&two());
        assert_eq!(fields_and_faults(&extracted), expected, "{headers} {bytes}");
    }
}

#[test]
fn value_beyond_its_limit_is_a_fault_of_its_field_alone() {
    let extracted = reader(limits(2, 40, 8)).read(&two());
    assert_eq!(fields_and_faults(&extracted).1, []);
    let extracted = reader(limits(2, 40, 7)).read(&two());
    let too_long = (Some("session-id"), Reason::TooLong { limit: 7 });
    assert_eq!(
        fields_and_faults(&extracted),
        (vec!["task-id"], vec![too_long])
    );
}

#[test]
fn headers_without_a_field_do_not_count() {
    let mut headers = two();
    for number in 0..500 {
        append(&mut headers, &format!("x-other-{number}"), "value");
    }
    append(&mut headers, "baggage", vec![b'a'; 8000]);
    append(&mut headers, "x-request-id", "r-1");
    let session = Metadata::new().with(SessionId::try_from("12345678").unwrap());
    let extractor = ConventionSet::new([zoo(), conventions::w3c(), conventions::any_vendor()]);
    let mut ours = HeaderMap::new();
    append(&mut ours, "x-zoo-session-id", "12345678");
    headers.extend(ours);
    headers.remove("x-zoo-session");
    headers.remove("x-zoo-task-id");
    let extracted = extractor.request_limits(limits(1, 24, 8)).read(&headers);
    assert_eq!(extracted.metadata.get(), session.get::<SessionId>());
    assert_eq!(fields_and_faults(&extracted).1, []);
}

#[test]
fn repeated_header_counts_once_and_a_further_convention_keeps_the_limits() {
    let mut headers = two();
    for _ in 0..1000 {
        append(&mut headers, "x-zoo-task-id", "123456");
    }
    let extractor = reader(limits(2, 40, 8)).prefer(conventions::opencode());
    let extracted = extractor.read(&headers);
    let repeated = (Some("task-id"), Reason::Repeated);
    assert_eq!(
        fields_and_faults(&extracted),
        (vec!["session-id"], vec![repeated])
    );
    append(&mut headers, "x-opencode-session", "s");
    let extracted = extractor.read(&headers);
    let over = (None, Reason::TooManyHeaders { limit: 2 });
    assert_eq!(fields_and_faults(&extracted), (vec![], vec![over]));
}

/// Responds with the number of headers that remain, the number of fields, and
/// the faults.
async fn summary(request: axum::extract::Request) -> String {
    let (parts, _) = request.into_parts();
    let metadata = parts.extensions.get::<Metadata>().unwrap();
    let faults = parts.extensions.get::<tower_metadata_headers::Faults>();
    let faults = faults.map_or_else(String::new, ToString::to_string);
    format!(
        "{} {} {faults}",
        lines(&parts.headers).len(),
        metadata.len()
    )
}

#[tokio::test]
async fn default_limit_over_the_wire_is_32_headers() {
    let gateway = Router::new().fallback(summary);
    let extract = MetadataHeadersLayer::extract(conventions::clients());
    let reject = extract.clone().reject_with(|rejection: Rejection| {
        let mut response = axum::response::Response::new(rejection.code().into());
        *response.status_mut() = rejection.status();
        response
    });
    let lenient = Server::start(gateway.clone().layer(extract.clone())).await;
    let strips = Server::start(gateway.clone().layer(extract.strip())).await;
    let strict = Server::start(gateway.layer(reject)).await;
    let with = |server: &Server, count: usize| {
        (0..count).fold(get(&server.uri("/")), |request, number| {
            request.line(&format!("x-v{number}-session-id"), "ses_1")
        })
    };
    for version in VERSIONS {
        let client = client::<Body>(version);
        let answer = send(&client, with(&lenient, 32)).await;
        assert_eq!(text(&answer), "32 2 ");
        let answer = send(&client, with(&lenient, 33)).await;
        assert_eq!(
            text(&answer),
            "33 0 metadata: more than 32 metadata headers"
        );
        let answer = send(&client, with(&strips, 33)).await;
        assert_eq!(text(&answer), "0 0 metadata: more than 32 metadata headers");

        let answer = send(&client, with(&strict, 32)).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let answer = send(&client, with(&strict, 33)).await;
        assert_eq!(answer.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        assert_eq!(text(&answer), "too_many_headers");
    }
}

#[test]
fn headers_beyond_the_limits_are_still_hidden_in_debug() {
    let extractor = reader(limits(1, 40, 8)).prefer(conventions::kilo_code());
    let service =
        MetadataHeadersLayer::extract(extractor).layer(tower::service_fn(|request: Request<()>| {
            std::future::ready(Ok::<_, std::convert::Infallible>(request))
        }));
    let mut request = Request::new(()).line("x-kilocode-organizationid", "canary");
    request.headers_mut().extend(two());
    let mut service = service;
    let request = tower::Service::call(&mut service, request)
        .into_inner()
        .unwrap();
    assert_eq!(
        request.extensions().get::<Metadata>(),
        Some(&Metadata::new())
    );
    let value = request.headers().get("x-kilocode-organizationid").unwrap();
    assert!(value.is_sensitive());
}

/// Returns the fields that are written within the limits, and the faults.
fn written(limits: RequestLimits) -> (Vec<String>, Vec<(Option<&'static str>, Reason)>) {
    let zoo = zoo().to_builder().request_limits(limits).build().unwrap();
    let metadata = Metadata::new()
        .with(SessionId::try_from("12345").unwrap())
        .with(TaskId::try_from("1234567").unwrap())
        .with(AgentId::try_from("123").unwrap());
    let mut headers = HeaderMap::new();
    append(&mut headers, "x-zoo-session-id", "stale");
    let faults = zoo.write(&metadata, &mut headers).faults();
    let fault = |fault: &Fault| {
        (
            fault.field().map(tower_metadata_headers::FieldKey::name),
            fault.reason(),
        )
    };
    (lines(&headers), faults.iter().map(fault).collect())
}

#[test]
fn write_stops_at_its_limits_and_truncates_nothing() {
    let session = "x-zoo-session-id: 12345".to_owned();
    let task = "x-zoo-task-id: 1234567".to_owned();
    let agent = "x-zoo-agent-id: 123".to_owned();
    let every = vec![agent.clone(), session.clone(), task.clone()];
    assert_eq!(written(limits(3, 58, 7)), (every, vec![]));

    let over = Reason::TooManyHeaders { limit: 2 };
    let two = vec![session.clone(), task.clone()];
    assert_eq!(
        written(limits(2, 58, 7)),
        (two.clone(), vec![(Some("agent-id"), over)])
    );

    let over = Reason::TooManyBytes { limit: 57 };
    assert_eq!(
        written(limits(3, 57, 7)),
        (two, vec![(Some("agent-id"), over)])
    );

    let over = Reason::TooLong { limit: 6 };
    let two = vec![agent, session];
    assert_eq!(
        written(limits(3, 58, 6)),
        (two, vec![(Some("task-id"), over)])
    );
}

#[test]
fn stale_header_is_removed_if_the_limits_are_zero() {
    let tiny = zoo()
        .to_builder()
        .request_limits(limits(1, 1, 1))
        .build()
        .unwrap();
    let metadata = Metadata::new().with(SessionId::from(Id::from_static("ses_1")));
    let mut headers = HeaderMap::new();
    append(&mut headers, "x-zoo-session-id", "stale");
    append(&mut headers, "x-zoo-task-id", "stale");
    let written = tiny.write(&metadata, &mut headers);
    assert!(!written.contains::<SessionId>());
    assert_eq!(lines(&headers), NONE);
}

#[test]
fn header_that_is_kept_does_not_count_against_the_limits() {
    let one = zoo()
        .to_builder()
        .request_limits(limits(1, 100, 100))
        .build()
        .unwrap();
    let metadata = metadata();
    let mut headers = HeaderMap::new();
    append(&mut headers, "x-zoo-session-id", "by hand");
    let written = one.write_if_not_present(&metadata, &mut headers);
    let reasons: Vec<_> = written.faults().iter().map(Fault::reason).collect();
    let over = Reason::TooManyHeaders { limit: 1 };
    assert_eq!(reasons, [Reason::AlreadySet, over]);
    let by_hand = Some(&HeaderValue::from_static("by hand"));
    assert_eq!(headers.get("x-zoo-session-id"), by_hand);
    assert!(headers.contains_key("x-zoo-task-id"));
}

#[cfg(feature = "json")]
#[test]
fn object_stays_below_the_limit_of_a_value() {
    use tower_metadata_headers::Rule;
    let bag = |most| {
        let limits = RequestLimits::new().max_value_bytes(most);
        let bag = Convention::builder("bag")
            .rule(Rule::member::<SessionId>("x-bag", "s"))
            .rule(Rule::member::<TaskId>("x-bag", "t"))
            .request_limits(limits)
            .build()
            .unwrap();
        (ConventionSet::from(bag.clone()).request_limits(limits), bag)
    };
    let metadata = Metadata::new()
        .with(SessionId::try_from("1").unwrap())
        .with(TaskId::try_from("2").unwrap());
    let (extractor, convention) = bag(17);
    let mut headers = HeaderMap::new();
    assert!(
        convention
            .write(&metadata, &mut headers)
            .faults()
            .is_empty()
    );
    assert_eq!(lines(&headers), [r#"x-bag: {\"s\":\"1\",\"t\":\"2\"}"#]);
    assert_eq!(extractor.read(&headers).metadata, metadata);

    let (extractor, convention) = bag(16);
    let too_long = Reason::TooLong { limit: 16 };
    assert_eq!(
        fields_and_faults(&extractor.read(&headers)),
        (vec![], vec![(None, too_long)])
    );
    let faults = convention.write(&metadata, &mut headers).faults();
    let faults: Vec<_> = faults
        .iter()
        .map(|fault| (fault.field().unwrap().name(), fault.reason()))
        .collect();
    assert_eq!(faults, [("task-id", too_long)]);
    assert_eq!(lines(&headers), [r#"x-bag: {\"s\":\"1\"}"#]);
}
