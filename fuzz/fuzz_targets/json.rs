//! Any bytes as the JSON of a header: a field is read only if its member occurs
//! once, as a string, number or boolean that is valid for the field.

#![no_main]

#[path = "../../tests/model/rules/mod.rs"]
mod model;

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Number, value::RawValue};
use tower_metadata_headers::{Convention, ConventionSet, Fault, FieldKey, Rule, conventions};

use crate::model::{config, real, values};

/// Requires the feature `arbitrary_precision`, without which the comparison
/// would check nothing.
const _: fn(&Number) -> &str = Number::as_str;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(value) = HeaderValue::from_bytes(data) else {
        return;
    };
    for (convention, header) in [
        (
            conventions::litellm_spend_logs(),
            "x-litellm-spend-logs-metadata",
        ),
        (conventions::codex_turn_metadata(), "x-codex-turn-metadata"),
    ] {
        reads(&convention, header, &value);
    }
});

fn reads(convention: &Convention, header: &'static str, value: &HeaderValue) {
    let mut headers = HeaderMap::new();
    let name = HeaderName::from_static(header);
    headers.try_append(name, value.clone()).expect("room");
    let found = ConventionSet::from(convention.clone()).read_trusted(&headers);
    let mut fields = real::fields(&found.metadata);
    // A header that is also passed on to its vendor has a value and faults as such.
    fields.retain(|name, _| *name != "vendor-headers");
    let is_of_member = |fault: &&Fault| {
        let field = fault.field().map(FieldKey::name);
        field != Some("vendor-headers")
    };
    let faults = found.faults.iter().filter(is_of_member);
    let mut codes = faults.map(|fault| fault.reason().code());

    if str::from_utf8(value.as_bytes()).is_err() {
        // The value is not JSON. The crate does not check the members that it
        // skips.
        return;
    }
    let is_member = |rule: &&Rule| rule.headers().next() == Some(header);
    let is_wanted = |key: &str| {
        let mut rules = convention.rules().filter(is_member);
        rules.any(|rule| rule.member_name() == Some(key))
    };
    let object = match serde_json::from_slice::<&RawValue>(value.as_bytes()) {
        _ if value.len() > 4096 => Err("too_long"),
        Err(_) => Err("invalid_json"),
        Ok(raw) if !raw.get().starts_with('{') => Err("not_an_object"),
        Ok(raw) => serde_json::from_str::<Object>(raw.get())
            .map_err(|_| "invalid_json")
            .and_then(|object| object.wanted(is_wanted)),
    };
    let object = match object {
        Ok(object) => object,
        Err(code) => {
            assert_eq!(codes.next(), Some(code));
            assert_eq!(codes.next(), None);
            // A header that only one client sends identifies that client,
            // whatever its value is.
            fields.retain(|name, _| *name != "client-name");
            assert!(fields.is_empty(), "{fields:?}");
            return;
        }
    };
    for rule in convention.rules().filter(is_member) {
        let field = rule.field().name();
        let mut members = object
            .iter()
            .filter(|(key, _)| Some(key.as_str()) == rule.member_name());
        let expected = match (members.next(), members.next()) {
            (Some((_, Some(text))), None) => {
                values::from_text(config::named(field).kind, text).ok()
            }
            _ => None,
        };
        let value = fields.remove(field);
        // The header identifies the client without a member for its name.
        let is_identified = field == "client-name" && expected.is_none();
        assert!(
            value == expected || is_identified,
            "{field}: {value:?}, not {expected:?}"
        );
    }
    // Members without a rule are properties.
    fields.retain(|name, _| !matches!(*name, "client-name" | "properties"));
    assert!(fields.is_empty(), "{fields:?}");
}

/// All members, with repeated ones.
struct Object(Vec<(String, Box<RawValue>)>);

impl Object {
    /// Returns the members that a rule names, with their text if they are
    /// strings, numbers or booleans. The values of other members are not checked, not even for half
    /// of a surrogate pair.
    fn wanted(
        self,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<(String, Option<String>)>, &'static str> {
        let members = self.0.into_iter().filter(|(key, _)| is_wanted(key));
        let members = members.map(|(key, raw)| {
            let text = match raw.get().as_bytes() {
                [b'"', ..] => Some(serde_json::from_str(raw.get())?),
                [b'{' | b'[' | b'n', ..] => None,
                // A number or a boolean.
                _ => Some(raw.get().to_owned()),
            };
            Ok((key, text))
        });
        members
            .collect::<serde_json::Result<_>>()
            .map_err(|_| "invalid_json")
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Object, M::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Object(members))
    }
}
