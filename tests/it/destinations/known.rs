//! Known providers: they get no identity, and are the same hosts with every
//! feature.
//!
//! These tests run with and without the feature `json`.

use std::collections::BTreeSet;

use http::{HeaderMap, Uri};
use tower_metadata_headers::{
    AgentId, Class, Destinations, MachineId, Metadata, OrganizationId, ProjectId, Reason,
    RequestId, SessionId, UserId, conventions,
};

/// A URI of each host, and the host's convention.
const KNOWN: [(&str, &str); 12] = [
    ("https://opencode.ai/zen/v1", "opencode"),
    ("https://api.x.ai/v1", "grok"),
    ("https://openrouter.ai/api/v1", "openrouter"),
    ("https://ai-gateway.helicone.ai/v1", "helicone"),
    ("https://api.fireworks.ai/inference/v1", "fireworks"),
    ("https://aiplatform.googleapis.com/v1", "vertex"),
    ("https://api.openai.com/v1", "openai"),
    ("https://api.llmgateway.io/v1", "llm-gateway"),
    ("https://acme.openai.azure.com/openai", "azure-openai"),
    ("https://router.requesty.ai/v1", "requesty"),
    ("https://gateway.futureagi.com/v1", "prism"),
    ("https://api.mistral.ai/v1", "mistral"),
];

/// Conventions that the feature `json` adds to `conventions::all`.
const JSON: [&str; 8] = [
    "codex-turn-metadata",
    "litellm-spend-logs",
    "portkey",
    "cloudflare-ai-gateway",
    "databricks",
    "truefoundry",
    "bedrock",
    "tensorzero",
];

fn everything() -> Metadata {
    Metadata::new()
        .with(SessionId::try_from("ses_1").unwrap())
        .with(RequestId::try_from("5d1c7a6e-3f2b-4a89-9c0d-1e2f3a4b5c6d").unwrap())
        .with(AgentId::try_from("agent-1").unwrap())
        .with(ProjectId::try_from("canary/web").unwrap())
        .with(OrganizationId::try_from("canary").unwrap())
        .with(UserId::try_from("canary@example.com").unwrap())
        .with(MachineId::try_from("canary-1").unwrap())
}

#[test]
fn known_hosts_are_these_with_every_feature() {
    let known = Destinations::new().with_known_providers();
    let name = |uri: &str| {
        let found = known.policy_for(&uri.parse().unwrap());
        found.map(|destination| destination.name().to_owned())
    };
    for (uri, expected) in KNOWN {
        assert_eq!(name(uri).as_deref(), Some(expected), "{uri}");
        assert_eq!(name(&uri.replace("https", "http")), None, "{uri}");
    }
    for uri in [
        "https://api.portkey.ai/v1",
        "https://gateway.ai.cloudflare.com/v1",
        "https://example.com/",
    ] {
        assert_eq!(name(uri), None, "{uri}");
    }
}

/// If a convention of the table gets a host, the list of known providers must
/// name it.
#[test]
fn known_providers_have_each_host_of_a_convention_without_json() {
    let known: BTreeSet<_> = KNOWN.iter().map(|(_, name)| (*name).to_owned()).collect();
    let of_the_table = conventions::all().filter(|convention| convention.hosts().len() > 0);
    let names = of_the_table.map(|convention| convention.name().to_owned());
    let names: BTreeSet<_> = names
        .filter(|name| !JSON.contains(&name.as_str()))
        .collect();
    assert_eq!(names, known);
}

#[test]
fn known_hosts_get_no_identity_unless_named_before() {
    let metadata = everything();
    let mut withheld = 0;
    for (uri, _) in KNOWN {
        let uri = Uri::from_static(uri);
        let write = |destinations: &Destinations| {
            let mut headers = HeaderMap::new();
            let written = destinations.write(&uri, &metadata, &mut headers);
            let is_identity =
                |key: &tower_metadata_headers::FieldKey| key.class() == Class::Identity;
            let identity = written.fields().filter(is_identity).count();
            assert!(written.fields().count() > identity, "{uri}");
            let shows = headers
                .values()
                .any(|value| value.to_str().unwrap().contains("canary"));
            assert_eq!(shows, identity > 0, "{uri}");
            let faults = written.faults();
            let faults = faults
                .iter()
                .filter(|fault| fault.reason() == Reason::Withheld);
            (identity, faults.count())
        };
        let (identity, faults) = write(&Destinations::new().with_known_providers());
        assert_eq!(identity, 0, "{uri}");

        // Control: the operator names the same host.
        let convention = conventions::all().find(|convention| {
            let host = convention.hosts().next();
            host.is_some_and(|host| uri.host().unwrap().ends_with(host.trim_start_matches('*')))
        });
        let named = Destinations::new()
            .host(uri.host().unwrap(), convention.unwrap())
            .unwrap()
            .with_known_providers();
        assert_eq!(write(&named), (faults, 0), "{uri}");
        withheld += faults;
    }
    assert!(withheld >= 5, "{withheld}");
}

#[test]
fn feature_json_adds_these_conventions() {
    let names: Vec<String> = conventions::all()
        .map(|convention| convention.name().to_owned())
        .collect();
    let is_there = |name: &&str| names.iter().any(|known| known == name);
    let count = if cfg!(feature = "json") {
        JSON.len()
    } else {
        0
    };
    assert_eq!(JSON.iter().filter(|name| is_there(name)).count(), count);
}
