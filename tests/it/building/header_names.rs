//! Header names that a rule may write or read, and names that it may only read.

use http::{HeaderMap, HeaderName, HeaderValue};
use tower_metadata_headers::{
    Convention, ConventionSet, InvalidConvention, Metadata, OrganizationId, ProjectId, Rule,
    SessionId, UserId, metadata_field,
};

metadata_field! {
    /// Field with a separate header.
    struct Plan("plan-id"): Correlation;
}

fn built(rule: Rule) -> Result<Convention, InvalidConvention> {
    Convention::builder("acme").rule(rule).build()
}

#[track_caller]
fn problem(rule: Rule) -> String {
    let error = built(rule).unwrap_err().to_string();
    error.split_once(": ").unwrap().1.to_owned()
}

fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
    let lines = lines.iter().map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        (name, HeaderValue::from_static(value))
    });
    lines.collect()
}

fn session() -> Metadata {
    Metadata::new().with(SessionId::try_from("s-1").unwrap())
}

fn user() -> Metadata {
    Metadata::new().with(UserId::try_from("ada").unwrap())
}

#[test]
fn upper_case_is_folded_in_every_kind_of_rule() {
    let read = |rule: Rule, name| {
        let found = ConventionSet::from(built(rule).unwrap()).read(&headers(&[(name, "s-1")]));
        assert!(found.faults.is_empty(), "{name}: {}", found.faults);
        found.metadata
    };
    let rules = [
        Rule::header::<SessionId>("X-Acme-Id"),
        Rule::read_only::<SessionId>("X-Acme-Id"),
        Rule::shared::<SessionId>("X-Acme-Id"),
        Rule::header::<SessionId>("other").alias("X-Acme-Id"),
        Rule::read_only::<SessionId>("other").alias("X-Acme-Id"),
        Rule::shared::<SessionId>("other").alias("X-Acme-Id"),
        Rule::write_only::<SessionId>("other").alias("X-Acme-Id"),
    ];
    for rule in rules {
        let shown = format!("{rule:?}");
        let expected = if rule.is_read() {
            session()
        } else {
            Metadata::new()
        };
        assert_eq!(read(rule.clone(), "x-acme-id"), expected, "{shown}");
        let convention = built(rule).unwrap();
        let names = convention.rules().next().unwrap().headers();
        let names: Vec<&str> = names.collect();
        assert!(names.contains(&"x-acme-id"), "{names:?}");
    }
    let mut written = HeaderMap::new();
    let convention = built(Rule::write_only::<SessionId>("X-Acme-Id")).unwrap();
    convention.write(&session(), &mut written);
    assert_eq!(written, headers(&[("x-acme-id", "s-1")]));
}

#[test]
fn upper_case_is_folded_in_prefixes() {
    let acme = Convention::builder("acme")
        .owned_prefix("X-Own-")
        .other_fields_prefix("X-Acme-")
        .build()
        .unwrap();
    let metadata = session().with(Plan::try_from("p").unwrap());
    let mut written = headers(&[("x-own-other", "stale"), ("x-acme-other", "stale")]);
    acme.write(&metadata, &mut written);
    let expected = [("x-acme-session-id", "s-1"), ("x-acme-plan-id", "p")];
    assert_eq!(written, headers(&expected));
    assert_eq!(ConventionSet::from(acme).read(&written).metadata, session());
}

