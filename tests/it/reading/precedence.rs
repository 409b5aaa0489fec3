//! Precedence of headers: across fields, beside invalid headers, and in any
//! order of headers.

use http::{HeaderMap, HeaderName, HeaderValue};
use tower_metadata_headers::{
    ClientName, Convention, ConventionSet, Extracted, Mode, ProjectId, Reason, Rule, SessionId,
    Tags, TaskId, UserId, ValueLimits, conventions,
};

fn headers<N: AsRef<str>>(lines: impl IntoIterator<Item = (N, &'static str)>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name: HeaderName = name.as_ref().parse().unwrap();
        let value = HeaderValue::from_static(value);
        headers.try_append(name, value).unwrap();
    }
    headers
}

fn session(extracted: &Extracted) -> Option<String> {
    extracted.metadata.session().map(|id| id.to_string())
}

fn reasons(extracted: &Extracted) -> Vec<Reason> {
    let faults = extracted.faults.iter();
    faults.map(tower_metadata_headers::Fault::reason).collect()
}

/// Each client's own header for the conversation is read beside one that anyone
/// may send.
#[test]
fn session_follows_the_order_of_clients_across_the_three_fields() {
    let own = [
        "x-openwebui-chat-id",
        "x-kilocode-taskid",
        "x-amp-thread-id",
        "x-roo-task-id",
        "x-grok-conv-id",
        "x-mux-workspace-id",
        "x-coder-chat-id",
        "x-task-id",
    ];
    let generic = [
        ("x-session-id", "generic"),
        ("x-session-affinity", "generic"),
        ("x-unheard-of-session-id", "generic"),
        ("x-litellm-session-id", "generic"),
        ("baggage", "session.id=generic"),
    ];
    let clients = conventions::clients();
    for own in own {
        for (name, value) in generic {
            let alone = clients.read(&headers([(name, value)]));
            assert_eq!(
                session(&alone).as_deref(),
                Some("generic"),
                "control: {name}"
            );

            for lines in [[(own, "own"), (name, value)], [(name, value), (own, "own")]] {
                let both = clients.read(&headers(lines));
                assert_eq!(session(&both).as_deref(), Some("own"), "{lines:?}");
                assert_eq!(reasons(&both), [Reason::Conflict], "{lines:?}");
                let fault = both.faults.iter().next().unwrap();
                assert_eq!(fault.header_name().unwrap(), own);
                assert_eq!(fault.other_header_name().unwrap(), name);
            }
        }
        let agree = [(own, "generic"), ("x-session-id", "generic")];
        let agree = clients.read(&headers(agree));
        assert!(agree.faults.is_empty(), "{own}: {}", agree.faults);
        let invalid = [(own, "two words"), ("x-session-id", "generic")];
        assert_eq!(session(&clients.read(&headers(invalid))), None, "{own}");
    }
}

#[test]
fn session_and_task_of_one_client_are_both_read() {
    let lines = [("x-kilo-session", "s-1"), ("x-kilocode-taskid", "t-1")];
    let extracted = conventions::clients().read(&headers(lines));
    assert_eq!(
        extracted.metadata.get::<SessionId>().unwrap().as_str(),
        "s-1"
    );
    assert_eq!(extracted.metadata.get::<TaskId>().unwrap().as_str(), "t-1");
    assert!(extracted.faults.is_empty());
}

/// Bifrost ignores a session that is too long.
#[test]
fn value_outside_a_targets_limits_excludes_headers_of_lower_precedence() {
    let long: &'static str = "s".repeat(256).leak();
    let reader = ConventionSet::new([conventions::bifrost(), conventions::session_affinity()]);
    let weaker = ("x-session-id", "weaker");
    let alone = reader.read(&headers([weaker]));
    assert_eq!(session(&alone).as_deref(), Some("weaker"), "control");

    let extracted = reader.read(&headers([("x-bf-session-id", long), weaker]));
    assert_eq!(session(&extracted), None);
    assert_eq!(reasons(&extracted), [Reason::TooLong { limit: 255 }]);
}

