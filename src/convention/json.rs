//! Fields inside JSON that is a header's value.

use std::{borrow::Cow, fmt, fmt::Write as _};

use http::{HeaderName, HeaderValue};
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};

use super::{
    Sources,
    table::Part,
    write::{Accepted, Writing},
};
use crate::{FieldKey, Reason};

/// A member to write.
pub(super) struct Member {
    pub(super) name: Cow<'static, str>,
    pub(super) source: Sources,
}

/// The object with the members that the metadata has a value for; ASCII only.
pub(super) fn object(
    members: &[Member],
    most: usize,
    header: &HeaderName,
    writing: &mut Writing<'_>,
) -> Option<(Vec<FieldKey>, HeaderValue)> {
    let limit = writing.left.budget.most_in_value();
    let mut text = String::new();
    let mut keys = Vec::new();
    let mut is_sensitive = false;
    for member in members {
        let Some(accepted) = writing.accept(&member.source, header) else {
            continue;
        };
        let key = accepted.key;
        if keys.len() == most {
            writing.fault(key, header, Reason::TooMany { limit: most });
            continue;
        }
        let len = text.len();
        text.push(if keys.is_empty() { '{' } else { ',' });
        string(&member.name, &mut text);
        text.push(':');
        string(&key.plain(&accepted.value), &mut text);
        // The brace that ends it counts too.
        if text.len() >= limit {
            text.truncate(len);
            writing.fault(key, header, Reason::TooLong { limit });
            continue;
        }
        keys.push(key);
        is_sensitive |= accepted.sensitive;
    }
    if keys.is_empty() {
        return None;
    }
    text.push('}');
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(is_sensitive);
    Some((keys, value))
}

/// The value as a JSON string.
pub(super) fn quoted(accepted: &Accepted<'_>) -> Option<HeaderValue> {
    let mut text = String::new();
    string(&accepted.key.plain(&accepted.value), &mut text);
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(accepted.sensitive);
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

/// What an object has for one member that is wanted.
pub(super) type Found = Option<Result<String, Reason>>;

/// The members that are wanted, each on its own: one that is no string or
/// stands twice spoils no other.
pub(super) fn members(wanted: &[Part], value: &HeaderValue) -> Result<Vec<Found>, Reason> {
    let mut json = serde_json::Deserializer::from_slice(value.as_bytes());
    match json.deserialize_any(Object(wanted)) {
        Ok(found) => json.end().map(|()| found).map_err(|_| Reason::InvalidJson),
        Err(error) if error.is_data() => Err(Reason::NotAnObject),
        Err(_) => Err(Reason::InvalidJson),
    }
}

/// The text of a value that is a JSON string.
pub(super) fn unquoted(value: &HeaderValue) -> Result<String, Reason> {
    match serde_json::from_slice(value.as_bytes()) {
        Ok(serde_json::Value::String(text)) => Ok(text),
        Ok(_) => Err(Reason::NotAString),
        Err(_) => Err(Reason::InvalidJson),
    }
}

/// Takes the wanted members of an object, and tells repeated ones, which a
/// map would hide.
struct Object<'a>(&'a [Part]);

impl<'de> Visitor<'de> for Object<'_> {
    type Value = Vec<Found>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut found = vec![None; self.0.len()];
        while let Some(name) = map.next_key::<String>()? {
            let at = self.0.iter().position(|wanted| wanted.name == name);
            let Some(slot) = at.and_then(|at| found.get_mut(at)) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            *slot = Some(match (&slot, map.next_value()?) {
                (None, serde_json::Value::String(text)) => Ok(text),
                (None, _) => Err(Reason::NotAString),
                _ => Err(Reason::RepeatedMember),
            });
        }
        Ok(found)
    }
}
