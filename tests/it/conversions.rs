//! Conversions of values into header values, iteration of metadata, and hashes.

use std::collections::HashSet;

use http::HeaderValue;
use tower_metadata_headers::{
    Id, Metadata, Mode, ProjectId, Properties, SessionId, Tags, TaskId, Text, TurnId,
    metadata_field,
};

metadata_field! {
    /// The tenant that pays.
    struct TenantId("tenant-id"): Identity;
}

fn metadata() -> Metadata {
    Metadata::new()
        .with(SessionId::try_from("s-1").unwrap())
        .with(ProjectId::try_from("acme/web").unwrap())
        .with(TenantId::try_from("t-1").unwrap())
}

#[test]
fn value_becomes_a_header_value_that_is_as_sensitive_as_the_field() {
    for (value, text, is_sensitive) in [
        (
            HeaderValue::from(SessionId::try_from("s-1").unwrap()),
            "s-1",
            false,
        ),
        (TurnId::try_from("t-1").unwrap().into(), "t-1", true),
        (ProjectId::try_from("p-1").unwrap().into(), "p-1", true),
        (TenantId::try_from("t-1").unwrap().into(), "t-1", true),
        (Mode::try_from("plän").unwrap().into(), "pl%C3%A4n", false),
        (Tags::new(["ci", "b"]).unwrap().into(), "ci,b", true),
        (Properties::new([("a", "1")]).unwrap().into(), "a=1", true),
        (Id::try_from("i").unwrap().into(), "i", false),
        (Text::try_from("ä").unwrap().into(), "%C3%A4", false),
    ] {
        assert_eq!(value, text);
        assert_eq!(value.is_sensitive(), is_sensitive, "{text}");
    }
}

#[test]
fn metadata_is_iterated_and_collected() {
    let metadata = metadata();
    let mut names = Vec::new();
    for (key, value) in &metadata {
        names.push(format!("{key}={value}"));
    }
    assert_eq!(
        names,
        ["session-id=s-1", "project-id=hidden", "tenant-id=hidden"]
    );
    assert_eq!(metadata.iter().len(), 3);
    assert_eq!(metadata.iter().next_back().unwrap().0.name(), "tenant-id");
    assert_eq!(metadata.iter().rev().collect::<Metadata>(), metadata);

    let mut others = Metadata::new()
        .with(TaskId::try_from("t-1").unwrap())
        .with(SessionId::try_from("replaced").unwrap());
    others.extend(&metadata);
    assert_eq!(others.len(), 4);
    assert_eq!(others.get::<SessionId>(), metadata.get::<SessionId>());
    assert_eq!(others.get::<TenantId>(), metadata.get::<TenantId>());
}

/// A pair may be put together from two fields. The value knows its field.
#[test]
fn value_is_collected_as_its_own_field() {
    let metadata = metadata();
    let keys = metadata.iter().map(|(key, _)| key);
    let values = metadata.iter().rev().map(|(_, value)| value);
    assert_eq!(keys.zip(values).collect::<Metadata>(), metadata);
}

#[test]
fn collected_field_is_generated_if_it_was() {
    let collected: Metadata = metadata().generated().iter().collect();
    assert!(collected.is_generated::<SessionId>() && collected.is_generated::<TenantId>());
}

#[test]
fn equal_values_have_equal_hashes() {
    let set = HashSet::from([metadata(), metadata(), metadata().generated()]);
    assert_eq!(set.len(), 1);
    assert!(!set.contains(&Metadata::new()));
    let properties = |pairs: [(&str, &str); 2]| Properties::new(pairs).unwrap();
    let set = HashSet::from([
        properties([("cost-center", "1"), ("team", "a")]),
        properties([("Team", "a"), ("COST_CENTER", "1")]),
        properties([("team", "a"), ("tier", "1")]),
    ]);
    assert_eq!(set.len(), 2);
}

#[test]
fn merge_keeps_own_values_and_adds_the_others_in_any_order() {
    let first = Metadata::new()
        .with(TurnId::try_from("t-1").unwrap())
        .with(TenantId::try_from("own").unwrap());
    let fallback = metadata().with(Tags::new(["ci"]).unwrap());
    let mut merged = first.clone();
    merged.merge(&fallback);
    let by_hand = fallback
        .with(TurnId::try_from("t-1").unwrap())
        .with(TenantId::try_from("own").unwrap());
    assert_eq!(merged, by_hand);
    let names: Vec<_> = merged.iter().map(|(key, _)| key.name()).collect();
    assert_eq!(
        names,
        ["session-id", "turn-id", "project-id", "tags", "tenant-id"]
    );

    let before = merged.clone();
    merged.merge(&first);
    merged.merge(&Metadata::new());
    assert_eq!(merged, before);
}
