use http::{HeaderMap, Version};
use tower_metadata_headers::{
    Destinations, HostPolicy, Metadata, Reason, SessionId, Target, UserId, conventions,
};

use crate::common::{
    client::{client, send},
    get,
    server::Upstream,
};

fn metadata() -> Metadata {
    Metadata::new()
        .with(SessionId::try_from("ses_01J5Z8").unwrap())
        .with(UserId::try_from("ada@example.com").unwrap())
}

fn destinations() -> Destinations {
    Destinations::new()
        .provider("openrouter", conventions::openrouter())
        .provider(
            "helicone",
            HostPolicy::new(conventions::helicone()).without_identity(),
        )
        .provider("mine", conventions::litellm())
        .provider("mine", conventions::opencode())
}

fn written(target: &str) -> (Vec<String>, Vec<Reason>) {
    let (metadata, mut headers) = (metadata(), HeaderMap::new());
    let report = destinations().write(Target::provider(target), &metadata, &mut headers);
    let reasons = report
        .faults()
        .iter()
        .map(tower_metadata_headers::Fault::reason)
        .collect();
    let mut names: Vec<String> = headers.keys().map(ToString::to_string).collect();
    names.sort();
    (names, reasons)
}

#[test]
fn provider_gets_the_headers_of_its_convention_and_policy() {
    let (names, reasons) = written("openrouter");
    assert_eq!(names, ["x-session-id"]);
    assert_eq!(reasons, [Reason::Unsupported]);

    let (names, reasons) = written("helicone");
    assert_eq!(names, ["helicone-session-id"]);
    assert_eq!(reasons, [Reason::Withheld]);
}

#[test]
fn first_of_two_providers_of_one_name_counts() {
    let (names, _) = written("mine");
    assert_eq!(names, ["x-litellm-customer-id", "x-litellm-session-id"]);
}

#[test]
fn unknown_provider_gets_nothing_and_stale_headers_are_removed() {
    for name in ["unknown", "OpenRouter", ""] {
        let (metadata, mut headers) = (metadata(), HeaderMap::new());
        destinations().write(Target::provider("helicone"), &metadata, &mut headers);
        assert!(!headers.is_empty(), "control");
        let report = destinations().write(Target::provider(name), &metadata, &mut headers);
        assert!(headers.is_empty(), "{name}");
        let faults = report.faults();
        assert_eq!(faults.len(), 2, "{name}");
        let unknown = Reason::UnknownDestination;
        assert!(faults.iter().all(|fault| fault.reason() == unknown));
    }
}

#[test]
fn known_providers_are_found_by_their_names_and_aliases() {
    let destinations = Destinations::new().with_known_providers();
    for (name, header) in [
        ("grok", "x-grok-conv-id"),
        ("xai", "x-grok-conv-id"),
        ("vertexai", "x-vertex-ai-session-id"),
        ("llmgateway", "x-session-id"),
    ] {
        let (metadata, mut headers) = (metadata(), HeaderMap::new());
        let report = destinations.write(Target::provider(name), &metadata, &mut headers);
        assert!(headers.contains_key(header), "{name}");
        // As for their hosts, no identity is sent.
        assert!(!report.contains::<UserId>(), "{name}");
    }
    // A client's convention is not a provider's.
    let (metadata, mut headers) = (metadata(), HeaderMap::new());
    destinations.write(Target::provider("claude-code"), &metadata, &mut headers);
    assert!(headers.is_empty());
}

/// One proxy with one host, in front of two providers.
#[tokio::test]
async fn requests_through_one_proxy_have_the_headers_of_their_provider() {
    let proxy = Upstream::start().await;
    let metadata = metadata();
    let destinations = destinations();
    for (provider, header) in [
        ("openrouter", "x-session-id"),
        ("mine", "x-litellm-session-id"),
    ] {
        let mut request = get(&proxy.uri("/v1"));
        destinations.write(Target::provider(provider), &metadata, request.headers_mut());
        send(&client(Version::HTTP_11), request).await;
        let parts = proxy.take_one();
        assert_eq!(parts.headers[header], "ses_01J5Z8", "{provider}");
    }
}
