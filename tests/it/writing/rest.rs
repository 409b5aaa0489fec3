//! Fields that no rule writes: `other_fields_prefix` and
//! `other_fields_in_object`.

use http::HeaderMap;
use tower_metadata_headers::{
    Convention, ConventionBuilder, Metadata, ProjectId, Rule, SessionId, TurnId, conventions,
    metadata_field,
};

use crate::common::lines;

metadata_field! {
    /// The step of a plan.
    struct PlanStep("plan-step"): Correlation as Text;
}

metadata_field! {
    /// The tenant that pays.
    struct TenantId("tenant-id"): Identity;
}

fn metadata() -> Metadata {
    Metadata::new()
        .with(SessionId::try_from("s-1").unwrap())
        .with(ProjectId::try_from("p-1").unwrap())
        .with(TurnId::try_from("u-1").unwrap())
        .with(PlanStep::try_from("Schritt über eins").unwrap())
        .with(TenantId::try_from("t-1").unwrap())
}

fn sent(builder: ConventionBuilder) -> Vec<String> {
    let convention = builder.build().unwrap();
    let mut headers = HeaderMap::new();
    let metadata = metadata();
    let written = convention.write(&metadata, &mut headers);
    let reported = written.faults();
    assert_eq!(written.fields().count() + reported.len(), metadata.len());
    lines(&headers)
}

const PLAN: &str = "plan-step: Schritt %C3%BCber eins";

#[test]
fn rule_added_beside_other_fields_prefix_writes_its_field_once() {
    let zoo = Convention::vendor("zoo").unwrap();
    let plan = format!("x-zoo-{PLAN}");
    assert_eq!(
        sent(zoo.to_builder()),
        [
            plan.as_str(),
            "x-zoo-project-id: p-1",
            "x-zoo-session-id: s-1",
            "x-zoo-tenant-id: t-1",
            "x-zoo-turn-id: u-1",
        ],
        "control"
    );
    let added = zoo
        .to_builder()
        .rule(Rule::header::<ProjectId>("x-acme-project"))
        .rule(Rule::header::<TenantId>("x-acme-tenant"));
    assert_eq!(
        sent(added),
        [
            "x-acme-project: p-1",
            "x-acme-tenant: t-1",
            plan.as_str(),
            "x-zoo-session-id: s-1",
            "x-zoo-turn-id: u-1",
        ],
    );
}

#[test]
fn other_fields_prefix_that_is_replaced_writes_no_earlier_header() {
    let zoo = Convention::vendor("zoo").unwrap();
    let acme = zoo
        .to_builder()
        .other_fields_prefix("x-acme-")
        .build()
        .unwrap();
    let families: Vec<_> = acme.owned_prefixes().collect();
    assert_eq!(families, ["x-acme-"]);
    let sent = sent(acme.to_builder());
    let kept = |line: &&String| line.starts_with("x-zoo-");
    assert_eq!(sent.iter().filter(kept).count(), 1, "the session's rule");
    assert!(
        sent.contains(&"x-acme-project-id: p-1".to_owned()),
        "{sent:?}"
    );
}

#[test]
fn to_builder_and_build_give_the_same_convention() {
    for convention in conventions::all() {
        let again = convention.to_builder().build().unwrap();
        let rules =
            |convention: &Convention| format!("{:?}", convention.rules().collect::<Vec<_>>());
        assert_eq!(rules(&again), rules(&convention), "{}", convention.name());
        assert!(again.owned_prefixes().eq(convention.owned_prefixes()));
    }
}

#[cfg(feature = "json")]
mod members {
    use http::HeaderValue;
    use tower_metadata_headers::{
        Destinations, Faults, FieldKey, HostPolicy, Reason, RequestId, TaskId, ValueLimits,
    };

    use super::*;

    const HEADER: &str = "x-acme-metadata";

    fn acme() -> ConventionBuilder {
        Convention::builder("acme")
    }

    fn object(builder: ConventionBuilder, metadata: &Metadata) -> (Option<String>, Faults, bool) {
        let convention = builder.build().unwrap();
        let mut headers = HeaderMap::new();
        let faults = convention.write(metadata, &mut headers).faults();
        let value = headers.get(HEADER);
        let is_sensitive = value.is_some_and(HeaderValue::is_sensitive);
        let text = value.map(|value| value.to_str().unwrap().to_owned());
        (text, faults, is_sensitive)
    }

    const ALL: &str = r#"{"session_id":"s-1","turn_id":"u-1","project_id":"p-1","plan_step":"Schritt \u00fcber eins","tenant_id":"t-1"}"#;

