//! Invalid conventions, and the texts of their errors.

mod header_names;
mod own_client;
mod owned_headers;

use http::{HeaderMap, HeaderValue};
use tower_metadata_headers::{
    Convention, ConversationId, Destinations, InvalidConvention, Metadata, ProjectId, Reason, Rule,
    SessionId, TaskId, TurnId, ValueLimits, conventions, metadata_field,
};

#[track_caller]
fn says(built: Result<Convention, InvalidConvention>, message: &str) {
    assert_eq!(built.unwrap_err().to_string(), message);
}

fn with_header(name: &'static str) -> Result<Convention, InvalidConvention> {
    Convention::builder("acme")
        .rule(Rule::header::<SessionId>(name))
        .build()
}

fn with_both(first: &'static str, second: &'static str) -> Result<Convention, InvalidConvention> {
    Convention::builder("acme")
        .rule(Rule::header::<SessionId>(first))
        .rule(Rule::header::<TurnId>(second))
        .build()
}

/// If `main` returns an error, Rust prints its `Debug`.
#[test]
fn debug_of_every_error_equals_its_display() {
    #[track_caller]
    fn same(error: impl std::error::Error) {
        let shown = error.to_string();
        assert_eq!(format!("{error:?}"), shown);
        assert_eq!(format!("{error:#?}"), shown);
        assert!(!shown.is_empty() && !shown.ends_with('.'), "{shown}");
    }
    same(Convention::vendor("my_gateway").unwrap_err());
    same(Convention::by_name("zzzzzzzz").unwrap_err());
    same(SessionId::try_from("two words").unwrap_err());
    let invalid_host = Destinations::new().host("https://a.b", conventions::opencode());
    same(invalid_host.unwrap_err());
    #[cfg(feature = "hmac")]
    same(tower_metadata_headers::AffinityKeys::new(b"short").unwrap_err());
}

#[test]
fn vendor_name_is_words_joined_by_hyphens() {
    let words = "must be letters and digits joined by single hyphens";
    for bad in [
        "my_vendor",
        "my vendor",
        "a.b",
        "-a",
        "a-",
        "a--b",
        "é",
        "a\nb",
    ] {
        let shown = bad.escape_debug();
        says(
            Convention::vendor(bad),
            &format!("vendor name `{shown}`: {words}"),
        );
    }
    says(Convention::vendor(""), "vendor name ``: must not be empty");
    let long = "a".repeat(65);
    says(
        Convention::vendor(&long),
        &format!("vendor name `{long}`: must not have more than 64 bytes"),
    );
    assert!(Convention::vendor(&"a".repeat(64)).is_ok());
}

#[test]
fn vendor_name_that_is_reserved_is_an_error() {
    for bad in [
        "forwarded",
        "amz",
        "Client",
        "request",
        "parent",
        "goog-iam",
    ] {
        says(
            Convention::vendor(bad),
            &format!("vendor name `{bad}`: reserved by HTTP or by another protocol"),
        );
    }
}

#[test]
fn vendor_name_is_lowercased() {
    let convention = Convention::vendor("Acme-2").unwrap();
    assert_eq!(convention.name(), "acme-2");
    let names: Vec<&str> = convention.writes().map(|(name, _)| name).collect();
    assert!(names.contains(&"x-acme-2-session-id"));
    assert!(names.contains(&"x-acme-2-parent-session"));
    let sessions = names.iter().filter(|name| name.ends_with("-session-id"));
    assert_eq!(sessions.count(), 1);
}

#[test]
fn header_that_http_needs_is_an_error() {
    let reserved = "reserved by HTTP or by another protocol";
    let unwritten = "reserved: only a rule that never writes may name it";
    for (bad, problem) in [
        ("connection", reserved),
        ("Host", reserved),
        ("Content-Length", reserved),
        ("transfer-encoding", reserved),
        ("proxy-authorization", reserved),
        ("cookie", reserved),
        ("x-forwarded-for", unwritten),
        ("grpc-timeout", unwritten),
        ("trace-bin", unwritten),
    ] {
        let name = bad.to_ascii_lowercase();
        says(with_header(bad), &format!("header `{name}`: {problem}"));
    }
}