#[cfg(feature = "json")]
#[test]
fn upper_case_is_folded_in_headers_with_objects() {
    use tower_metadata_headers::{TaskId, TurnId, ValueLimits};

    let acme = Convention::builder("acme")
        .rule(Rule::member::<SessionId>("X-Acme-Metadata", "Session"))
        .rule(Rule::member::<TaskId>("x-acme-metadata", "Task"))
        .rule(Rule::json_string::<TurnId>("X-Acme-Turn"))
        .other_fields_in_object("X-ACME-Metadata", ValueLimits::new())
        .build()
        .unwrap();
    let metadata = session()
        .with(TaskId::try_from("t").unwrap())
        .with(TurnId::try_from("turn").unwrap())
        .with(ProjectId::try_from("web").unwrap());
    let mut written = HeaderMap::new();
    acme.write(&metadata, &mut written);
    let object = r#"{"Session":"s-1","Task":"t","project_id":"web"}"#;
    let expected = [("x-acme-metadata", object), ("x-acme-turn", r#""turn""#)];
    assert_eq!(written, headers(&expected));
    assert_eq!(
        ConventionSet::from(acme).read_trusted(&written).metadata,
        metadata
    );
}

#[test]
fn alias_of_a_baggage_or_traceparent_rule_is_an_error() {
    for alias in ["cookie", "authorization", "not a token", "x-acme-session"] {
        for rule in [
            Rule::baggage::<SessionId>("session.id"),
            Rule::traceparent(),
        ] {
            assert!(built(rule.clone()).is_ok(), "control");
            assert_eq!(
                problem(rule.alias(alias)),
                "baggage and traceparent rules take no other header",
            );
        }
    }
}

#[test]
fn reserved_header_is_read_and_never_removed() {
    let lines = [("openai-organization", "org-1"), ("openai-project", "web")];
    for (organization, project) in [
        (
            Rule::read_only::<OrganizationId>("OpenAI-Organization"),
            Rule::read_only::<ProjectId>("x-acme-project").alias("openai-project"),
        ),
        (
            Rule::shared::<OrganizationId>("openai-organization"),
            Rule::shared::<ProjectId>("openai-project"),
        ),
    ] {
        let acme = Convention::builder("acme")
            .rule(organization)
            .rule(project)
            .rule(Rule::header::<SessionId>("x-acme-session"))
            .build()
            .unwrap();
        let extractor = ConventionSet::from(acme.clone());
        assert_eq!(extractor.read(&headers(&lines)).metadata, Metadata::new());
        let expected = Metadata::new()
            .with(OrganizationId::try_from("org-1").unwrap())
            .with(ProjectId::try_from("web").unwrap());
        assert_eq!(extractor.read_trusted(&headers(&lines)).metadata, expected);

        let mut stripped = headers(&lines);
        let stale = HeaderValue::from_static("stale");
        stripped.try_insert("x-acme-session", stale).unwrap();
        let mut written = stripped.clone();
        extractor.remove_from(&mut stripped);
        assert_eq!(stripped, headers(&lines));
        acme.write(&expected, &mut written);
        assert_eq!(written, headers(&lines));
    }
}

#[test]
fn reserved_header_is_an_error_in_a_rule_that_writes() {
    let unwritten = "reserved: only a rule that never writes may name it";
    for name in UNWRITTEN {
        assert_eq!(
            problem(Rule::header::<SessionId>(*name)),
            unwritten,
            "{name}"
        );
        let write_only = Rule::write_only::<SessionId>(*name);
        assert_eq!(problem(write_only), unwritten, "{name}");
        let alias = Rule::header::<SessionId>("x-acme-session").alias(*name);
        assert_eq!(problem(alias), unwritten, "{name}");
        let asserted = Rule::header::<SessionId>(*name).asserts_identity();
        assert_eq!(problem(asserted), unwritten, "{name}");
        assert!(built(Rule::read_only::<SessionId>(*name)).is_ok(), "{name}");
    }
}

#[test]
fn header_that_frames_or_carries_a_credential_is_an_error_in_every_rule() {
    let reserved = "reserved by HTTP or by another protocol";
    for name in NEVER {
        for rule in [
            Rule::header::<UserId>(*name),
            Rule::read_only::<UserId>(*name),
            Rule::shared::<UserId>(*name),
            Rule::header::<UserId>(*name).asserts_identity(),
            Rule::header::<UserId>("x-acme-user").alias(*name),
            Rule::read_only::<UserId>("x-acme-user").alias(*name),
        ] {
            assert_eq!(problem(rule), reserved, "{name}");
        }
    }
    // A server that maps headers to variables takes these names for the
    // reserved headers.
    for name in ["content_length", "Proxy_Authorization", "x.api.key"] {
        let rule = Rule::read_only::<UserId>(name);
        assert_eq!(problem(rule), reserved, "{name}");
    }
}

#[test]
fn header_that_asserts_identity_is_written_only_if_asked_explicitly() {
    for name in IDENTITY {
        let explicit = "asserts identity to a server: see `Rule::asserts_identity`";
        assert_eq!(problem(Rule::header::<UserId>(*name)), explicit, "{name}");
        let alias = Rule::header::<UserId>("x-acme-user").alias(*name);
        assert_eq!(problem(alias.asserts_identity()), explicit, "{name}");

        let asserts = built(Rule::header::<UserId>(*name).asserts_identity()).unwrap();
        let mut written = headers(&[(name, "mallory")]);
        asserts.write(&user(), &mut written);
        assert_eq!(written, headers(&[(name, "ada")]));
        assert!(written.values().all(HeaderValue::is_sensitive), "{name}");
        // The header and its look-alikes are removed also if there is no user
        // to write.
        let look_alike = name.replace('-', "_");
        let look_alike = HeaderName::from_bytes(look_alike.as_bytes()).unwrap();
        let mut forged = headers(&[(name, "mallory")]);
        let value = HeaderValue::from_static("mallory");
        forged.try_insert(look_alike, value).unwrap();
        asserts.write(&session(), &mut forged);
        assert!(forged.is_empty(), "{forged:?}");
    }
}

#[test]
fn header_that_asserts_identity_is_read_as_identity_whatever_the_field() {
    for name in IDENTITY {
        let shown = name.replace('-', "_");
        for rule in [
            Rule::read_only::<SessionId>(*name),
            Rule::shared::<SessionId>(*name),
            Rule::read_only::<SessionId>("x-acme-session").alias(*name),
            Rule::read_only::<SessionId>(shown),
        ] {
            assert!(!rule.is_identity());
            let convention = built(rule).unwrap();
            let is_identity = convention.rules().all(Rule::is_identity);
            assert!(is_identity, "{name}");
        }
        let extractor = ConventionSet::from(built(Rule::read_only::<UserId>(*name)).unwrap());
        let sent = headers(&[(name, "ada")]);
        assert_eq!(extractor.read(&sent).metadata, Metadata::new(), "{name}");
        assert_eq!(extractor.read_trusted(&sent).metadata, user(), "{name}");
    }
}

#[test]
fn vendor_or_prefix_with_a_header_that_asserts_identity_is_an_error() {
    for vendor in [
        "auth-request",
        "amzn-oidc",
        "ms-client-principal",
        "authenticated",
        "webauth",
        "forwarded",
        "remote",
        "remote-user",
        "consumer",
        "goog-authenticated-user",
        "ssl-client",
        "vouch",
    ] {
        assert!(Convention::vendor(vendor).is_err(), "{vendor}");
        let prefix = format!("x-{vendor}-");
        let owned = Convention::builder("acme")
            .owned_prefix(prefix.clone())
            .build();
        assert!(owned.is_err(), "{prefix}");
        assert!(
            Convention::builder("acme")
                .other_fields_prefix(prefix)
                .build()
                .is_err()
        );
    }
    for prefix in ["ssl-client-", "impersonate-", "remote-", "tailscale-user-"] {
        assert!(
            Convention::builder("acme")
                .owned_prefix(prefix)
                .build()
                .is_err(),
            "{prefix}"
        );
    }
}

const UNWRITTEN: &[&str] = &[
    "anthropic-beta",
    "cdn-loop",
    "cf-connecting-ip",
    "client-ip",
    "content-type",
    "data-bin",
    "expect",
    "fastly-client-ip",
    "forwarded",
    "grpc-timeout",
    "idempotency-key",
    "mcp-session-id",
    "openai-organization",
    "origin",
    "sec-fetch-site",
    "x-accel-redirect",
    "x-accel-buffering",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-host",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-middleware-subrequest",
    "x-original-forwarded-for",
    "x-original-url",
    "x-real-ip",
    "x-rewrite-url",
    "x-script-name",
    "x-sendfile",
];

const NEVER: &[&str] = &[
    "api-key",
    "authorization",
    "baggage",
    "cf-access-jwt-assertion",
    "connection",
    "content-length",
    "cookie",
    "host",
    "keep-alive",
    "private-token",
    "proxy-authorization",
    "proxy-connection",
    "sec-websocket-key",
    "set-cookie",
    "te",
    "traceparent",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amz-security-token",
    "x-amzn-oidc-data",
    "x-api-key",
    "x-auth-request-access-token",
    "x-auth-token",
    "x-forwarded-access-token",
    "x-vault-token",
];

const IDENTITY: &[&str] = &[
    "cf-access-authenticated-user-email",
    "client-cert",
    "impersonate-user",
    "remote-user",
    "ssl-client-cert",
    "ssl-client-s-dn",
    "tailscale-user-login",
    "x-amzn-oidc-identity",
    "x-auth-request-user",
    "x-authenticated-user",
    "x-authentik-username",
    "x-consumer-username",
    "x-forwarded-email",
    "x-forwarded-groups",
    "x-forwarded-user",
    "x-goog-authenticated-user-email",
    "x-ms-client-principal",
    "x-ms-client-principal-name",
    "x-remote-user",
    "x-ssl-client-dn",
    "x-webauth-user",
];
