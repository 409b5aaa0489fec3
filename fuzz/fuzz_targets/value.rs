//! Any bytes as an id, a text or tags: the crate accepts or rejects them as the
//! model does. An accepted value is written in one form, which reads back
//! equal.

#![no_main]

#[path = "../../tests/model/rules/mod.rs"]
mod model;

use http::{HeaderMap, HeaderName, HeaderValue};
use tower_metadata_headers::{Convention, ConventionSet, Metadata};

use crate::model::{config, fields, real, values};

/// Fields of each kind.
const FIELDS: [&str; 4] = ["session-id", "user-id", "mode", "tags"];

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for name in FIELDS {
        if let Ok(value) = HeaderValue::from_bytes(data) {
            from_header(name, value);
        }
        if let Ok(text) = str::from_utf8(data) {
            from_text(name, text);
        }
    }
});

fn from_header(name: &'static str, value: HeaderValue) {
    let expected = values::from_header(config::named(name).kind, value.as_bytes());
    let (metadata, code) = read(name, value);
    assert_eq!(real::fields(&metadata).get(name), expected.as_ref().ok());
    assert_eq!(code, expected.err());
    again(name, &metadata);
}

fn from_text(name: &'static str, text: &str) {
    let field = fields::named(name).expect("a field");
    let expected = values::from_text(config::named(name).kind, text);
    let [one, other, parsed] = (field.parse)(text);
    assert_eq!(one, other);
    assert_eq!(one, parsed);
    match (field.with)(Metadata::new(), text) {
        Err(error) => assert_eq!(Some(error.reason().code()), expected.err()),
        Ok(metadata) => {
            assert_eq!(real::fields(&metadata).get(name), expected.ok().as_ref());
            // Tags are stored without the space around them.
            let kept = (field.get)(&metadata).expect("the field");
            assert!(kept == text || name == "tags");
            again(name, &metadata);
        }
    }
}

/// Asserts that a written value reads back equal, and is written the same
/// again.
fn again(name: &'static str, metadata: &Metadata) {
    let Some(wire) = real::fields(metadata).remove(name) else {
        return;
    };
    assert!(wire.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    assert_eq!(wire.trim(), wire);
    let value = HeaderValue::try_from(wire).expect("visible ASCII");
    let (back, code) = read(name, value);
    assert_eq!(code, None);
    assert_eq!(back, *metadata);
}

/// Reads one header with this value.
fn read(name: &str, value: HeaderValue) -> (Metadata, Option<&'static str>) {
    thread_local! {
        static ZOO: ConventionSet = Convention::vendor("zoo").expect("a vendor").into();
    }
    let mut headers = HeaderMap::new();
    let header = HeaderName::try_from(format!("x-zoo-{name}")).expect("a name");
    headers.try_append(header, value).expect("room");
    let found = ZOO.with(|zoo| zoo.read_trusted(&headers));
    let code = found
        .faults
        .iter()
        .next()
        .map(|fault| fault.reason().code());
    (found.metadata, code)
}
