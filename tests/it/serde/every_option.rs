//! The example file with every option.

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header::USER_AGENT};
use tower_metadata_headers::{
    AgentId, Convention, ConversationId, Destinations, HostPolicy, Metadata, Mode, OrganizationId,
    Precedence, ProjectId, Properties, RequestLimits, SessionId, Target, TaskId, TraceId, TurnId,
    UserId, serde::Configuration,
};

use super::configuration;

const FILE: &str = include_str!("../../../examples/metadata.toml");

fn own(name: &str) -> Convention {
    let configuration = configuration(FILE);
    let mut own = configuration.conventions().iter();
    own.find(|own| own.name() == name).unwrap().clone()
}

fn headers<const N: usize>(lines: [(&'static str, &'static str); N]) -> HeaderMap {
    let lines = lines.into_iter().map(|(name, value)| {
        let name = HeaderName::from_static(name);
        (name, HeaderValue::from_static(value))
    });
    lines.collect()
}

#[test]
fn file_has_every_option() {
    // Every option of a full document, as far as it can be written, is in the file.
    let written = serde_json::to_value(configuration(FILE)).unwrap();
    assert!(written.is_object());
    for option in [
        "read",
        "insert",
        "limits",
        "max_headers",
        "max_bytes",
        "max_value_bytes",
        "conventions",
        "name",
        "vendor",
        "extends",
        "without",
        "rules",
        "field",
        "property",
        "header",
        "member",
        "encoding",
        "direction",
        "aliases",
        "prefer_writing",
        "or_else",
        "for_user_agents",
        "only_with",
        "min_len",
        "max_len",
        "charset",
        "skip_outside_limits",
        "identity",
        "asserts_identity",
        "low_precedence",
        "after_vendors",
        "owned_prefixes",
        "owned_headers",
        "pass_on",
        "other_fields",
        "prefix",
        "object",
        "properties",
        "max_members",
        "client",
        "user_agents",
        "hosts",
        "precedence",
        "vendor_session_ids",
        "destinations",
        "known_providers",
        "proxies",
        "fallback",
        "host",
        "convention",
        "http",
        "pseudonyms",
        "providers",
    ] {
        let is_there = FILE.match_indices(option).any(|(at, _)| {
            let end = &FILE[at + option.len()..];
            end.trim_start().starts_with('=') || end.starts_with([']', '.'])
        });
        assert!(is_there, "{option}");
    }
}

