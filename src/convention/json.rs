//! Fields inside JSON that is a header's value.

use std::{borrow::Cow, fmt::Write as _};

use http::{HeaderName, HeaderValue};
use serde::de::IgnoredAny;

use super::{
    Sources, ValueLimits,
    table::Part,
    write::{Accepted, Writing},
};
use crate::{FieldKey, Reason};

/// A member to write.
pub(super) struct Member {
    pub(super) name: Cow<'static, str>,
    pub(super) source: Sources,
}

/// An object to write.
pub(super) struct Object {
    pub(super) members: Vec<Member>,
    /// The most members that its reader takes.
    most: usize,
    /// Limits of the members for fields of the user's own that no rule names.
    rest: Option<Rest>,
}

struct Rest {
    limits: ValueLimits,
    /// The user's own fields that rules name.
    named: Vec<FieldKey>,
}

/// The name of the member for a field that no rule names.
pub(super) fn member_name(key: FieldKey) -> String {
    key.name().replace('-', "_")
}

impl Object {
    pub(super) const fn new(members: Vec<Member>, most: usize) -> Self {
        Self {
            members,
            most,
            rest: None,
        }
    }

    pub(super) fn take_rest(&mut self, limits: ValueLimits, named: Vec<FieldKey>) {
        self.rest = Some(Rest { limits, named });
    }

    pub(super) const fn takes_rest(&self) -> bool {
        self.rest.is_some()
    }

    /// The fields that its members may be made of.
    pub(super) fn keys(&self) -> impl Iterator<Item = FieldKey> {
        let keys = self.members.iter().map(|member| &member.source.keys);
        keys.flatten().copied()
    }

    /// The object with the members that the metadata has a value for; ASCII
    /// only. With it, the fields that it carries.
    pub(super) fn value(
        &self,
        header: &HeaderName,
        writing: &mut Writing<'_>,
    ) -> Option<(Vec<FieldKey>, HeaderValue)> {
        let mut text = ObjectText {
            text: String::new(),
            keys: Vec::new(),
            sensitive: false,
        };
        for member in &self.members {
            if let Some(accepted) = writing.accept(&member.source, header) {
                self.add(&member.name, &accepted, &mut text, header, writing);
            }
        }
        if let Some(rest) = &self.rest
            && writing.metadata.has_own_fields()
        {
            self.add_rest(rest, &mut text, header, writing);
        }
        text.value()
    }

    fn add_rest(
        &self,
        rest: &Rest,
        text: &mut ObjectText,
        header: &HeaderName,
        writing: &mut Writing<'_>,
    ) {
        let mut earlier = None;
        let metadata = writing.metadata;
        for (key, _) in metadata.own_fields() {
            // Two types of one name stand side by side.
            if earlier.replace(key.name()) == Some(key.name()) {
                writing.fault(key, header, Reason::AlreadySet);
                continue;
            }
            let name = member_name(key);
            let mut members = self.members.iter();
            if rest.named.contains(&key) || members.any(|member| member.name == name) {
                continue;
            }
            let source = Sources {
                keys: vec![key],
                limits: rest.limits,
                is_plain: true,
                identity: false,
            };
            if let Some(accepted) = writing.accept(&source, header) {
                self.add(&name, &accepted, text, header, writing);
            }
        }
    }

    fn add(
        &self,
        name: &str,
        accepted: &Accepted<'_>,
        text: &mut ObjectText,
        header: &HeaderName,
        writing: &mut Writing<'_>,
    ) {
        let limit = writing.left.limits.most_in_value();
        if text.keys.len() == self.most {
            let reason = Reason::TooMany { limit: self.most };
            writing.fault(accepted.key, header, reason);
        } else if !text.add(name, accepted, limit) {
            writing.fault(accepted.key, header, Reason::TooLong { limit });
        }
    }
}

/// An object in the making.
struct ObjectText {
    text: String,
    keys: Vec<FieldKey>,
    sensitive: bool,
}

