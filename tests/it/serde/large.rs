//! Large documents. Each is refused after a bounded part of it, or built.

use tower_metadata_headers::{Convention, ConventionSet, Destinations, serde::Configuration};

use super::error_of;

const SIZE: usize = 10 * 1024 * 1024;

/// Returns a document of 10 MB, with numbered items.
fn document(start: &str, item: impl Fn(usize) -> String, end: &str) -> String {
    let mut text = start.to_owned();
    let mut count = 0;
    while text.len() < SIZE {
        text.push_str(&item(count));
        count += 1;
    }
    text.push_str(end);
    text
}

#[test]
fn many_conventions_are_an_error() {
    let text = document("", |n| format!("[[conventions]]\nvendor = \"v{n}\"\n"), "");
    let error = error_of::<Configuration>(&text);
    assert_eq!(error, "list: must not have more than 1024 items");
}

#[test]
fn many_rules_are_an_error() {
    let rule = |n| format!("{{ field = \"mode\", header = \"h{n}\" }},\n");
    let text = document("name = \"acme\"\nrules = [", rule, "]");
    assert_eq!(
        error_of::<Convention>(&text),
        "list: must not have more than 256 items"
    );

    let aliases: Vec<_> = (0..30).map(|n| format!("\"a{n}\"")).collect();
    let rule = format!(
        "{{ field = \"mode\", header = \"h\", aliases = [{}] }},",
        aliases.join(",")
    );
    let text = format!("name = \"acme\"\nrules = [{}]", rule.repeat(9));
    assert_eq!(
        error_of::<Convention>(&text),
        "rules: must not have more than 256 headers"
    );
}

#[test]
fn many_hosts_are_an_error() {
    let host = |n| format!("[[hosts]]\nhost = \"h{n}.example\"\nconvention = \"w3c\"\n");
    let text = document("", host, "");
    assert_eq!(
        error_of::<Destinations>(&text),
        "list: must not have more than 16384 items"
    );
}

#[test]
fn hosts_up_to_the_maximum_are_built() {
    let hosts =
        (0..16_384).map(|n| format!("[[hosts]]\nhost = \"h{n}.example\"\nconvention = \"w3c\"\n"));
    let text: String = hosts.collect();
    let destinations: Destinations = toml::from_str(&text).unwrap();
    assert_eq!(destinations.hosts().len(), 16_384);
}

#[test]
fn many_headers_in_a_set_are_an_error() {
    let convention = |n: usize| {
        let rules =
            (0..100).map(|rule| format!("{{ field = \"mode\", header = \"h{n}-{rule}\" }},"));
        format!(
            "{{ name = \"c{n}\", rules = [{}] }},\n",
            rules.collect::<String>()
        )
    };
    let conventions: String = (0..41).map(convention).collect();
    let text = format!("conventions = [{conventions}]");
    let message = "the conventions must not have more than 4096 headers";
    assert_eq!(error_of::<ConventionSet>(&text), message);

    let host = |n: usize| {
        format!(
            "{{ host = \"h{n}.example\", convention = {} }},\n",
            convention(n).trim_end_matches(",\n")
        )
    };
    let hosts: String = (0..41).map(host).collect();
    assert_eq!(
        error_of::<Destinations>(&format!("hosts = [{hosts}]")),
        message
    );
}

#[test]
fn long_text_is_an_error_without_the_text() {
    let long = "x".repeat(SIZE);
    for text in [
        format!("name = \"{long}\""),
        format!("name = \"a\"\nextends = \"{long}\""),
        format!("vendor = \"{long}\""),
        format!("name = \"a\"\nrules = [{{ field = \"{long}\", header = \"h\" }}]"),
        format!("name = \"a\"\nrules = [{{ field = \"mode\", header = \"{long}\" }}]"),
        format!("name = \"a\"\nwithout = [\"{long}\"]"),
        format!("name = \"a\"\nowned_prefixes = [\"{long}\"]"),
        format!("name = \"a\"\nclient = {{ name = \"{long}\" }}"),
        format!("name = \"a\"\nclient = {{ name = \"a\", user_agents = [\"{long}\"] }}"),
    ] {
        let error = error_of::<Convention>(&text);
        assert!(error.len() < 400, "{} bytes", error.len());
    }
    let text = format!("hosts = [{{ host = \"{long}\", convention = \"w3c\" }}]");
    let error = error_of::<Destinations>(&text);
    assert!(error.len() < 400, "{} bytes", error.len());
}

#[test]
fn many_inserted_conventions_are_built_or_an_error_at_once() {
    let inserted = |n: usize| format!("{{ vendor = \"v{n}\", precedence = \"proxy\" }},\n");
    let list = |count| (0..count).map(inserted).collect::<String>();
    let document = |count| format!("conventions = [\"clients\"]\ninsert = [{}]", list(count));
    let set: ConventionSet = toml::from_str(&document(100)).unwrap();
    assert!(set.conventions().count() > 100);
    let error = error_of::<ConventionSet>(&document(256));
    assert_eq!(
        error,
        "the conventions must not have more than 4096 headers"
    );
}
