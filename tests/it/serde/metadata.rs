//! Metadata as a map of names to texts, and values of fields alone.

use serde::de::DeserializeSeed;
use serde_json::json;
use tower_metadata_headers::{
    Class, Convention, FieldKey, Id, Metadata, Mode, ProjectId, Properties, SessionId, Tags, Text,
    TurnId, UserId, metadata_field, serde::MetadataSeed,
};

metadata_field! {
    /// The tenant that pays.
    struct TenantId("tenant-id"): Identity;
}

/// Returns metadata with every field of the crate.
fn everything() -> Metadata {
    let fields = FieldKey::well_known().map(|field| (field.name().to_owned(), json!("v-1")));
    let properties = ("properties".to_owned(), json!("team=search"));
    let metadata = read(fields.chain([properties]).collect()).unwrap();
    assert_eq!(metadata.len(), FieldKey::well_known().len() + 1);
    metadata
}

fn read(value: serde_json::Value) -> Result<Metadata, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

#[test]
fn metadata_is_a_map_of_names_to_texts() {
    let metadata = Metadata::new()
        .with(SessionId::try_from("s-1").unwrap())
        .with(Mode::try_from("Prüfung, 100 %").unwrap())
        .with(Tags::new(["ci", "nächtlich"]).unwrap())
        .with(Properties::new([("team", "ü"), ("tier", "1,2")]).unwrap());
    let map = json!({
        "session-id": "s-1",
        "mode": "Prüfung, 100 %",
        "tags": "ci,nächtlich",
        "properties": "team=%C3%BC,tier=1%2C2",
    });
    assert_eq!(serde_json::to_value(&metadata).unwrap(), map);
    assert_eq!(read(map).unwrap(), metadata);
}

#[test]
fn metadata_with_every_field_comes_back() {
    let metadata = everything();
    let text = toml::to_string(&metadata).unwrap();
    let back: Metadata = toml::from_str(&text).unwrap();
    assert_eq!(back, metadata);

    // What came back is written as before, and is as sensitive.
    let acme = Convention::vendor("acme").unwrap();
    let write = |metadata: &Metadata| {
        let mut headers = http::HeaderMap::new();
        acme.write(metadata, &mut headers);
        headers
    };
    let (before, after) = (write(&metadata), write(&back));
    assert_eq!(before, after);
    for (name, value) in &before {
        assert_eq!(after[name].is_sensitive(), value.is_sensitive(), "{name}");
    }
    assert!(before.values().any(http::HeaderValue::is_sensitive));
    assert_eq!(format!("{back:?}"), format!("{metadata:?}"));
}

#[test]
fn own_field_comes_back_by_a_seed_and_is_an_error_without_one() {
    let metadata = Metadata::new()
        .with(TenantId::try_from("acme").unwrap())
        .with(TurnId::try_from("t-1").unwrap());
    let value = serde_json::to_value(&metadata).unwrap();
    let seed = MetadataSeed::new().field::<TenantId>();
    assert_eq!(seed.deserialize(value.clone()).unwrap(), metadata);
    let error = read(value).unwrap_err();
    assert!(
        error.starts_with("no field is named `tenant-id`"),
        "{error}"
    );
}

#[test]
fn tampered_metadata_is_an_error_without_the_value() {
    let canary = "canary\u{202e}";
    for (value, message) in [
        (
            json!({ "session-id": "canary canary" }),
            "session-id: invalid character at byte 6",
        ),
        (
            json!({ "session-id": "canary\r\nx: y" }),
            "session-id: invalid character at byte 6",
        ),
        (
            json!({ "mode": canary }),
            "mode: invalid character at byte 6",
        ),
        (json!({ "session-id": "" }), "session-id: empty"),
        (
            json!({ "session-id": "x".repeat(257) }),
            "session-id: longer than 256 bytes",
        ),
        (json!({ "tags": "canary,," }), "tags: empty list item"),
        (
            json!({ "properties": "team" }),
            "properties: rejected by the field's type",
        ),
        (json!({ "session": "s-1" }), "no field is named `session`"),
    ] {
        let error = read(value).unwrap_err();
        assert!(error.starts_with(message), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
    for value in [
        json!(1234567),
        json!(true),
        json!(0.1234567),
        json!(["x"]),
        json!(null),
    ] {
        let error = read(json!({ "user-id": value })).unwrap_err();
        assert!(error.contains("expected a text"), "{error}");
        assert!(!error.contains("1234567"), "{error}");
    }
    let error = serde_json::from_str::<Metadata>(r#"{"mode": "a", "mode": "b"}"#).unwrap_err();
    assert!(
        error.to_string().starts_with("mode: is repeated"),
        "{error}"
    );
}

#[test]
fn metadata_without_identity_is_stored_if_it_is_removed_before() {
    let mut metadata = everything();
    metadata.retain(|key| key.class() == Class::Correlation);
    let text = serde_json::to_string(&metadata).unwrap();
    assert!(!text.contains("user-id"), "{text}");
    // Control: with identity.
    assert!(
        serde_json::to_string(&everything())
            .unwrap()
            .contains("user-id")
    );
}

#[test]
fn values_alone_come_back_checked() {
    let values = (
        SessionId::try_from("s-1").unwrap(),
        ProjectId::try_from("acme/web").unwrap(),
        Mode::try_from("plän").unwrap(),
        Id::try_from("i").unwrap(),
        Text::try_from("t").unwrap(),
        Tags::new(["ci", "b"]).unwrap(),
        Properties::new([("team", "search")]).unwrap(),
    );
    let json = json!(["s-1", "acme/web", "plän", "i", "t", ["ci", "b"], { "team": "search" }]);
    assert_eq!(serde_json::to_value(&values).unwrap(), json);
    let back = serde_json::from_value(json).unwrap();
    assert!(values == back);

    assert!(serde_json::from_str::<UserId>(r#""two words""#).is_err());
    assert!(serde_json::from_str::<Tags>(r#"["a,b"]"#).is_err());
    assert!(serde_json::from_value::<Tags>(json!(vec!["a"; 33])).is_err());
    let error = serde_json::from_str::<Properties>(r#"{"a-b": "1", "A_b": "2"}"#).unwrap_err();
    assert!(error.to_string().starts_with("properties: "), "{error}");
    let many: std::collections::BTreeMap<_, _> = (0..33).map(|n| (format!("k{n}"), "v")).collect();
    assert!(serde_json::from_value::<Properties>(json!(many)).is_err());
}
