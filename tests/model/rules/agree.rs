//! Comparison of the crate with the model. Each function panics if they differ.

use std::{collections::BTreeSet, slice, sync::LazyLock};

use http::{HeaderMap, Uri};
use tower_metadata_headers::{
    Convention, ConventionSet, Destinations, Faults, FieldKey, HostPolicy, Metadata,
    WriteReport as Report,
};

use super::{
    Code, Line, config,
    fields::KNOWN,
    read::{self, Read},
    real,
    write::{self, WriteReport},
};

/// Asserts that the crate reads these lines as the model does.
pub(crate) fn reads(lines: &[Line]) {
    let lines = possible(lines);
    let headers = real::headers(&lines);
    let extractor = real::extractor();
    for trusted in [false, true] {
        let found = if trusted {
            extractor.read_trusted(&headers)
        } else {
            extractor.read(&headers)
        };
        let model = read::read(config::all(), &lines, trusted);
        same(&found.metadata, &found.faults, &model);
    }
    let turned: Vec<Line> = lines.iter().rev().cloned().collect();
    let one = extractor.read_trusted(&headers).metadata;
    let other = extractor.read_trusted(&real::headers(&turned)).metadata;
    assert_eq!(one, other);
    removes(&lines);
}

/// Asserts that the crate and the model read the same.
pub(crate) fn same(metadata: &Metadata, faults: &Faults, model: &Read) {
    assert_eq!(real::fields(metadata), model.fields);
    let is_cut = faults.len() > Faults::MAX;
    let mut faults = real::faults(faults);
    if is_cut {
        // The other faults are only counted.
        assert!(faults.iter().all(|fault| model.faults.contains(fault)));
        // A fault of untrusted identity is dropped before any other fault.
        let is_untrusted = |(_, _, code): &(_, _, Code)| *code == "untrusted";
        let mut others = model.faults.iter().filter(|fault| !is_untrusted(fault));
        let has_others = others.all(|fault| faults.contains(fault));
        assert!(has_others || !faults.iter().any(is_untrusted), "{faults:?}");
        return;
    }
    let mut expected = model.faults.clone();
    expected.sort();
    faults.sort();
    assert_eq!(faults, expected);
}

/// Asserts that the reader and each writer remove the same lines as the model.
fn removes(lines: &[Line]) {
    let headers = real::headers(lines);
    let mut left = headers.clone();
    real::extractor().remove_from(&mut left);
    is(&left, &write::removed(config::all(), lines));
    for (convention, _, model) in both() {
        let mut left = headers.clone();
        convention.remove_from(&mut left);
        is(&left, &write::removed(slice::from_ref(model), lines));
    }
}

/// Asserts that the crate writes this metadata to these lines as the model
/// does, and that it reads back.
pub(crate) fn writes(metadata: &Metadata, lines: &[Line]) {
    let lines = possible(lines);
    for (convention, extractor, model) in both() {
        for (keep, withhold) in [(false, false), (true, false), (false, true), (true, true)] {
            let fields = real::fields(metadata);
            let expected = write::written(model, &fields, &lines, keep, withhold);
            let mut headers = real::headers(&lines);
            let writer = Writer {
                convention: &convention,
                keep,
                withhold,
            };
            writer.check(metadata, &mut headers, &expected);

            let mut again = headers.clone();
            writer.write(metadata, &mut again);
            is(&again, &real::lines(&headers));

            let found = extractor.read_trusted(&headers);
            let model = read::read(slice::from_ref(model), &expected.lines, true);
            same(&found.metadata, &found.faults, &model);
            if !keep {
                comes_back(&expected, metadata, &found.metadata);
            }
        }
    }
}

/// One way to write.
struct Writer<'c> {
    convention: &'c Convention,
    keep: bool,
    withhold: bool,
}

impl Writer<'_> {
    fn write<'m>(&self, metadata: &'m Metadata, headers: &mut HeaderMap) -> Report<'m> {
        let convention = self.convention;
        if self.withhold {
            let destination = HostPolicy::new(convention.clone()).without_identity();
            let destinations = Destinations::from(destination);
            let uri = Uri::from_static("https://a.example/");
            return if self.keep {
                destinations.write_if_not_present(&uri, metadata, headers)
            } else {
                destinations.write(&uri, metadata, headers)
            };
        }
        if self.keep {
            convention.write_if_not_present(metadata, headers)
        } else {
            convention.write(metadata, headers)
        }
    }

    fn check(&self, metadata: &Metadata, headers: &mut HeaderMap, expected: &WriteReport) {
        let written = self.write(metadata, headers);
        let carried: BTreeSet<_> = written.fields().map(FieldKey::name).collect();
        let mut faults: Vec<_> = real::faults(&written.faults())
            .into_iter()
            .filter_map(|(_, field, code)| Some((field?, code)))
            .collect();
        let mut expected_faults = expected.faults.clone();
        expected_faults.sort_unstable();
        faults.sort_unstable();
        is(headers, &expected.lines);
        assert_eq!(carried, expected.carried);
        assert_eq!(faults, expected_faults);
    }
}

/// Asserts that each field that was written reads back unchanged, as itself or
/// as the field that it replaced.
fn comes_back(written: &WriteReport, sent: &Metadata, found: &Metadata) {
    let (sent, found) = (real::fields(sent), real::fields(found));
    let stand_ins = |name: &str| -> &[&str] {
        match name {
            "session-id" => &["conversation-id", "task-id"],
            "turn-id" => &["agent-id"],
            "task-id" => &["parent-task-id"],
            _ => &[],
        }
    };
    for (name, value) in &found {
        let known = sent.get(name) == Some(value)
            || *name == "request-id"
            || (stand_ins(name).iter()).any(|name| sent.get(name) == Some(value));
        assert!(known, "{name} came from nowhere");
    }
    // The agent and the user's own fields are not read.
    let is_read = |name: &str| name != "agent-id" && KNOWN.iter().any(|field| field.name == name);
    for name in written.carried.iter().filter(|name| is_read(name)) {
        let value = sent.get(name);
        let stood_in =
            |other: &&&str| stand_ins(other).contains(name) && found.get(**other) == value;
        let has_stood_in = ["session-id", "task-id"]
            .iter()
            .any(|other| stood_in(&other));
        assert!(has_stood_in || found.get(name) == value, "{name} is lost");
    }
}

/// Returns both writers, each with its reader.
fn both() -> [(Convention, ConventionSet, &'static config::Convention); 2] {
    static READERS: LazyLock<[ConventionSet; 2]> =
        LazyLock::new(|| [real::acme().into(), real::zoo().into()]);
    let ([acme, zoo], [model, other, _]) = (READERS.clone(), config::all());
    [(real::acme(), acme, model), (real::zoo(), zoo, other)]
}

/// Asserts that the headers are these lines, with names in any order.
pub(crate) fn is(headers: &HeaderMap, lines: &[Line]) {
    assert_eq!(real::sorted(&real::lines(headers)), real::sorted(lines));
}

/// Returns the lines that `http` can hold.
pub(crate) fn possible(lines: &[Line]) -> Vec<Line> {
    let lines = lines.iter();
    lines
        .filter(|line| real::header(line).is_some())
        .cloned()
        .collect()
}
