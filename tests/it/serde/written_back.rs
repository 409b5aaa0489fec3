//! Conventions, sets, destinations and configurations that are written and read again.

use std::collections::BTreeMap;

use serde::{Serialize, de::DeserializeOwned};
use tower_metadata_headers::{
    Convention, ConventionSet, Destinations, HostPolicy, RequestLimits, Rule, SessionId, UserId,
    conventions, serde::Configuration,
};

/// Writes a value as TOML and as JSON, and reads both.
fn back<T: Serialize + DeserializeOwned>(value: &T) -> [T; 2] {
    let json = serde_json::to_string(value).unwrap();
    let json = serde_json::from_str(&json).unwrap();
    // A TOML document is a table.
    let table = BTreeMap::from([("value", value)]);
    let text = toml::to_string(&table).unwrap();
    let mut read: BTreeMap<String, T> = toml::from_str(&text).unwrap();
    [json, read.remove("value").unwrap()]
}

#[test]
fn built_in_convention_is_written_as_its_name() {
    for convention in conventions::all() {
        let value = serde_json::to_value(&convention).unwrap();
        assert_eq!(value, convention.name());
        assert!(back(&convention).iter().all(|read| *read == convention));
    }
}

#[test]
fn definition_of_every_convention_comes_back() {
    for convention in conventions::all() {
        let fork = convention.to_builder().name("fork").build().unwrap();
        let value = serde_json::to_value(&fork).unwrap();
        assert_eq!(value["name"], "fork");
        for read in back(&fork) {
            assert_eq!(read, fork, "{}: {value}", convention.name());
        }
    }
}

#[test]
fn own_convention_comes_back() {
    let own = Convention::vendor("acme")
        .unwrap()
        .to_builder()
        .rule(Rule::header::<UserId>("x-forwarded-user").asserts_identity())
        .client("acme", ["acme/"])
        .hosts(["acme.example"])
        .request_limits(RequestLimits::new().max_headers(3))
        .build()
        .unwrap();
    assert!(back(&own).iter().all(|read| *read == own));
}

#[test]
fn set_comes_back() {
    let clients = conventions::clients();
    assert!(serde_json::to_value(&clients).unwrap().is_array());
    let own = clients
        .prefer(Convention::vendor("acme").unwrap())
        .request_limits(RequestLimits::new().max_bytes(100));
    for set in [clients, own] {
        assert!(back(&set).iter().all(|read| *read == set));
    }
    let named: ConventionSet = serde_json::from_str("\"clients\"").unwrap();
    assert_eq!(named, conventions::clients());
}

#[test]
fn destinations_come_back() {
    let own = Convention::builder("acme").rule(Rule::header::<SessionId>("acme-session"));
    let litellm = HostPolicy::new(conventions::litellm());
    let destinations = Destinations::new()
        .host("[2001:db8::1]:*", own.build().unwrap())
        .unwrap()
        .host("*.Litellm.example", litellm.clone().allow_http())
        .unwrap()
        .host(
            "litellm.example:8443",
            litellm.clone().https_only().without_identity(),
        )
        .unwrap()
        .host("openrouter.ai", conventions::openrouter())
        .unwrap()
        .proxy("localhost:4000")
        .unwrap()
        .provider("local", litellm)
        .with_known_providers()
        .fallback(conventions::w3c());
    let list = |destinations: &Destinations| -> Vec<String> {
        let named = destinations.hosts().chain(destinations.providers());
        let unnamed = destinations.fallback_policy().map(|policy| ("", policy));
        let entries = named.chain(unnamed);
        entries
            .map(|(name, policy)| format!("{name}: {policy:?}"))
            .collect()
    };
    // The known providers repeat a host, which never counts.
    let mut expected = list(&destinations);
    let repeated = expected
        .iter()
        .rposition(|line| line.starts_with("openrouter.ai: "));
    expected.remove(repeated.unwrap());
    for read in back(&destinations) {
        assert_eq!(list(&read), expected);
        assert!(read.proxies().eq(["localhost:4000"]));
    }
}

#[test]
fn configuration_comes_back() {
    let text = r#"
        read = { conventions = ["litellm", "clients"], limits = { max_headers = 3 } }

        [[conventions]]
        # An own convention with the name of a built-in one takes precedence.
        name = "litellm"
        extends = "litellm"
        without = ["x-litellm-customer-id"]

        [[conventions]]
        name = "eu"
        extends = "litellm"

        [destinations]
        hosts = [{ host = "a.example", convention = "eu" }]
        fallback = { convention = "litellm" }
    "#;
    let first = super::configuration(text);
    let eu = &first.conventions()[1];
    assert!(
        eu.writes()
            .all(|(header, _)| header != "x-litellm-customer-id")
    );
    let value = serde_json::to_value(&first).unwrap();
    assert_eq!(value["read"]["conventions"][0], "litellm");
    assert_eq!(value["destinations"]["hosts"][0]["convention"], "eu");
    for read in back(&first) {
        assert_eq!(read.conventions(), first.conventions());
        assert_eq!(read.read(), first.read());
        assert_eq!(serde_json::to_value(&read).unwrap(), value);
    }
    let empty: Configuration = toml::from_str("").unwrap();
    assert!(empty.read().is_none() && empty.destinations().hosts().len() == 0);
    assert_eq!(serde_json::to_string(&empty).unwrap(), "{}");
}