#[test]
fn rule_that_skips_invalid_values_leaves_the_field_to_the_next_header() {
    let limits = ValueLimits::new().max_len(3);
    let first = Rule::header::<SessionId>("acme-session").limits(limits);
    let second = Rule::header::<SessionId>("acme-thread");
    let lines = headers([("acme-session", "longer"), ("acme-thread", "t-1")]);
    for (rule, expected) in [
        (first.clone(), None),
        (first.skip_outside_limits(), Some("t-1")),
    ] {
        let acme = Convention::builder("acme").rule(rule).rule(second.clone());
        let acme = acme.build().unwrap();
        let extracted = ConventionSet::from(acme).read(&lines);
        assert_eq!(session(&extracted).as_deref(), expected);
        assert_eq!(reasons(&extracted), [Reason::TooLong { limit: 3 }]);
    }
}

#[test]
fn vendor_with_names_of_its_own_is_read_by_its_session_header() {
    let clients = conventions::clients();
    let litellm = ConventionSet::from(conventions::litellm());
    let together = clients.prefer(conventions::litellm());
    for vendor in [
        "codex",
        "cursor",
        "kilo",
        "kilo-code",
        "kilocode",
        "opencode",
        "roo",
        "roo-code",
        "zoo-code",
        "factory",
        "amp",
        "mux",
        "coder",
        "openwebui",
        "pochi",
        "unheard-of",
    ] {
        let lines = headers([(format!("x-{vendor}-session-id"), "ses-12345678")]);
        for reader in [&clients, &litellm, &together] {
            let extracted = reader.read(&lines);
            assert_eq!(
                session(&extracted).as_deref(),
                Some("ses-12345678"),
                "{vendor}"
            );
            assert!(
                extracted.faults.is_empty(),
                "{vendor}: {}",
                extracted.faults
            );
        }
        // A value that LiteLLM's limits reject is read by other conventions.
        let lines = headers([(format!("x-{vendor}-session-id"), "short")]);
        assert_eq!(session(&litellm.read(&lines)), None, "control");
        assert_eq!(
            session(&together.read(&lines)).as_deref(),
            Some("short"),
            "{vendor}"
        );
    }
}

#[test]
fn analytics_session_is_never_the_conversation() {
    let clients = conventions::clients();
    for vendor in [
        "posthog",
        "datadog",
        "sentry",
        "amplitude",
        "segment",
        "mixpanel",
        "fullstory",
        "logrocket",
    ] {
        let name = format!("x-{vendor}-session-id");
        let alone = clients.read(&headers([(name.as_str(), "visit-12345678")]));
        assert!(
            alone.metadata.is_empty() && alone.faults.is_empty(),
            "{vendor}"
        );
        let lines = [(name.as_str(), "visit-12345678"), ("x-session-id", "s-1")];
        let both = clients.read(&headers(lines));
        assert_eq!(session(&both).as_deref(), Some("s-1"), "{vendor}");
        assert!(both.faults.is_empty(), "{vendor}");
    }
}

#[test]
fn header_of_an_unknown_vendor_ranks_below_shared_names_unless_the_agent_has_its_name() {
    let clients = conventions::clients();
    let lines = [("x-acme-session-id", "acme"), ("x-session-id", "shared")];
    let unknown = clients.read(&headers(lines));
    assert_eq!(session(&unknown).as_deref(), Some("shared"));
    assert_eq!(reasons(&unknown), [Reason::Conflict]);

    let agent = [("user-agent", "Acme-CLI/1.0")].into_iter().chain(lines);
    let named = clients.read(&headers(agent));
    assert_eq!(session(&named).as_deref(), Some("acme"));

    let listed = clients.prefer(Convention::vendor("acme").unwrap());
    assert_eq!(
        session(&listed.read(&headers(lines))).as_deref(),
        Some("acme")
    );
}

#[test]
fn invalid_tags_and_client_name_are_not_replaced_by_lower_precedence() {
    let tags = |header| Rule::header::<Tags>(header);
    let own = Convention::builder("own").rule(tags("own-tags"));
    let shared = Convention::builder("shared").rule(tags("shared-tags"));
    let reader = ConventionSet::new([own.build().unwrap(), shared.build().unwrap()]);
    let weaker = ("shared-tags", "weak");
    let alone = reader.read_trusted(&headers([weaker]));
    assert!(alone.metadata.contains::<Tags>(), "control");
    for invalid in ["a,,b", ",a", "a,", ","] {
        let extracted = reader.read_trusted(&headers([("own-tags", invalid), weaker]));
        assert_eq!(extracted.metadata.get::<Tags>(), None, "{invalid}");
        assert_eq!(extracted.faults.len(), 1, "{invalid}");
    }

    let name = Rule::header::<ClientName>("acme-client");
    let acme = Convention::builder("acme").rule(name).build().unwrap();
    let reader = conventions::clients().prefer(acme);
    let agent = ("user-agent", "claude-cli/2.1.273 (external, cli)");
    let alone = reader.read(&headers([agent]));
    assert!(alone.metadata.contains::<ClientName>(), "control");
    for lines in [
        vec![agent, ("acme-client", "a"), ("acme-client", "b")],
        vec![agent, ("acme-client", "%")],
        vec![agent, ("acme-client", "a"), ("connection", "acme-client")],
    ] {
        let extracted = reader.read(&headers(lines.clone()));
        assert_eq!(extracted.metadata.get::<ClientName>(), None, "{lines:?}");
        assert_eq!(extracted.faults.len(), 1, "{lines:?}");
    }
}