#[test]
fn underscore_is_an_error_in_a_written_header_but_not_in_a_read_one() {
    says(
        with_header("acme_session"),
        "header `acme_session`: \
         must be letters and digits joined by single hyphens",
    );
    let read = |name: &'static str| {
        Convention::builder("acme")
            .rule(Rule::read_only::<SessionId>(name))
            .build()
    };
    assert!(read("acme_session").is_ok());
    says(
        read("acme session"),
        "header `acme session`: must be a valid header name",
    );
    says(read(""), "header ``: must not be empty");
}

#[test]
fn two_rules_with_one_header_or_look_alikes_are_an_error() {
    says(
        with_both("acme-id", "Acme-ID"),
        "header `acme-id`: another rule has this header",
    );
    let alike = Convention::builder("acme")
        .rule(Rule::header::<SessionId>("acme-id"))
        .rule(Rule::read_only::<TaskId>("acme_id"))
        .build();
    says(
        alike,
        "header `acme_id`: \
         differs only in separators from another rule's header",
    );
    assert!(with_both("acme-id", "acme-turn").is_ok());
}

#[test]
fn rule_with_a_look_alike_alias_is_valid() {
    let rule = Rule::header::<SessionId>("acme-id")
        .or_else::<ConversationId>()
        .alias("acme_id");
    assert!(Convention::builder("acme").rule(rule).build().is_ok());
}

#[test]
fn owned_prefix_without_a_hyphen_or_reserved_is_an_error() {
    let with_prefix =
        |prefix: &'static str| Convention::builder("acme").owned_prefix(prefix).build();
    assert!(with_prefix("x-acme-").is_ok());
    says(
        with_prefix("x-acme"),
        "header prefix `x-acme`: must end in a hyphen",
    );
    for bad in ["x-", "content-", "x-forwarded-", "sec-fetch-"] {
        says(
            with_prefix(bad),
            &format!("header prefix `{bad}`: reserved by HTTP or by another protocol"),
        );
    }
}

#[test]
fn every_convention_of_the_table_can_be_extended() {
    for convention in conventions::all() {
        let again = convention.to_builder().build().unwrap();
        assert_eq!(again.name(), convention.name());
        assert_eq!(
            Convention::by_name(convention.name()).map(|found| found.name().to_owned()),
            Ok(convention.name().to_owned()),
        );
        assert!(convention.provenance().is_some(), "{}", convention.name());
    }
}

#[test]
fn by_name_of_a_vendors_other_name_finds_its_convention() {
    for (alias, name) in [
        ("xai", "grok"),
        ("vertexai", "vertex"),
        ("azure", "azure-openai"),
        ("workers-ai", "session-affinity"),
        ("kilocode", "kilo-code"),
        ("github-copilot", "copilot"),
        ("open-router", "openrouter"),
    ] {
        let found = Convention::by_name(alias).unwrap();
        assert_eq!(found.name(), name, "{alias}");
    }
    #[cfg(feature = "json")]
    for (alias, name) in [
        ("cloudflare", "cloudflare-ai-gateway"),
        ("aws-bedrock", "bedrock"),
    ] {
        let found = Convention::by_name(alias).unwrap();
        assert_eq!(found.name(), name, "{alias}");
    }
}

#[test]
fn by_name_of_another_vendor_suggests_nothing() {
    for other in ["groq", "gemini", "cohere", "together", "anthropic"] {
        let error = Convention::by_name(other).unwrap_err();
        assert_eq!(error.suggestion(), None, "{other}");
        assert_eq!(
            error.to_string(),
            format!("no convention is named `{other}`")
        );
    }
    let error = Convention::by_name("openruter").unwrap_err();
    assert_eq!(error.suggestion(), Some("openrouter"), "control");
}

#[cfg(feature = "json")]
#[test]
fn members_of_one_object_with_one_name_are_an_error() {
    let object = |first: &'static str, second: &'static str| {
        Convention::builder("acme")
            .rule(Rule::member::<SessionId>("acme-metadata", first))
            .rule(Rule::member::<TurnId>("acme-metadata", second))
            .build()
    };
    assert!(object("session", "turn").is_ok());
    says(
        object("session", "session"),
        "header `acme-metadata`: another rule has this header",
    );
    says(object("session", ""), "member name ``: must not be empty");
    says(
        Convention::builder("acme")
            .rule(Rule::header::<SessionId>("acme-metadata"))
            .rule(Rule::member::<TurnId>("acme-metadata", "turn"))
            .build(),
        "header `acme-metadata`: another rule has this header",
    );
}