impl ObjectText {
    /// Adds a member if the whole stays within this many bytes.
    fn add(&mut self, name: &str, accepted: &Accepted<'_>, limit: usize) -> bool {
        let text = &mut self.text;
        let len = text.len();
        text.push(if self.keys.is_empty() { '{' } else { ',' });
        string(name, text);
        text.push(':');
        string(&accepted.key.plain(&accepted.value), text);
        // The brace that ends it counts too.
        if text.len() >= limit {
            text.truncate(len);
            return false;
        }
        self.keys.push(accepted.key);
        self.sensitive |= accepted.sensitive;
        true
    }

    fn value(mut self) -> Option<(Vec<FieldKey>, HeaderValue)> {
        if self.keys.is_empty() {
            return None;
        }
        self.text.push('}');
        let mut value = HeaderValue::try_from(self.text).ok()?;
        value.set_sensitive(self.sensitive);
        Some((self.keys, value))
    }
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

/// Value of one member in an object.
pub(super) type Found = Option<Result<String, Reason>>;

/// The members that are wanted, each on its own: one that is no string or
/// stands twice spoils no other.
pub(super) fn members(wanted: &[Part], value: &HeaderValue) -> Result<Vec<Found>, Reason> {
    let json = valid(value)?;
    let object = json
        .strip_prefix(b"{")
        .and_then(|json| json.strip_suffix(b"}"));
    let object = object.ok_or(Reason::NotAnObject)?;
    let mut found = vec![None; wanted.len()];
    for member in split(object, b',') {
        let mut parts = split(member, b':');
        // An empty object has no member, and every other member has a value.
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else {
            continue;
        };
        let name = string_of(name).unwrap_or(Err(Reason::InvalidJson))?;
        let at = wanted.iter().position(|wanted| wanted.name == name);
        let Some(slot) = at.and_then(|at| found.get_mut(at)) else {
            continue;
        };
        let text = string_of(value).transpose()?.ok_or(Reason::NotAString);
        *slot = Some(if slot.is_none() {
            text
        } else {
            Err(Reason::RepeatedMember)
        });
    }
    Ok(found)
}

/// The text of a value that is a JSON string.
pub(super) fn unquoted(value: &HeaderValue) -> Result<String, Reason> {
    string_of(valid(value)?).unwrap_or(Err(Reason::NotAString))
}

/// The bytes of a value that is JSON.
///
/// `serde_json` is asked about syntax and strings only. How it reads anything
/// else depends on its features, which other crates of a program turn on.
fn valid(value: &HeaderValue) -> Result<&[u8], Reason> {
    let json = value.as_bytes().trim_ascii();
    serde_json::from_slice::<IgnoredAny>(json)
        .map(|_| json)
        .map_err(|_| Reason::InvalidJson)
}

/// The text of a part of JSON that is a string.
fn string_of(json: &[u8]) -> Option<Result<String, Reason>> {
    let json = json.trim_ascii();
    json.starts_with(b"\"")
        .then(|| serde_json::from_slice(json).map_err(|_| Reason::InvalidJson))
}

/// Splits a part of valid JSON where a separator is inside no string, array or
/// object.
fn split(json: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    json.split(move |&byte| {
        if in_string {
            in_string = is_escaped || byte != b'"';
            is_escaped = byte == b'\\' && !is_escaped;
            return false;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => return byte == separator && depth == 0,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_leaves_strings_arrays_and_objects_whole() {
        for (json, parts) in [
            (r#""a":1,"b":[2,3]"#, &[r#""a":1"#, r#""b":[2,3]"#][..]),
            (r#""a,\",":"{","b":{}"#, &[r#""a,\",":"{""#, r#""b":{}"#]),
            (r#""\\","\\\",""#, &[r#""\\""#, r#""\\\",""#]),
            (r#"{"a":[{"b,":1},2]},3"#, &[r#"{"a":[{"b,":1},2]}"#, "3"]),
            ("", &[""]),
        ] {
            let found: Vec<&[u8]> = split(json.as_bytes(), b',').collect();
            let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
            assert_eq!(found, parts, "{json}");
        }
    }
}