#[test]
fn write_only_rule_does_not_stop_another_convention_from_reading() {
    let writes = Convention::builder("writes").rule(Rule::write_only::<Mode>("acme-id"));
    let reads = Convention::builder("reads").rule(Rule::header::<SessionId>("acme-id"));
    let (writes, reads) = (writes.build().unwrap(), reads.build().unwrap());
    let lines = headers([("acme-id", "s-1")]);
    for order in [[writes.clone(), reads.clone()], [reads, writes]] {
        let extracted = ConventionSet::new(order).read(&lines);
        assert_eq!(session(&extracted).as_deref(), Some("s-1"));
    }
}

#[test]
fn connection_invalidates_a_header_at_its_own_precedence() {
    let lines = [
        ("connection", "session-id"),
        ("session-id", "theirs"),
        ("x-pochi-session-id", "pochi"),
    ];
    let clients = conventions::clients();
    let extracted = clients.read(&headers(lines));
    assert_eq!(session(&extracted).as_deref(), Some("pochi"));
    assert_eq!(reasons(&extracted), [Reason::Nominated]);

    // In a request of Codex, this header has a higher precedence than a
    // vendor's.
    let codex = [("user-agent", "codex_cli_rs/0.131.0")]
        .into_iter()
        .chain(lines);
    assert_eq!(session(&clients.read(&headers(codex))), None);
}

/// Every form of a header of identity, without look-alikes of owned prefixes.
#[test]
fn untrusted_identity_is_reported_as_untrusted_valid_or_not() {
    let acme = Convention::builder("acme")
        .rule(Rule::header::<ProjectId>("acme-project").limits(ValueLimits::new().max_len(8)))
        .rule(Rule::baggage::<UserId>("acme.user"))
        .build()
        .unwrap();
    let reader = ConventionSet::from(acme);
    let long: &'static str = "p".repeat(5_000).leak();
    for (lines, trusted) in [
        (vec![("acme-project", "web")], None),
        (vec![("acme-project", "")], Some(Reason::Empty)),
        (
            vec![("acme-project", "two w")],
            Some(Reason::InvalidCharacter { at: 3 }),
        ),
        (
            vec![("acme-project", "longer-than-8")],
            Some(Reason::TooLong { limit: 8 }),
        ),
        (
            vec![("acme-project", long)],
            Some(Reason::TooLong { limit: 4096 }),
        ),
        (
            vec![("acme-project", "a"), ("acme-project", "a")],
            Some(Reason::Repeated),
        ),
        (vec![("acme_project", "web")], Some(Reason::LookAlike)),
        (
            vec![("acme-project", "web"), ("connection", "acme-project")],
            Some(Reason::Nominated),
        ),
        (vec![("baggage", "acme.user=ada")], None),
        (
            vec![("baggage", "acme.user=%")],
            Some(Reason::InvalidEscape { at: 0 }),
        ),
        (
            vec![("baggage", "acme.user=ada,acme.user=bob")],
            Some(Reason::RepeatedMember),
        ),
        (
            vec![("baggage", "acme%2Euser=ada")],
            Some(Reason::LookAlike),
        ),
        (
            vec![("baggage", "acme.user=ada"), ("connection", "baggage")],
            Some(Reason::Nominated),
        ),
    ] {
        let lines = headers(lines);
        let control = reader.read_trusted(&lines);
        assert_eq!(
            reasons(&control),
            Vec::from_iter(trusted),
            "control: {lines:?}"
        );
        let extracted = reader.read(&lines);
        assert_eq!(reasons(&extracted), [Reason::Untrusted], "{lines:?}");
        assert!(extracted.metadata.is_empty());
    }
}

