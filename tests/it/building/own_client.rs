//! Conventions of an operator's own clients, which name their `User-Agent`, hosts and
//! precedence as built-in ones do.

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header::USER_AGENT};
use tower_metadata_headers::{
    ClientName, ClientVersion, Convention, Destinations, HostPolicy, InvalidConventionKind,
    InvalidHostKind, Precedence, Rule, SessionId, TaskId, conventions,
};

use super::says;

fn session(name: &'static str) -> Convention {
    Convention::builder("acme")
        .rule(Rule::header::<SessionId>(name))
        .build()
        .unwrap()
}

fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
    let lines = lines.iter().map(|&(name, value)| {
        let name = HeaderName::from_static(name);
        (name, HeaderValue::from_static(value))
    });
    lines.collect()
}

#[test]
fn client_of_an_own_convention_is_named_by_its_user_agent() {
    let sent = headers(&[(USER_AGENT.as_str(), "Acme-CLI/3.1 (linux)")]);
    let own = session("x-chat")
        .to_builder()
        .client(String::from("acme"), [String::from("acme-cli/")])
        .build()
        .unwrap();
    let metadata = conventions::clients().insert(own).read(&sent).metadata;
    assert_eq!(metadata.get::<ClientName>().unwrap(), "acme");
    assert_eq!(metadata.get::<ClientVersion>().unwrap(), "3.1");

    // Control: without the convention the client is unknown.
    assert!(conventions::clients().read(&sent).metadata.is_empty());
}

#[test]
fn own_rule_for_user_agents_made_at_run_time_reads_only_from_them() {
    let agents: Vec<String> = vec!["acme-cli/".to_owned()];
    let own = Convention::builder("acme")
        .rule(Rule::read_only::<SessionId>("session").for_user_agents(agents))
        .build()
        .unwrap();
    let read = |agent| {
        let sent = headers(&[("session", "s-1"), (USER_AGENT.as_str(), agent)]);
        own.read(&sent).metadata.contains::<SessionId>()
    };
    assert!(read("acme-cli/1"));
    assert!(!read("curl/8"));
}

#[test]
fn inserted_convention_reads_at_its_precedence() {
    let sent = headers(&[
        ("x-chat", "own"),
        ("x-kilo-session", "named"),
        ("x-session-affinity", "many"),
    ]);
    let without_kilo = headers(&[("x-chat", "own"), ("x-session-affinity", "many")]);
    for (sent, precedence, read) in [
        // `OwnNames` has several conventions, and the inserted one comes after them.
        (&sent, Precedence::OwnNames, "named"),
        (&without_kilo, Precedence::FewClients, "own"),
        (&without_kilo, Precedence::Proxy, "many"),
    ] {
        let own = session("x-chat").to_builder().precedence(precedence);
        let set = conventions::clients().insert(own.build().unwrap());
        let metadata = set.read(sent).metadata;
        assert_eq!(metadata.get::<SessionId>().unwrap().as_str(), read);
    }
}

#[test]
fn hosts_of_a_convention_are_added_or_an_error() {
    let own = |host: &'static str| {
        let builder = session("x-chat").to_builder().hosts([host]);
        Destinations::new().hosts_of(HostPolicy::new(builder.build().unwrap()).allow_http())
    };
    let destinations = own("llm.internal:4000").unwrap();
    let policy = destinations.policy_for(&Uri::from_static("http://llm.internal:4000/v1"));
    assert_eq!(policy.map(HostPolicy::name), Some("acme"));
    let error = own("https://llm.internal").unwrap_err();
    assert_eq!(error.kind(), InvalidHostKind::NotOnlyHost);
}

#[test]
fn replaced_rule_keeps_its_position() {
    let own = session("x-chat")
        .to_builder()
        .rule(Rule::header::<TaskId>("x-task"))
        .replace_rule(Rule::read_only::<SessionId>("X-Chat").alias("x-old-chat"))
        .replace_rule(Rule::header::<ClientName>("x-client"))
        .build()
        .unwrap();
    let read: Vec<_> = own.reads().map(|(name, _)| name).collect();
    assert_eq!(read, ["x-chat", "x-old-chat", "x-task", "x-client"]);
    let written: Vec<_> = own.writes().map(|(name, _)| name).collect();
    assert_eq!(written, ["x-task", "x-client"]);
}

#[test]
fn conventions_are_equal_by_what_they_do() {
    assert_eq!(session("x-chat"), session("X-Chat"));
    assert_ne!(session("x-chat"), session("x-talk"));
    let built_in = conventions::kilo_code();
    assert_eq!(built_in.to_builder().build().unwrap(), built_in);
    let fork = built_in.to_builder().retain_rules(Rule::is_written);
    assert_ne!(fork.build().unwrap(), built_in);
    assert_eq!(
        conventions::clients(),
        conventions::clients().conventions().cloned().collect()
    );
}

#[test]
fn invalid_client_is_an_error() {
    let with = |name, agent: &'static str| session("x-chat").to_builder().client(name, [agent]);
    says(
        with("", "acme/").build(),
        "client name ``: must be 1 to 256 bytes without control characters",
    );
    says(
        with("acme", "ac/").build(),
        "prefix of `User-Agent` `ac/`: must have at least 4 bytes",
    );
    says(
        with("acme", "acmé/1").build(),
        "prefix of `User-Agent` `acmé/1`: must be visible ASCII and spaces",
    );
    let rule = Rule::read_only::<SessionId>("x").for_user_agents([""]);
    let error = Convention::builder("acme").rule(rule).build().unwrap_err();
    assert_eq!(error.kind(), InvalidConventionKind::TooShort { limit: 1 });
}

#[test]
fn long_text_is_truncated_in_an_error() {
    let long = "é".repeat(1_000_000);
    let error = Convention::vendor(&long).unwrap_err();
    assert_eq!(error.kind(), InvalidConventionKind::TooLong { limit: 64 });
    assert!(error.to_string().len() < 300, "{error}");
    let error = Destinations::new()
        .host(&long, session("x-chat"))
        .unwrap_err();
    assert_eq!(error.kind(), InvalidHostKind::Name);
    assert!(error.to_string().len() < 300, "{error}");
}
