//! Any metadata in every convention: each field that is written reads back
//! equal, and a convention reads its own headers without faults.

#![no_main]

mod input;
#[path = "../../tests/model/rules/mod.rs"]
mod model;

use std::sync::LazyLock;

use http::HeaderMap;
use tower_metadata_headers::{
    Convention, ConventionSet, Fault, FieldKey, Metadata, Rule, conventions,
};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let metadata = model::real::metadata(&input::texts(data));
    for (convention, extractor) in ALL.iter() {
        comes_back(convention, extractor, &metadata);
    }
});

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    input::mutate(data, size, max_size, seed)
});

/// Every convention with its reader.
static ALL: LazyLock<Vec<(Convention, ConventionSet)>> = LazyLock::new(|| {
    let all = conventions::all();
    all.map(|convention| (convention.clone(), convention.into()))
        .collect()
});

fn comes_back(convention: &Convention, extractor: &ConventionSet, metadata: &Metadata) {
    let name = convention.name();
    let mut headers = HeaderMap::new();
    let written = convention.write(metadata, &mut headers);
    let carried: Vec<FieldKey> = written.fields().collect();
    let faults = written.faults();
    let reported = |key: FieldKey| faults.iter().any(|fault| fault.field() == Some(key));
    for (key, _) in metadata.iter() {
        assert!(carried.contains(&key) || reported(key), "{name} lost {key}");
    }
    let found = extractor.read_trusted(&headers);
    // A field of the user's own is read as a property, whose text is percent-encoded.
    let mut others = found.faults.iter();
    let is_of_property = |fault: &Fault| fault.property_key().is_some();
    assert!(others.all(is_of_property), "{name}: {}", found.faults);

    let sent = model::fields::texts(metadata);
    let back = model::fields::texts(&found.metadata);
    let text = |texts: &[(&str, String)], key: FieldKey| {
        let found = texts.iter().find(|(name, _)| *name == key.name());
        found.map(|(_, text)| text.clone())
    };
    let comes_back =
        |rule: &&Rule| rule.is_written() && rule.is_read() && rule.user_agents().len() == 0;
    for rule in convention.rules().filter(comes_back) {
        let Some(source) = rule.sources().find(|&key| text(&sent, key).is_some()) else {
            continue;
        };
        let header = rule.headers().next();
        let is_here = |fault: &&Fault| {
            fault.field() == Some(source) && fault.header_name().map(|name| name.as_str()) == header
        };
        if !faults.iter().any(|fault| is_here(&fault)) {
            assert!(carried.contains(&source), "{name}: {source}");
            assert_eq!(
                text(&back, rule.field()),
                text(&sent, source),
                "{name}: {source}"
            );
        }
    }
}
