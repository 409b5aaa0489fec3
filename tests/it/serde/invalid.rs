//! Invalid documents. Each error has the line or the path, and says what is expected.

use tower_metadata_headers::{
    Convention, ConventionSet, Destinations, RequestLimits, ValueLimits, serde::Configuration,
};

use super::error_of;

/// Checks the error for a configuration with one convention of these lines.
#[track_caller]
fn convention_error(lines: &str, message: &str) {
    let text = format!("[[conventions]]\nname = \"acme\"\n{lines}");
    assert_eq!(error_of::<Configuration>(&text), message, "{text}");
}

#[track_caller]
fn destinations_error(lines: &str, message: &str) {
    assert_eq!(error_of::<Destinations>(lines), message, "{lines}");
}

#[test]
fn unknown_option_is_an_error_with_its_line_and_the_known_ones() {
    let text = "[[conventions]]\nname = \"acme\"\nheadrs = []\n";
    let error = toml::from_str::<Configuration>(text)
        .unwrap_err()
        .to_string();
    assert!(error.contains("line 3"), "{error}");
    assert!(
        error.contains("unknown field `headrs`, expected one of `name`"),
        "{error}"
    );

    let error = serde_json::from_str::<Convention>("{\n\"name\": \"a\",\n\"x\": 1}").unwrap_err();
    assert!(error.to_string().contains("unknown field `x`"), "{error}");
    assert_eq!(error.line(), 3);

    for text in [
        "destinations = { host = [] }",
        "read = { convention = [] }",
        "[[conventions]]\nname = \"a\"\nclient = { nam = \"a\" }",
        "[[conventions]]\nname = \"a\"\nproperties = { prefx = \"x-a-\" }",
        "[[conventions]]\nname = \"a\"\nrules = [{ field = \"mode\", header = \"a\", read = true }]",
        "[[destinations.hosts]]\nhost = \"a.example\"\nconvention = \"w3c\"\nidentiy = \"omit\"",
    ] {
        let error = error_of::<Configuration>(text);
        assert!(error.contains("unknown field"), "{error}");
    }
}

#[test]
fn unknown_name_is_an_error_with_a_suggestion() {
    convention_error(
        "rules = [{ field = \"sesion-id\", header = \"a\" }]",
        "conventions[0].rules[0].field: no field is named `sesion-id`; \
         did you mean `session-id`?",
    );
    convention_error(
        "rules = [{ field = \"cost-center\", header = \"a\" }]",
        "conventions[0].rules[0].field: no field is named `cost-center`; \
         use `property` for a value without a field",
    );
    convention_error(
        "rules = [{ field = \"mode\", header = \"a\", or_else = [\"tags\", \"x\"] }]",
        "conventions[0].rules[0].or_else[1]: no field is named `x`; \
         use `property` for a value without a field",
    );
    convention_error(
        "extends = \"litelm\"",
        "conventions[0].extends: no convention is named `litelm`; did you mean `litellm`?",
    );
    assert_eq!(
        error_of::<Configuration>(
            "[[conventions]]\nvendor = \"acme-agent\"\n[read]\nconventions = [\"acme-agnet\"]"
        ),
        "read.conventions[0]: no convention is named `acme-agnet`; did you mean `acme-agent`?",
    );
    assert_eq!(
        error_of::<Configuration>(
            "[[destinations.hosts]]\nhost = \"a.b\"\nconvention = \"opncode\""
        ),
        "destinations.hosts[0].convention: no convention is named `opncode`; \
         did you mean `opencode`?",
    );
}

#[test]
fn invalid_header_is_an_error_as_in_the_builder() {
    for (rules, problem) in [
        (
            r#"{ field = "mode", header = "authorization" }"#,
            "header `authorization`: reserved by HTTP or by another protocol",
        ),
        (
            r#"{ field = "mode", header = "X-A" }, { field = "tags", header = "x-a" }"#,
            "header `x-a`: another rule has this header",
        ),
        (
            r#"{ field = "mode", header = "x-a" }, { field = "tags", header = "x_a", direction = "read_only" }"#,
            "header `x_a`: differs only in separators from another rule's header",
        ),
        (
            r#"{ field = "mode", header = "x a" }"#,
            "header `x a`: must be letters and digits joined by single hyphens",
        ),
        (
            r#"{ field = "user-id", header = "x-forwarded-user" }"#,
            "header `x-forwarded-user`: asserts identity to a server: \
             see `Rule::asserts_identity`",
        ),
    ] {
        let lines = format!("rules = [{rules}]");
        convention_error(&lines, &format!("conventions[0]: {problem}"));
    }
}

#[test]
fn rule_for_a_header_that_another_rule_of_the_document_replaced_is_an_error() {
    let rule = r#"{ field = "session-id", header = "x-litellm-session-id" }"#;
    convention_error(
        &format!("extends = \"litellm\"\nrules = [{rule}, {rule}]"),
        "conventions[0]: header `x-litellm-session-id`: another rule has this header",
    );
}

