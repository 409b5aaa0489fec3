//! Conventions of every vendor as data: headers and the metadata that is read
//! from them, metadata and the headers that are written, each with its source.

mod coverage;
mod one_rule;

use std::collections::BTreeSet;

use http::{HeaderMap, HeaderName, HeaderValue, header::USER_AGENT};
use tower_metadata_headers::{Convention, conventions};

use crate::support::{
    agents, fields,
    vectors::{self, File, Vector},
};

/// Panics with all problems at once.
#[track_caller]
fn assert_none(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Returns every vector of these files, with the name of its convention.
fn each(files: &[File]) -> impl Iterator<Item = (&File, &str, &Vector)> {
    files.iter().flat_map(|file| {
        file.vectors.iter().map(move |vector| {
            let convention = vector.convention.as_ref().unwrap_or(&file.convention);
            (file, convention.as_str(), vector)
        })
    })
}

/// Returns every convention that has a file of vectors.
fn subjects() -> Vec<(String, Convention)> {
    let mut subjects: Vec<(String, Convention)> = conventions::all()
        .map(|convention| (convention.name().to_owned(), convention))
        .collect();
    let acme = Convention::vendor("acme").unwrap();
    subjects.push(("vendor acme".to_owned(), acme));
    subjects
}

#[test]
fn each_request_is_read_as_its_vector() {
    let files = vectors::files();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (file, convention, vector) in each(files) {
        let (Some(read), Some(extractor)) = (&vector.read, vectors::extractor(convention)) else {
            continue;
        };
        count += 1;
        let found = read.run(&extractor);
        let name = format!("{}.json, {}", file.name, vector.name);
        if found.metadata != read.metadata() {
            let (found, wanted) = (
                fields::texts(&found.metadata),
                fields::texts(&read.metadata()),
            );
            wrong.push(format!(
                "{name}: metadata\n   found {found:?}\n  wanted {wanted:?}"
            ));
        }
        let (found, wanted) = (vectors::rows(&found.faults), read.faults());
        if found != wanted {
            wrong.push(format!(
                "{name}: faults\n   found {found:?}\n  wanted {wanted:?}"
            ));
        }
    }
    assert_none(&wrong);
    assert!(count > 200, "only {count} vectors were read");
}

#[test]
fn each_metadata_is_written_as_its_vector() {
    let files = vectors::files();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (file, convention, vector) in each(files) {
        let Some(write) = &vector.write else {
            continue;
        };
        let Some(convention) = vectors::convention(convention) else {
            continue;
        };
        count += 1;
        let metadata = write.metadata();
        let mut headers = HeaderMap::new();
        let faults = convention.write(&metadata, &mut headers).faults();
        let name = format!("{}.json, {}", file.name, vector.name);
        let found: Vec<(String, String)> = headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        if found != write.headers() {
            let wanted = write.headers();
            wrong.push(format!(
                "{name}: headers\n   found {found:?}\n  wanted {wanted:?}"
            ));
        }
        let (found, wanted) = (vectors::rows(&faults), write.faults());
        if found != wanted {
            wrong.push(format!(
                "{name}: faults\n   found {found:?}\n  wanted {wanted:?}"
            ));
        }
    }
    assert_none(&wrong);
    assert!(count > 90, "only {count} vectors were written");
}

#[test]
fn each_vector_has_a_source_and_one_direction() {
    let mut wrong = Vec::new();
    for file in vectors::files() {
        let mut names = BTreeSet::new();
        for vector in &file.vectors {
            let name = format!("{}.json, {}", file.name, vector.name);
            if !names.insert((&vector.name, vector.read.is_some())) {
                wrong.push(format!("{name}: the name is taken"));
            }
            let (what, when) = vector.source.split_once(" (").unwrap_or_default();
            let is_place = what.contains('/') || what.contains("stored text");
            let is_design = file.name == "faults" && what.starts_with("this crate's design: ");
            if what.len() < 10
                || !(is_place || is_design)
                || !when.starts_with("checked 20")
                || !when.ends_with(')')
            {
                wrong.push(format!("{name}: no source: {:?}", vector.source));
            }
            if vector.read.is_some() == vector.write.is_some() {
                wrong.push(format!("{name}: it must either read or write"));
            }
        }
        if file.vectors.is_empty() {
            wrong.push(format!("{}.json has no vectors", file.name));
        }
    }
    assert_none(&wrong);
}

#[test]
fn each_convention_has_a_source_and_the_day_it_was_checked() {
    let mut wrong = Vec::new();
    for convention in conventions::all() {
        let name = convention.name();
        let Some(source) = convention.provenance() else {
            wrong.push(format!("{name} has no source"));
            continue;
        };
        if source.source.len() < 10 {
            wrong.push(format!("{name}: no source: {:?}", source.source));
        }
        let parts: Vec<&str> = source.checked.split('-').collect();
        let is_number = |part: &&str| part.chars().all(|char| char.is_ascii_digit());
        let lens: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        let is_date = lens == [4, 2, 2] && parts.iter().all(is_number);
        if !is_date || source.checked < "2026" {
            wrong.push(format!("{name}: no date: {:?}", source.checked));
        }
    }
    assert_none(&wrong);
}

/// Only the `User-Agent` may give metadata: the client.
#[test]
fn other_headers_of_a_client_give_no_metadata() {
    let clients = vectors::file("clients");
    let mut around = 0;
    for vector in &clients.vectors {
        let read = vector.read.as_ref().unwrap();
        let mut headers = read.surroundings();
        around += headers.len();
        let found = conventions::clients().read_trusted(&headers);
        let texts = fields::texts(&found.metadata);
        let is_about_client = |name: &str| ["client-name", "client-version"].contains(&name);
        assert!(
            texts.iter().all(|(name, _)| is_about_client(name)),
            "{}: {texts:?}",
            vector.name
        );
        assert!(found.faults.is_empty(), "{}: {found:?}", vector.name);

        headers.remove(USER_AGENT);
        let found = conventions::clients().read_trusted(&headers);
        assert!(found.metadata.is_empty(), "{}: {found:?}", vector.name);
        assert!(found.faults.is_empty(), "{}: {found:?}", vector.name);
        assert!(!read.metadata().is_empty(), "{}", vector.name);
    }
    assert!(around > 100, "only {around} headers around");
}

#[test]
fn user_agent_of_a_known_client_gives_its_name_and_version() {
    for (client, agent, version) in agents::AGENTS {
        for agent in [(*agent).to_owned(), agent.to_ascii_uppercase()] {
            let mut headers = HeaderMap::new();
            headers
                .try_insert(USER_AGENT, HeaderValue::try_from(agent).unwrap())
                .unwrap();
            let found = conventions::clients().read(&headers);
            let mut wanted = vec![("client-name", *client), ("client-version", *version)];
            wanted.retain(|(_, value)| !value.is_empty());
            let wanted = fields::metadata(wanted).unwrap();
            assert_eq!(found.metadata, wanted, "{client}");

            // Two `User-Agent` lines are ignored, and so is a product that is
            // not first.
            headers
                .try_append(USER_AGENT, HeaderValue::from_static("curl/8.17.0"))
                .unwrap();
            assert!(conventions::clients().read(&headers).metadata.is_empty());
        }
        let mut headers = HeaderMap::new();
        let agent = HeaderValue::try_from(format!("curl/8.17.0 {agent}")).unwrap();
        headers.try_insert(USER_AGENT, agent).unwrap();
        assert!(conventions::clients().read(&headers).metadata.is_empty());
    }
}

#[test]
fn header_with_a_clients_owned_prefix_gives_its_name() {
    for (name, client) in [("x-roo-anything", Some("roo-code")), ("x-room", None)] {
        let value = HeaderValue::from_static("1");
        let headers = HeaderMap::from_iter([(HeaderName::from_static(name), value)]);
        let found = conventions::clients().read(&headers);
        let wanted = client.map(|client| ("client-name", client));
        assert_eq!(found.metadata, fields::metadata(wanted).unwrap(), "{name}");
        assert!(found.faults.is_empty(), "{name}");
    }
}

#[test]
fn each_bad_request_has_a_fault_and_keeps_its_other_fields() {
    let faults = vectors::file("faults");
    let mut codes = BTreeSet::new();
    for vector in &faults.vectors {
        let read = vector.read.as_ref().unwrap();
        let rows = read.faults();
        assert!(!rows.is_empty(), "{}", vector.name);
        assert!(!read.metadata().is_empty(), "{}", vector.name);
        codes.extend(rows.into_iter().filter_map(|[_, _, reason, _]| reason));
    }
    let wanted = [
        "conflict",
        "empty",
        "empty_item",
        "invalid_character",
        "invalid_escape",
        "invalid_field",
        "invalid_json",
        "invalid_utf8",
        "look_alike",
        "not_a_string",
        "not_a_uuid",
        "not_an_object",
        "repeated",
        "repeated_member",
        "too_long",
        "too_many",
        "too_short",
        "untrusted",
    ];
    assert!(codes.iter().eq(wanted), "{codes:?}");
}