    #[test]
    fn other_fields_in_object_carry_user_fields_by_name_with_underscores() {
        let rest = acme().other_fields_in_object(HEADER, ValueLimits::new());
        let (text, faults, is_sensitive) = object(rest.clone(), &metadata());
        assert_eq!(text.as_deref(), Some(ALL));
        assert!(faults.is_empty() && is_sensitive);

        let own = Metadata::new().with(PlanStep::try_from("one").unwrap());
        let (text, faults, is_sensitive) = object(rest, &own);
        assert_eq!(text.as_deref(), Some(r#"{"plan_step":"one"}"#));
        assert!(faults.is_empty() && !is_sensitive);
    }

    #[test]
    fn other_fields_in_object_have_no_field_of_a_rule_in_any_order_of_calls() {
        let rule = Rule::header::<ProjectId>("x-acme-project");
        let own = Rule::member::<TenantId>(HEADER, "payer");
        let first = acme()
            .other_fields_in_object(HEADER, ValueLimits::new())
            .rule(rule.clone())
            .rule(own.clone());
        let last = acme()
            .rule(rule.clone())
            .rule(own.clone())
            .other_fields_in_object(HEADER, ValueLimits::new());
        let later = acme()
            .other_fields_in_object(HEADER, ValueLimits::new())
            .build()
            .unwrap();
        let later = later.to_builder().rule(rule).rule(own);
        for builder in [first, last, later] {
            assert_eq!(
                sent(builder),
                [
                    r#"x-acme-metadata: {\"payer\":\"t-1\",\"session_id\":\"s-1\",\"turn_id\":\"u-1\",\"plan_step\":\"Schritt \\u00fcber eins\"}"#,
                    "x-acme-project: p-1",
                ],
            );
        }
    }

    #[test]
    fn other_fields_in_object_respect_limits_and_max_members() {
        let metadata = Metadata::new()
            .with(SessionId::try_from("s-1").unwrap())
            .with(PlanStep::try_from("too long a step").unwrap())
            .with(TenantId::try_from("t-1").unwrap());
        let rest = acme().other_fields_in_object(HEADER, ValueLimits::new().max_len(8));
        let (text, faults, _) = object(rest.clone(), &metadata);
        assert_eq!(
            text.as_deref(),
            Some(r#"{"session_id":"s-1","tenant_id":"t-1"}"#)
        );
        let reasons = |faults: &Faults| {
            let faults = faults.iter();
            let faults = faults.map(|fault| (fault.field().map(FieldKey::name), fault.reason()));
            faults.collect::<Vec<_>>()
        };
        let too_long = (Some("plan-step"), Reason::TooLong { limit: 8 });
        assert_eq!(reasons(&faults), [too_long]);

        let (text, faults, _) = object(rest.max_members(1), &metadata);
        assert_eq!(text.as_deref(), Some(r#"{"session_id":"s-1"}"#));
        let too_many = (Some("tenant-id"), Reason::TooMany { limit: 1 });
        assert_eq!(reasons(&faults), [too_long, too_many]);
    }

    #[test]
    fn other_field_in_object_with_the_name_of_another_is_not_written() {
        let builder = acme()
            .rule(Rule::member::<TaskId>(HEADER, "tenant_id"))
            .other_fields_in_object(HEADER, ValueLimits::new());
        let metadata = Metadata::new()
            .with(TaskId::try_from("task").unwrap())
            .with(TenantId::try_from("t-1").unwrap());
        let (text, faults, _) = object(builder, &metadata);
        assert_eq!(text.as_deref(), Some(r#"{"tenant_id":"task"}"#));
        let fault = faults.iter().next().unwrap();
        assert_eq!(fault.reason(), Reason::Unsupported);
        assert_eq!(fault.field().unwrap().name(), "tenant-id");
    }

    #[test]
    fn other_fields_in_object_without_well_known_fields_own_their_header() {
        let builder = FieldKey::well_known().fold(acme(), |builder, key| {
            // Rules that write every well-known field.
            let every = Convention::vendor("every").unwrap();
            let rule = every.rules().find(|rule| rule.field() == key).cloned();
            builder.rule(rule.unwrap())
        });
        let convention = builder
            .other_fields_in_object(HEADER, ValueLimits::new())
            .build()
            .unwrap();
        let mut headers = HeaderMap::new();
        headers
            .try_append("x_acme_metadata", HeaderValue::from_static("{}"))
            .unwrap();
        let own = Metadata::new().with(PlanStep::try_from("one").unwrap());
        convention.write(&own, &mut headers);
        assert_eq!(
            lines(&headers),
            [r#"x-acme-metadata: {\"plan_step\":\"one\"}"#]
        );
    }

    #[test]
    fn other_fields_in_object_of_identity_are_withheld() {
        let rest = acme()
            .other_fields_in_object(HEADER, ValueLimits::new())
            .build()
            .unwrap();
        let third = Destinations::from(HostPolicy::new(rest).without_identity());
        let mut headers = HeaderMap::new();
        let metadata = metadata();
        let uri = http::Uri::from_static("https://a.example/");
        let written = third.write(&uri, &metadata, &mut headers);
        assert!(written.contains::<PlanStep>() && !written.contains::<TenantId>());
        assert!(!headers[HEADER].to_str().unwrap().contains("tenant"));
        let withheld = written.faults();
        assert_eq!(withheld.len(), 2);
        assert!(
            withheld
                .iter()
                .all(|fault| fault.reason() == Reason::Withheld)
        );
    }

    #[test]
    fn other_fields_in_object_in_the_plain_header_of_a_rule_are_an_error() {
        let builder = acme().rule(Rule::header::<RequestId>(HEADER));
        let error = builder
            .other_fields_in_object(HEADER, ValueLimits::new())
            .build();
        assert_eq!(
            error.unwrap_err().to_string(),
            "header `x-acme-metadata`: another rule has this header",
        );
    }
}
