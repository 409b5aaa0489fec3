//! Coverage of the table by vectors.

use std::collections::BTreeSet;

use tower_metadata_headers::{FieldKey, Metadata, Rule};

use super::{assert_none, each, subjects};
use crate::support::vectors::{self, File, Read, Write};

fn reads<'a>(files: &'a [File], convention: &'a str) -> impl Iterator<Item = &'a Read> {
    each(files)
        .filter(move |(_, name, _)| *name == convention)
        .filter_map(|(_, _, vector)| vector.read.as_ref())
}

fn writes<'a>(files: &'a [File], convention: &'a str) -> impl Iterator<Item = &'a Write> {
    each(files)
        .filter(move |(_, name, _)| *name == convention)
        .filter_map(|(_, _, vector)| vector.write.as_ref())
}

fn has(metadata: &Metadata, key: FieldKey) -> bool {
    metadata.iter().any(|(field, _)| field == key)
}

#[test]
fn each_convention_has_a_file_with_vectors_for_both_ways() {
    let files = vectors::files();
    let mut wrong = Vec::new();
    for (name, convention) in subjects() {
        let file_name = name.replace(' ', "-");
        if !files
            .iter()
            .any(|file| file.name == file_name && file.convention == name)
        {
            wrong.push(format!("{file_name}.json is missing"));
        }
        // Every one reads: `any-vendor` by a pattern, which no list shows.
        if reads(files, &name).next().is_none() {
            wrong.push(format!("{name}: no vector reads"));
        }
        let is_written = convention.writes().next().is_some();
        if is_written != writes(files, &name).next().is_some() {
            wrong.push(format!(
                "{name}: vectors that write, or none, are out of place"
            ));
        }
    }
    assert_none(&wrong);
}

/// Returns true if a header has a member of this name, or if the rule has no
/// member.
fn has_member(rule: &Rule, value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    match rule.member_name() {
        None => true,
        Some(key) if rule.headers().next() == Some("baggage") => text.contains(&format!("{key}=")),
        Some(member) => text.contains(&format!("\"{member}\":")),
    }
}

#[test]
fn each_header_that_is_read_has_a_vector_with_its_field() {
    let files = vectors::files();
    let mut wrong = Vec::new();
    for (convention, each) in subjects() {
        for rule in each.rules().filter(|rule| rule.is_read()) {
            for header in rule.headers() {
                let carries = |read: &Read| {
                    let mut carriers = read.carriers().into_iter();
                    carriers.any(|(name, value)| name == header && has_member(rule, &value))
                };
                let mut reads = reads(files, &convention);
                if !reads.any(|read| carries(read) && has(&read.metadata(), rule.field())) {
                    let member = rule.member_name().unwrap_or_default();
                    wrong.push(format!(
                        "{convention}: {header} {member} as {}",
                        rule.field()
                    ));
                }
            }
        }
    }
    assert_none(&wrong);
}

/// `one_rule` checks that each fallback of a rule is written, and in which
/// order.
#[test]
fn each_header_that_is_written_has_a_vector_with_its_field() {
    let files = vectors::files();
    let mut wrong = Vec::new();
    for (convention, each) in subjects() {
        for rule in each.rules().filter(|rule| rule.is_written()) {
            let header = rule.headers().next().unwrap();
            let mut writes = writes(files, &convention);
            if !writes.any(|write| {
                let mut headers = write.headers().into_iter();
                headers.any(|(name, value)| name == header && has_member(rule, value.as_bytes()))
                    && has(&write.metadata(), rule.field())
            }) {
                let member = rule.member_name().unwrap_or_default();
                wrong.push(format!(
                    "{convention}: {header} {member} from {}",
                    rule.field()
                ));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn each_limit_has_a_vector_inside_and_one_outside() {
    let files = vectors::files();
    let is_limit = |reason: &str| LIMITS.contains(&reason);
    let mut wrong = Vec::new();
    for (convention, each) in subjects() {
        let limited = each.rules().filter(|rule| !rule.value_limits().is_none());
        let headers: BTreeSet<&str> = limited.flat_map(Rule::headers).collect();
        for header in headers {
            let refused = |rows: &[vectors::FaultRow]| {
                rows.iter().any(|[_, name, reason, _]| {
                    name.as_deref() == Some(header) && reason.as_deref().is_some_and(is_limit)
                })
            };
            let read = reads(files, &convention).map(|read| {
                let came = read.carriers().iter().any(|(name, _)| name == header);
                (came, refused(&read.faults()))
            });
            let written = writes(files, &convention).map(|write| {
                let went = write.headers().iter().any(|(name, _)| name == header);
                (went, refused(&write.faults()))
            });
            let all: Vec<(bool, bool)> = read.chain(written).collect();
            if !all.contains(&(true, false)) {
                wrong.push(format!("{convention}: {header}: nothing inside its limits"));
            }
            if !all.iter().any(|(_, refused)| *refused) {
                wrong.push(format!(
                    "{convention}: {header}: nothing outside its limits"
                ));
            }
        }
    }
    assert_none(&wrong);
}

const LIMITS: [&str; 4] = ["invalid_character", "not_a_uuid", "too_long", "too_short"];