#[test]
fn baggage_that_is_too_long_or_nominated_excludes_headers_of_lower_precedence() {
    let baggage = Convention::builder("acme").rule(Rule::baggage::<SessionId>("acme.session"));
    let reader = ConventionSet::new([baggage.build().unwrap(), conventions::session_affinity()]);
    let weaker = ("x-session-id", "weaker");
    let member = "acme.session=s-1";
    let many: &'static str = format!("{member}{}", ",k=v".repeat(64)).leak();
    let long: &'static str = format!("{member},k={}", "v".repeat(8_192)).leak();
    let alone = reader.read(&headers([weaker]));
    assert_eq!(session(&alone).as_deref(), Some("weaker"), "control");
    for lines in [
        vec![("baggage", many), weaker],
        vec![("baggage", long), weaker],
        vec![("baggage", member), ("connection", "baggage"), weaker],
        vec![("baggage", member), ("baggage", member), weaker],
    ] {
        let extracted = reader.read(&headers(lines));
        assert_eq!(session(&extracted), None);
        assert_eq!(extracted.faults.len(), 1, "{}", extracted.faults);
    }
}

/// If a header is removed, `HeaderMap` moves its last header to that position.
#[test]
fn headers_in_another_order_give_the_same_metadata() {
    let all = [
        ("x-b-session-id", "same"),
        ("x-a-session-id", "same"),
        ("x-c-session-id", "same"),
        ("x-litellm-session-id", "other"),
        ("x-request-id", "r-1"),
        ("authorization", "-"),
    ];
    let clients = conventions::clients();
    let expected = clients.read(&headers(all));
    let client = expected.metadata.get::<ClientName>().unwrap();
    assert_eq!(
        client.as_str(),
        "a",
        "of vendors that agree, the first by name"
    );
    for turn in 0..all.len() {
        let mut turned = all;
        turned.rotate_left(turn);
        assert_eq!(clients.read(&headers(turned)), expected);
        turned.reverse();
        let mut headers = headers(turned);
        headers.remove("authorization");
        assert_eq!(clients.read(&headers), expected);
    }
}

#[cfg(feature = "json")]
mod json {
    use tower_metadata_headers::Metadata;

    use super::*;

    /// The object can carry a user and a session. The other headers of these
    /// fields have a lower precedence.
    #[test]
    fn invalid_object_excludes_headers_of_lower_precedence_for_its_fields() {
        let reader = ConventionSet::new([
            conventions::portkey(),
            conventions::litellm(),
            conventions::w3c(),
        ]);
        let weaker = [
            ("x-litellm-customer-id", "mallory"),
            ("baggage", "session.id=weak"),
        ];
        let alone = reader.read_trusted(&headers(weaker));
        let expected = Metadata::new()
            .with(SessionId::try_from("weak").unwrap())
            .with(UserId::try_from("mallory").unwrap());
        assert_eq!(alone.metadata, expected, "control");

        let name = "x-portkey-metadata";
        let sound = r#"{"_user": "ada"}"#;
        let user = reader.read_trusted(&headers([(name, sound)]));
        assert!(user.metadata.contains::<UserId>(), "control");
        for (lines, reason) in [
            (vec![(name, sound), (name, sound)], Reason::Repeated),
            (vec![(name, "{")], Reason::InvalidJson),
            (vec![(name, "[]")], Reason::NotAnObject),
            (vec![(name, sound), ("connection", name)], Reason::Nominated),
        ] {
            let lines = headers(lines.into_iter().chain(weaker));
            let extracted = reader.read_trusted(&lines);
            assert_eq!(extracted.metadata, Metadata::new(), "{reason}");
            assert_eq!(reasons(&extracted), [reason]);
        }
    }

    #[test]
    fn object_of_identity_fields_is_untrusted_valid_or_not() {
        let users = Rule::member::<UserId>("acme-people", "user");
        let acme = Convention::builder("acme").rule(users).build().unwrap();
        let reader = ConventionSet::from(acme);
        for value in ["{", "[]", "1", r#"{"user": 1}"#, r#"{"user": "ada"}"#] {
            let extracted = reader.read(&headers([("acme-people", value)]));
            assert_eq!(reasons(&extracted), [Reason::Untrusted], "{value}");
        }
    }
}