metadata_field! {
    /// The workspace, in this file.
    struct Workspace("workspace-id"): Correlation;
}

metadata_field! {
    /// A key. Under some prefixes, its header would be a credential.
    struct Key("key"): Correlation;
}

#[test]
fn field_of_the_users_own_does_not_take_the_header_of_another() {
    let zoo = Convention::builder("zoo")
        .rule(Rule::header::<ProjectId>("x-zoo-workspace-id"))
        .other_fields_prefix("x-zoo-")
        .build()
        .unwrap();
    let metadata = Metadata::new()
        .with(ProjectId::try_from("project").unwrap())
        .with(Workspace::try_from("workspace").unwrap());
    let mut headers = HeaderMap::new();
    let written = zoo.write(&metadata, &mut headers);
    assert_eq!(headers["x-zoo-workspace-id"], "project");
    assert!(written.contains::<ProjectId>() && !written.contains::<Workspace>());
    let faults = written.faults();
    let fault = faults.iter().next().unwrap();
    assert_eq!(fault.reason(), Reason::Unsupported);
    assert_eq!(fault.field().unwrap().name(), "workspace-id");
}

#[test]
fn field_with_a_rule_is_written_to_its_header_alone() {
    let zoo = |rule| {
        Convention::builder("zoo")
            .rule(rule)
            .other_fields_prefix("x-zoo-")
            .build()
    };
    let metadata = Metadata::new().with(Workspace::try_from("workspace").unwrap());
    let written = |rule| {
        let mut headers = HeaderMap::new();
        zoo(rule).unwrap().write(&metadata, &mut headers);
        let names = headers.keys().map(ToString::to_string);
        names.collect::<Vec<_>>()
    };
    let other = Rule::header::<ProjectId>("zoo-project");
    assert_eq!(written(other), ["x-zoo-workspace-id"], "control");
    let own = Rule::header::<Workspace>("zoo-workspace");
    assert_eq!(written(own), ["zoo-workspace"]);
}

#[test]
fn owned_prefix_with_a_credential_header_is_an_error() {
    let key = Metadata::new().with(Key::try_from("k").unwrap());
    let acme = Convention::vendor("acme").unwrap();
    assert!(
        acme.write(&key, &mut HeaderMap::new()).contains::<Key>(),
        "control"
    );
    assert!(Convention::vendor("api").is_err());
    assert!(
        Convention::builder("api")
            .other_fields_prefix("x-api-")
            .build()
            .is_err()
    );
}

#[test]
fn header_or_look_alike_set_before_is_kept_by_write_if_not_present() {
    let metadata = Metadata::new().with(SessionId::try_from("ours").unwrap());
    for name in ["session-id", "session_id", "session.id"] {
        let mut headers = HeaderMap::new();
        headers
            .try_append(name, HeaderValue::from_static("users"))
            .unwrap();
        let codex = conventions::codex();
        let written = codex.write_if_not_present(&metadata, &mut headers);
        assert!(!written.contains::<SessionId>(), "{name}");
        assert_eq!(headers.len(), 1, "{name}");
        assert_eq!(headers[name], "users");
    }
}

#[test]
fn convention_of_the_operator_counts_before_the_others() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("x-claude-code-session-id", "claude"),
        ("acme-session", "acme"),
    ] {
        headers
            .try_append(name, HeaderValue::from_static(value))
            .unwrap();
    }
    let acme = Convention::builder("acme")
        .rule(Rule::header::<SessionId>("acme-session"))
        .build()
        .unwrap();
    let session = |extractor: tower_metadata_headers::ConventionSet| {
        let session = extractor.read(&headers).metadata.get::<SessionId>();
        session.unwrap().to_string()
    };
    assert_eq!(session(conventions::clients()), "claude", "control");
    assert_eq!(session(conventions::clients().prefer(acme)), "acme");
}

