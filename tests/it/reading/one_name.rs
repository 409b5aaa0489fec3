//! Header names that several conventions have.

use std::convert::Infallible;

use http::{HeaderMap, HeaderValue, Request, Response};
use tower::{Layer, ServiceExt, service_fn};
use tower_metadata_headers::{
    Convention, ConventionSet, Fault, FieldKey, Metadata, MetadataHeadersLayer, Reason, Rule,
    SessionId, TaskId, UserId, ValueLimits, conventions,
};

const NAME: &str = "acme-id";

fn convention(name: &'static str, rule: Rule) -> Convention {
    Convention::builder(name).rule(rule).build().unwrap()
}

/// Returns a reader of two conventions: a session of at least eight bytes, then
/// a task of at least six bytes.
fn by_length() -> ConventionSet {
    let session = Rule::header::<SessionId>(NAME).limits(ValueLimits::new().min_len(8));
    let task = Rule::header::<TaskId>(NAME).limits(ValueLimits::new().min_len(6));
    ConventionSet::new([convention("long", session), convention("short", task)])
}

fn sent(value: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(NAME.parse().unwrap(), HeaderValue::from_static(value))])
}

fn field_and_reason(fault: &Fault) -> (Option<FieldKey>, Reason) {
    (fault.field(), fault.reason())
}

#[test]
fn first_convention_that_accepts_a_value_reads_it() {
    for (value, metadata) in [
        (
            "12345678",
            Metadata::new().with(SessionId::try_from("12345678").unwrap()),
        ),
        (
            "1234567",
            Metadata::new().with(TaskId::try_from("1234567").unwrap()),
        ),
    ] {
        let extracted = by_length().read(&sent(value));
        assert_eq!(extracted.metadata, metadata, "{value}");
        assert!(extracted.faults.is_empty(), "{value}");
    }
}

#[test]
fn value_that_no_convention_accepts_is_a_fault_of_the_first() {
    let extracted = by_length().read(&sent("12345"));
    assert!(extracted.metadata.is_empty());
    let faults: Vec<_> = extracted.faults.iter().map(field_and_reason).collect();
    let session = FieldKey::of::<SessionId>();
    assert_eq!(faults, [(Some(session), Reason::TooShort { limit: 8 })]);
}

#[test]
fn invalid_value_in_a_convention_without_limits_is_read_by_no_other() {
    let session = convention("first", Rule::header::<SessionId>(NAME));
    let task = convention("second", Rule::header::<TaskId>(NAME));
    let extracted = ConventionSet::new([session, task]).read(&sent("a,b"));
    assert!(extracted.metadata.is_empty());
    let faults: Vec<_> = extracted.faults.iter().map(field_and_reason).collect();
    let session = FieldKey::of::<SessionId>();
    assert_eq!(
        faults,
        [(Some(session), Reason::InvalidCharacter { at: 1 })]
    );
}

/// Returns true if the value is hidden in the `Debug` of a request that was
/// read.
async fn is_hidden(extractor: ConventionSet) -> bool {
    let show = async |request: Request<()>| {
        Ok::<_, Infallible>(Response::new(format!("{:?}", request.headers())))
    };
    let gateway = MetadataHeadersLayer::extract(extractor).layer(service_fn(show));
    let mut request = Request::new(());
    *request.headers_mut() = sent("canary-5f3a");
    let response = gateway.oneshot(request).await.unwrap();
    !response.body().contains("canary-5f3a")
}

/// The sender's convention decides which field the header has. The header is
/// hidden if it is identity in either convention.
#[tokio::test]
async fn header_that_is_identity_in_one_convention_is_hidden_in_debug() {
    let session = || {
        convention(
            "agent",
            Rule::header::<SessionId>(NAME).for_user_agents(["agent/"]),
        )
    };
    let user = || convention("people", Rule::header::<UserId>(NAME));
    assert!(!is_hidden(ConventionSet::new([session()])).await, "control");
    assert!(is_hidden(ConventionSet::new([user()])).await);
    assert!(is_hidden(ConventionSet::new([session(), user()])).await);

    let user = || {
        convention(
            "people",
            Rule::header::<UserId>(NAME).for_user_agents(["agent/"]),
        )
    };
    let session = || convention("agent", Rule::header::<SessionId>(NAME));
    assert!(is_hidden(ConventionSet::new([user(), session()])).await);
}

/// Each header has a different rank. With equal ranks, the vendor's header and
/// the rule's header would be a conflict.
#[test]
fn header_of_a_rule_counts_before_any_vendors_header() {
    let acme = convention("acme", Rule::header::<SessionId>("acme-session"));
    let mut headers = HeaderMap::new();
    for (name, value) in [("x-other-session-id", "theirs"), ("acme-session", "ours")] {
        let value = HeaderValue::from_static(value);
        headers.try_append(name, value).unwrap();
    }
    let session = |extractor: ConventionSet| {
        let session = extractor.read(&headers).metadata.get::<SessionId>();
        session.map(|session| session.to_string())
    };
    let any = ConventionSet::from(conventions::any_vendor());
    assert_eq!(session(any.clone()).as_deref(), Some("theirs"), "control");
    assert_eq!(session(any.prefer(acme)).as_deref(), Some("ours"));
}