#[test]
fn limit_of_zero_is_an_error() {
    convention_error(
        "limits = { max_headers = 0 }",
        "max_headers: must be at least 1",
    );
    for limits in ["max_len = 0", "min_len = 3\nmax_len = 2"] {
        assert_eq!(
            error_of::<ValueLimits>(limits),
            "`max_len` must be at least 1, and not less than `min_len`",
        );
    }
    for name in ["max_bytes", "max_value_bytes"] {
        let error = error_of::<RequestLimits>(&format!("{name} = 0"));
        assert_eq!(error, format!("{name}: must be at least 1"));
    }
    #[cfg(feature = "json")]
    convention_error(
        "max_members = 0",
        "conventions[0]: convention `acme`: must allow at least 1 member in an object",
    );
}

#[test]
fn contradiction_is_an_error() {
    for (lines, problem) in [
        (
            "rules = [{ header = \"a\" }]",
            ".rules[0]: must have either `field` or `property`",
        ),
        (
            "rules = [{ property = \"a\", field = \"mode\", header = \"a\" }]",
            ".rules[0]: must have either `field` or `property`",
        ),
        (
            "rules = [{ property = \"a\", header = \"a\", encoding = \"literal\" }]",
            ".rules[0].encoding: a rule with a `property` has no other encoding",
        ),
        (
            "rules = [{ property = \"a b\", header = \"a\" }]",
            ": member name `a b`: must be letters and digits, with `-`, `_` and `.` between them",
        ),
        (
            "extends = \"w3c\"\nvendor = \"a\"",
            ": has both `extends` and `vendor`",
        ),
        (
            "vendor = \"a b\"",
            ".vendor: vendor name `a b`: must be letters and digits joined by single hyphens",
        ),
        (
            "other_fields = {}",
            ".other_fields: must have either `prefix` or `object`",
        ),
        (
            "properties = { prefix = \"x-a-\", limits = { max_len = 9 } }",
            ".properties: a prefix has no `limits`",
        ),
        (
            "without = [\"x-a\"]",
            ".without: the extended convention has no rule for `x-a`",
        ),
        (
            "rules = [{ field = \"mode\", header = \"baggage\", member = \"a\", encoding = \"literal\" }]",
            ".rules[0].encoding: a rule with a `member` has no other encoding",
        ),
    ] {
        convention_error(lines, &format!("conventions[0]{problem}"));
    }
    assert_eq!(error_of::<Convention>("extends = \"w3c\""), "has no `name`");
    let twice = "[[conventions]]\nvendor = \"acme\"\n".repeat(2);
    assert_eq!(
        error_of::<Configuration>(&twice),
        "conventions[1]: another convention has the name `acme`",
    );
}

#[test]
fn invalid_destination_is_an_error() {
    destinations_error(
        "hosts = [{ host = \"https://a.example\", convention = \"w3c\" }]",
        "hosts[0]: host `https://a.example`: must have no scheme, userinfo or path",
    );
    destinations_error(
        "hosts = [{ convention = \"w3c\" }]",
        "hosts[0]: has no `host`, and its convention has no hosts",
    );
    destinations_error(
        "hosts = [{ host = \"A.example\", convention = \"w3c\" }, { host = \"a.example.\", convention = \"openai\" }]",
        "hosts: `a.example` is repeated",
    );
    destinations_error(
        "providers = [{ name = \"a\", convention = \"w3c\" }, { name = \"a\", convention = \"openai\" }]",
        "providers: `a` is repeated",
    );
    destinations_error(
        "proxies = [\"localhost:4000\", \"localhost:0\"]",
        "proxies[1]: host `localhost:0`: must have a port from 1 to 65535, or `*`",
    );
    destinations_error(
        "fallback = { convention = \"nobody\" }",
        "fallback.convention: no convention is named `nobody`",
    );
    let error = error_of::<Destinations>(
        "hosts = [{ host = \"a.b\", convention = \"w3c\", http = \"yes\" }]",
    );
    assert!(
        error.contains("unknown variant `yes`, expected one of `loopback`, `never`, `always`"),
        "{error}"
    );
}

#[test]
fn invalid_host_of_a_convention_is_an_error() {
    convention_error(
        "hosts = [\"a.example\", \"a b\"]",
        "conventions[0].hosts: host `a b`: must be ASCII labels of at most 63 bytes, or `xn--…`",
    );
}

#[test]
fn repeated_key_is_an_error() {
    let error = toml::from_str::<Configuration>("read = []\nread = []").unwrap_err();
    assert!(error.to_string().contains("line 2"), "{error}");
    let error = serde_json::from_str::<Configuration>(r#"{"read": [], "read": []}"#).unwrap_err();
    assert!(
        error.to_string().contains("duplicate field `read`"),
        "{error}"
    );
}

#[test]
fn value_of_another_type_is_an_error_with_the_expected_one() {
    let error = error_of::<ConventionSet>("conventions = 3");
    assert!(
        error.contains("expected a list of at most 256 items"),
        "{error}"
    );
    let error = serde_json::from_str::<Convention>("3")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("expected the name of a convention, or a map"),
        "{error}"
    );
}