#[test]
fn header_may_be_read_by_one_rule_and_written_by_another() {
    let title = |read, written| Convention::builder("acme").rule(read).rule(written).build();
    let read = || Rule::read_only::<ProjectId>("x-acme-title").alias("x-title");
    let acme = title(read(), Rule::write_only::<Workspace>("x-acme-title")).unwrap();

    let metadata = Metadata::new()
        .with(ProjectId::try_from("project").unwrap())
        .with(Workspace::try_from("workspace").unwrap());
    let mut headers = HeaderMap::new();
    headers
        .try_insert("x-title", HeaderValue::from_static("stale"))
        .unwrap();
    acme.write(&metadata, &mut headers);
    assert_eq!(headers.len(), 1);
    assert_eq!(headers["x-acme-title"], "workspace");
    let extractor = tower_metadata_headers::ConventionSet::from(acme);
    let read_back = extractor.read_trusted(&headers).metadata;
    assert_eq!(read_back.get::<ProjectId>().unwrap().as_str(), "workspace");
    assert!(!read_back.contains::<Workspace>());

    let shared = |header: &str| {
        let problem = "another rule has this header";
        format!("header `{header}`: {problem}")
    };
    for written in [
        Rule::header::<Workspace>("x-acme-title"),
        Rule::read_only::<Workspace>("x-acme-title"),
    ] {
        says(title(read(), written), &shared("x-acme-title"));
    }
    // A look-alike is a different name, so the rule that reads it is not the
    // rule that writes.
    let alike = Rule::read_only::<ProjectId>("x_acme_title");
    assert!(title(alike, Rule::write_only::<Workspace>("x-acme-title")).is_err());
}

#[test]
fn limits_that_accept_no_value_are_an_error() {
    let with = |limits: ValueLimits| {
        let rule = Rule::header::<SessionId>("acme-session").limits(limits);
        Convention::builder("acme").rule(rule).build()
    };
    let nothing = "header `acme-session`: \
                   limits accept no value";
    says(with(ValueLimits::new().max_len(0)), nothing);
    says(with(ValueLimits::new().min_len(9).max_len(8)), nothing);
    assert!(with(ValueLimits::new().min_len(8).max_len(8)).is_ok());
    assert!(with(ValueLimits::new().max_len(1)).is_ok());
}

#[cfg(feature = "json")]
#[test]
fn limits_of_properties_that_accept_no_value_are_an_error() {
    let with = |limits| {
        let builder = Convention::builder("acme");
        builder
            .properties_in_object("acme-metadata", limits)
            .build()
    };
    says(
        with(ValueLimits::new().max_len(0)),
        "header `acme-metadata`: limits accept no value",
    );
    assert!(with(ValueLimits::new().max_len(1)).is_ok());
}

#[cfg(feature = "json")]
#[test]
fn object_without_room_for_a_member_is_an_error() {
    let with = |most| {
        let rule = Rule::member::<SessionId>("acme-metadata", "session");
        Convention::builder("acme")
            .rule(rule)
            .max_members(most)
            .build()
    };
    says(
        with(0),
        "convention `acme`: must allow at least 1 member in an object",
    );
    assert!(with(1).is_ok());
}

#[test]
fn header_of_two_rules_is_an_error_unless_the_earlier_reads_some_requests_only() {
    let plain = || Rule::read_only::<SessionId>("x-acme-id");
    let beside = || Rule::read_only::<TurnId>("x-acme-id").only_with("x-acme-sub");
    let agents = || Rule::read_only::<TaskId>("x-acme-id").for_user_agents(["acme-cli/"]);
    let acme = |rules: [Rule; 2]| {
        let [first, second] = rules;
        Convention::builder("acme").rule(first).rule(second).build()
    };
    let repeated = "header `x-acme-id`: another rule has this header";
    for rules in [
        [plain(), plain()],
        [plain(), beside()],
        [plain(), agents()],
        [beside(), beside()],
        [agents(), agents()],
        [
            Rule::header::<TurnId>("x-acme-id").only_with("x-acme-sub"),
            Rule::header::<SessionId>("x-acme-id"),
        ],
    ] {
        says(acme(rules), repeated);
    }
    for rules in [
        [beside(), plain()],
        [agents(), plain()],
        [agents(), beside()],
        [beside(), Rule::header::<SessionId>("x-acme-id")],
    ] {
        assert!(acme(rules).is_ok());
    }
    says(
        Convention::builder("acme")
            .rule(plain().only_with("x acme"))
            .build(),
        "header `x acme`: must be a valid header name",
    );
}