#[test]
fn rules_of_the_file_write() {
    let metadata = Metadata::new()
        .with(ConversationId::try_from("c-1").unwrap())
        .with(TurnId::try_from("t-1").unwrap())
        .with(Mode::try_from("plan").unwrap())
        .with(TaskId::try_from("job-1").unwrap())
        .with(UserId::try_from("ada").unwrap())
        .with(ProjectId::try_from("web").unwrap())
        .with(OrganizationId::try_from("acme").unwrap())
        .with(Properties::new([("team", "search")]).unwrap());
    let mut sent = HeaderMap::new();
    let report = own("acme-agent").write(&metadata, &mut sent);
    assert!(report.faults().is_empty(), "{}", report.faults());
    assert_eq!(
        sent,
        headers([
            ("acme-conversation", "c-1"),
            ("acme-call", "t-1"),
            ("acme-mode", "plan"),
            ("acme-job", "job-1"),
            ("x-forwarded-user", "ada"),
            ("baggage", "acme.project=web"),
            ("acme-billing", r#"{"organization":"acme"}"#),
            ("acme-properties", r#"{"team":"search"}"#),
            ("x-acme-agent-conversation-id", "c-1"),
            ("x-acme-agent-turn-id", "t-1"),
        ])
    );
}

#[test]
fn rules_of_the_file_read() {
    let sent = headers([
        ("acme-conversation", "s-1"),
        ("acme_call", "r-1"),
        ("agent", "5d1c7a6e-3f2b-4a89-9c0d-1e2f3a4b5c6d"),
        ("acme-job", "job-1"),
        (
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ),
        ("acme-old-thing", "ignored"),
        ("acme-cost-center", "4711"),
        (USER_AGENT.as_str(), "acme-agent/2"),
    ]);
    let convention = own("acme-agent");
    let metadata = convention.read(&sent).metadata;
    assert_eq!(metadata.get::<SessionId>().unwrap().as_str(), "s-1");
    assert!(metadata.contains::<AgentId>() && metadata.contains::<TraceId>());
    assert!(!metadata.contains::<TaskId>());
    let trusted = convention.read_trusted(&sent).metadata;
    assert!(trusted.contains::<TaskId>());
    let properties = trusted.get::<Properties>().unwrap();
    assert!(properties.iter().eq([("cost-center", "4711")]));
    let mut left = sent;
    convention.remove_from(&mut left);
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn set_of_the_file_reads_in_its_order() {
    let configuration = configuration(FILE);
    let read = configuration.read().unwrap();
    let names: Vec<_> = read.conventions().map(Convention::name).collect();
    let at = |name| names.iter().position(|known| *known == name).unwrap();
    assert_eq!(names[0], "acme-agent");
    assert!(at("litellm") < at("acme-batch") && at("acme-batch") < at("w3c"));
    assert_eq!(own("acme-batch").precedence(), Some(Precedence::Proxy));
    assert!(own("acme-batch").reads_any_vendor());
    assert_eq!(*read, read.clone().request_limits(RequestLimits::new()));
}

#[test]
fn extended_convention_has_the_changes() {
    let litellm = own("acme-litellm");
    let written = |name| litellm.writes().any(|(header, _)| header == name);
    assert!(written("x-litellm-session-id"));
    assert!(!written("x-litellm-customer-id"));
    let session = litellm
        .rules()
        .find(|rule| rule.headers().eq(["x-litellm-session-id"]));
    assert_eq!(
        session.unwrap().value_limits().to_string(),
        "at most 128 bytes"
    );
    assert!(
        litellm
            .hosts()
            .eq(["litellm.acme.example", "*.litellm.acme.example"])
    );
}

#[test]
fn destinations_of_the_file_write() {
    let destinations = configuration(FILE).destinations().clone();
    let destinations = destinations.pseudonym_secret(&[7; 32]).unwrap();
    let metadata = Metadata::new()
        .with(SessionId::try_from("session-1").unwrap())
        .with(UserId::try_from("ada").unwrap());
    let sent = |uri: &'static str| {
        let mut sent = HeaderMap::new();
        destinations.write(&Uri::from_static(uri), &metadata, &mut sent);
        sent
    };
    let llm = [
        ("x-acme-session-id", "session-1"),
        ("x-acme-user-id", "ada"),
    ];
    assert_eq!(sent("https://llm.acme.example/v1"), headers(llm));
    assert!(sent("http://llm.acme.example/v1").is_empty());
    assert_eq!(
        sent("http://agents.internal:8080/")["x-forwarded-user"],
        "ada"
    );

    let openrouter = sent("https://openrouter.ai/api/v1");
    assert_eq!(openrouter["x-session-id"], "session-1");
    let litellm = headers([("x-litellm-session-id", "session-1")]);
    assert_eq!(sent("https://eu.litellm.acme.example/"), litellm);
    assert_eq!(
        sent("https://opencode.ai/zen")["x-opencode-session"],
        "session-1"
    );
    assert_eq!(
        sent("https://elsewhere.example/"),
        headers([("baggage", "session.id=session-1")])
    );

    let mut named = HeaderMap::new();
    let proxy = Uri::from_static("http://localhost:4000/");
    let batch = Target::behind_proxy(&proxy, "batch");
    destinations.write(batch, &metadata, &mut named);
    assert_eq!(named["x-litellm-session-id"], "session-1");
}

#[test]
fn pseudonyms_of_the_file_are_withheld_until_their_secret_is_set() {
    let user = |destinations: &Destinations| {
        let metadata = Metadata::new().with(UserId::try_from("ada").unwrap());
        let mut sent = HeaderMap::new();
        let uri = Uri::from_static("https://ai.example/");
        destinations.write(&uri, &metadata, &mut sent);
        sent.remove("helicone-user-id")
    };
    let text = r#"
        hosts = [{ host = "ai.example", convention = "helicone", identity = { pseudonyms = "ai" } }]
    "#;
    let destinations: Destinations = toml::from_str(text).unwrap();
    assert_eq!(user(&destinations), None);
    assert!(destinations.clone().pseudonym_secret(b"short").is_err());
    let replaced = destinations.pseudonym_secret(&[7; 32]).unwrap();
    assert_eq!(user(&replaced).unwrap().len(), 64);

    // Control: the same host with the default, `send`.
    let sends = text.replace(r#"{ pseudonyms = "ai" }"#, r#""send""#);
    assert_eq!(user(&toml::from_str(&sends).unwrap()).unwrap(), "ada");
}

#[test]
fn policies_of_the_file_are_listed() {
    let configuration: Configuration = configuration(FILE);
    let destinations = configuration.destinations();
    let mut hosts = destinations
        .hosts()
        .map(|(host, policy)| (host, policy.name()));
    assert_eq!(hosts.next(), Some(("llm.acme.example", "acme")));
    assert_eq!(hosts.next(), Some(("agents.internal:8080", "acme-agent")));
    assert_eq!(
        destinations.fallback_policy().map(HostPolicy::name),
        Some("w3c")
    );
}
