//! JSON in a header's value.
//!
//! `fuzz/` checks the same with features of `serde_json` that change how it
//! reads a value.

use http::{HeaderMap, HeaderValue};
use tower_metadata_headers::{
    Convention, ConventionSet, Faults, Metadata, Rule, SessionId, TurnId,
};

fn read(rules: [Rule; 2], value: &str) -> (Metadata, Faults) {
    let [one, other] = rules;
    let acme = Convention::builder("acme").rule(one).rule(other).build();
    let value = HeaderValue::from_str(value).unwrap();
    let headers = HeaderMap::from_iter([("acme-metadata".parse().unwrap(), value)]);
    let found = ConventionSet::from(acme.unwrap()).read(&headers);
    (found.metadata, found.faults)
}

fn codes(faults: &Faults) -> Vec<&'static str> {
    faults.iter().map(|fault| fault.reason().code()).collect()
}

fn turn() -> Metadata {
    Metadata::new().with(TurnId::try_from("t").unwrap())
}

#[test]
fn object_is_read_alike_whatever_features_serde_json_has() {
    let rules = || {
        [
            Rule::member::<SessionId>("acme-metadata", "session"),
            Rule::member::<TurnId>("acme-metadata", "turn"),
        ]
    };
    for value in ["1.5", "1e999", "-0", "null", r#""text""#, "[1]"] {
        let (metadata, faults) = read(rules(), value);
        assert!(metadata.is_empty(), "{value}");
        assert_eq!(codes(&faults), ["not_an_object"], "{value}");
    }
    for value in [
        "1.5.",
        "{",
        r#"{"turn":"t"} x"#,
        r#"{"turn":"\ud800"}"#,
        "01",
    ] {
        let (metadata, faults) = read(rules(), value);
        assert!(metadata.is_empty(), "{value}");
        assert_eq!(codes(&faults), ["invalid_json"], "{value}");
    }
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    for session in ["1.5", "1e999", "true"] {
        let value = format!(r#"{{"session":{session},"turn":"t"}}"#);
        let (metadata, faults) = read(rules(), &value);
        let expected = turn().with(SessionId::try_from(session).unwrap());
        assert_eq!(metadata, expected, "{value}");
        assert!(faults.is_empty(), "{value}: {faults}");
    }
    let (metadata, faults) = read(rules(), r#"{"session":null,"turn":"t"}"#);
    assert_eq!(metadata, turn());
    assert_eq!(codes(&faults), ["empty"]);
    for session in [
        r#"{"$serde_json::private::Number":"1.5"}"#,
        r#"{"$serde_json::private::RawValue":"\"forged\""}"#,
        &deep,
    ] {
        let value = format!(r#"{{"session":{session},"turn":"t"}}"#);
        let (metadata, faults) = read(rules(), &value);
        assert_eq!(metadata, turn(), "{value}");
        assert_eq!(codes(&faults), ["not_a_string"], "{value}");
    }
    for value in [
        r#"{"$serde_json::private::Number":"1.5","turn":"t"}"#,
        r#"{"a,\"}":"{[,:" , "t\u0075rn" : "t","x":[{"turn":"u"},","]}"#,
        r#"{"other":1e999,"another":"\ud800","turn":"t"}"#,
    ] {
        let (metadata, faults) = read(rules(), value);
        assert_eq!(metadata, turn(), "{value}");
        assert!(faults.is_empty(), "{value}: {faults}");
    }
    for value in ["{}", " { } "] {
        let (metadata, faults) = read(rules(), value);
        assert!(metadata.is_empty() && faults.is_empty(), "{value}");
    }
}

#[test]
fn string_is_read_alike_whatever_features_serde_json_has() {
    let rules = || {
        [
            Rule::json_string::<TurnId>("acme-metadata"),
            Rule::header::<SessionId>("acme-session"),
        ]
    };
    let (metadata, faults) = read(rules(), r#" "\u0074" "#);
    assert_eq!(metadata, turn());
    assert!(faults.is_empty(), "{faults}");
    for (value, code) in [
        ("1.5", "not_a_string"),
        ("1e999", "not_a_string"),
        (
            r#"{"$serde_json::private::RawValue":"\"t\""}"#,
            "not_a_string",
        ),
        (r#""t"#, "invalid_json"),
        (r#""\ud800""#, "invalid_json"),
    ] {
        let (metadata, faults) = read(rules(), value);
        assert!(metadata.is_empty(), "{value}");
        assert_eq!(codes(&faults), [code], "{value}");
    }
}
