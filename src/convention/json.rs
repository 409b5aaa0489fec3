//! Fields inside a JSON object that is a header's value.

use std::{borrow::Cow, fmt, fmt::Write as _};

use http::{HeaderName, HeaderValue};
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};

use super::{
    Content, InvalidConvention, Rule, Write,
    builder::header_name,
    extractor::{Rank, Reading},
    write::first,
};
use crate::{Fault, FieldKey, Metadata, Reason};

/// The most bytes of JSON that are read.
const MAX_LEN: usize = 4096;

/// A member to write.
pub(super) struct Member {
    name: Cow<'static, str>,
    pub(super) sources: Vec<FieldKey>,
}

/// Adds a rule to the header that carries its object.
pub(super) fn add_member(
    writes: &mut Vec<Write>,
    rule: &Rule,
    name: Cow<'static, str>,
    sources: Vec<FieldKey>,
) -> Result<(), InvalidConvention> {
    let member = Member { name, sources };
    for write in writes.iter_mut() {
        if let Content::Object(members) = &mut write.value
            && write.header.as_str() == rule.header
        {
            members.push(member);
            return Ok(());
        }
    }
    writes.push(Write {
        header: header_name(rule.header.clone())?,
        value: Content::Object(vec![member]),
    });
    Ok(())
}

/// The object with the members that the metadata has a value for; ASCII only.
pub(super) fn object(members: &[Member], metadata: &Metadata) -> Option<HeaderValue> {
    let mut text = String::new();
    let mut sensitive = false;
    for member in members {
        let Some((key, value)) = first(&member.sources, metadata) else {
            continue;
        };
        sensitive |= key.sensitive();
        text.push(if text.is_empty() { '{' } else { ',' });
        string(&member.name, &mut text);
        text.push(':');
        string(&key.plain(value), &mut text);
    }
    if text.is_empty() {
        return None;
    }
    text.push('}');
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(sensitive);
    Some(value)
}

fn string(text: &str, into: &mut String) {
    for char in serde_json::Value::from(text).to_string().chars() {
        if char.is_ascii() {
            into.push(char);
            continue;
        }
        for unit in char.encode_utf16(&mut [0; 2]) {
            // Writing to a string can't fail.
            let _ = write!(into, "\\u{unit:04x}");
        }
    }
}

/// A member to read.
pub(super) struct Wanted {
    name: Cow<'static, str>,
    pub(super) field: FieldKey,
    rank: Rank,
}

impl Wanted {
    pub(super) const fn new(name: Cow<'static, str>, field: FieldKey, rank: Rank) -> Self {
        Self { name, field, rank }
    }
}

/// Reads the members that are wanted. One that is no string or stands twice
/// is a fault of its own.
pub(super) fn read<'h>(
    reading: &mut Reading<'h>,
    members: &[Wanted],
    header: &'h HeaderName,
    value: &HeaderValue,
) {
    let found = match parse(members, value) {
        Ok(found) => found,
        Err(reason) => {
            reading.faults.push(Fault::new(reason).header(header));
            return;
        }
    };
    for (wanted, member) in members.iter().zip(found) {
        let text = match member {
            Found::Absent => continue,
            Found::Text(text) => Ok(text),
            Found::NotAString => Err(Reason::NotAString),
            Found::Repeated => Err(Reason::RepeatedMember),
        };
        reading.field(wanted.field, wanted.rank, header, |field| {
            field.parse(&text?)
        });
    }
}

#[derive(Clone)]
enum Found {
    Absent,
    Text(String),
    NotAString,
    Repeated,
}

fn parse(members: &[Wanted], value: &HeaderValue) -> Result<Vec<Found>, Reason> {
    let bytes = value.as_bytes();
    if bytes.len() > MAX_LEN {
        return Err(Reason::TooLong { limit: MAX_LEN });
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    match json.deserialize_any(Object(members)) {
        Ok(found) => json.end().map(|()| found).map_err(|_| Reason::InvalidJson),
        Err(error) if error.is_data() => Err(Reason::NotAnObject),
        Err(_) => Err(Reason::InvalidJson),
    }
}

/// Takes the wanted members of an object, and tells repeated ones, which a
/// map would hide.
struct Object<'a>(&'a [Wanted]);

impl<'de> Visitor<'de> for Object<'_> {
    type Value = Vec<Found>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut found = vec![Found::Absent; self.0.len()];
        while let Some(name) = map.next_key::<String>()? {
            let at = self.0.iter().position(|wanted| wanted.name == name);
            let Some(slot) = at.and_then(|at| found.get_mut(at)) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            *slot = match (&slot, map.next_value()?) {
                (Found::Absent, serde_json::Value::String(text)) => Found::Text(text),
                (Found::Absent, _) => Found::NotAString,
                _ => Found::Repeated,
            };
        }
        Ok(found)
    }
}
