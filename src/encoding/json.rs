//! JSON in a header's value: a string, or an object with string members. It is written
//! in ASCII, with escapes for all other characters.

use std::fmt::Write as _;

use http::HeaderValue;
use serde::de::IgnoredAny;

use super::{Found, PartText, Parts};
use crate::Reason;

/// Returns the name of the member for a field without a rule.
pub(crate) fn member_name(field: &str) -> String {
    field.replace('-', "_")
}

/// JSON object that is being written.
#[derive(Default)]
pub(crate) struct Object {
    text: String,
}

impl Object {
    /// Adds a member and returns true, unless the object would exceed `limit` bytes.
    pub(crate) fn add(&mut self, name: &str, text: &str, limit: usize) -> bool {
        let len = self.text.len();
        self.text.push(if len == 0 { '{' } else { ',' });
        push_string(name, &mut self.text);
        self.text.push(':');
        push_string(text, &mut self.text);
        // The closing brace counts too.
        if self.text.len() >= limit {
            self.text.truncate(len);
            return false;
        }
        true
    }

    /// Returns the object as a header's value.
    pub(crate) fn into_value(mut self) -> Result<HeaderValue, Reason> {
        self.text.push('}');
        header_value(self.text)
    }
}

/// Returns a text as a header's value that is a JSON string.
pub(crate) fn quoted(text: &str) -> Result<HeaderValue, Reason> {
    let mut quoted = String::new();
    push_string(text, &mut quoted);
    header_value(quoted)
}

fn header_value(json: String) -> Result<HeaderValue, Reason> {
    HeaderValue::try_from(json).map_err(|_| Reason::InvalidField)
}

/// Appends a text as a JSON string. Characters outside ASCII are escaped.
fn push_string(text: &str, into: &mut String) {
    for char in serde_json::Value::from(text).to_string().chars() {
        if char.is_ascii() {
            into.push(char);
            continue;
        }
        for unit in char.encode_utf16(&mut [0; 2]) {
            // Writing to a `String` cannot fail.
            let _ = write!(into, "\\u{unit:04x}");
        }
    }
}

/// Members of a JSON object.
pub(crate) struct Members<'v> {
    /// The member of each named part.
    pub(crate) named: Vec<Found<'v>>,
    /// The other members, if they are properties.
    pub(crate) others: Others,
}

/// Members with their names. A repeated member is in the list more than once.
pub(crate) type Others = Vec<(String, Result<String, Reason>)>;

/// Returns the members of an object. If a member is repeated, or is an array or an object,
/// the others are still valid.
pub(crate) fn members<'v, T>(
    value: &'v HeaderValue,
    parts: &Parts<T>,
) -> Result<Members<'v>, Reason> {
    let json = valid(value)?;
    let object = json
        .strip_prefix(b"{")
        .and_then(|json| json.strip_suffix(b"}"));
    let object = object.ok_or(Reason::NotAnObject)?;
    let mut named: Vec<Found<'v>> = parts.named.iter().map(|_| Found::default()).collect();
    let mut others = Others::new();
    for member in split(object, b',') {
        let mut sides = split(member, b':');
        // The JSON is valid, so only an empty object has a member without a value.
        let (Some(name), Some(value)) = (sides.next(), sides.next()) else {
            continue;
        };
        // The JSON is valid, so every name is a string.
        let name = string_of(name).unwrap_or(Err(Reason::InvalidJson))?;
        let at = parts.named.iter().position(|part| part.name == name);
        // `named` has an element for each part.
        let Some(found) = at.and_then(|at| named.get_mut(at)) else {
            if parts.others.is_some() {
                others.push((name, text_of(value)));
            }
            continue;
        };
        let text = text_of(value);
        if let Err(reason @ Reason::InvalidJson) = text {
            return Err(reason);
        }
        found.text = Some(match found.text {
            Some(_) => Err(Reason::RepeatedMember),
            None => text.map(|text| PartText {
                text,
                percent_encoded: None,
            }),
        });
    }
    Ok(Members { named, others })
}

/// Returns the text of a header's value that is a JSON string.
pub(crate) fn unquoted(value: &HeaderValue) -> Result<String, Reason> {
    string_of(valid(value)?).unwrap_or(Err(Reason::NotAString))
}

/// Returns the bytes of a header's value if they are JSON.
///
/// `serde_json` only checks the syntax and decodes strings. How it reads anything else
/// depends on its features, which other crates in the build may enable.
fn valid(value: &HeaderValue) -> Result<&[u8], Reason> {
    let json = value.as_bytes().trim_ascii();
    serde_json::from_slice::<IgnoredAny>(json)
        .map(|_| json)
        .map_err(|_| Reason::InvalidJson)
}

/// Returns the text of a part of valid JSON: a string, or a number or boolean as sent.
/// `null` is no value.
fn text_of(json: &[u8]) -> Result<String, Reason> {
    if let Some(text) = string_of(json) {
        return text;
    }
    match json.trim_ascii() {
        b"null" => Err(Reason::Empty),
        [b'{' | b'[', ..] => Err(Reason::NotAString),
        // In valid JSON anything else is a number or a boolean, which are ASCII.
        other => String::from_utf8(other.to_vec()).map_err(|_| Reason::InvalidUtf8),
    }
}

/// Returns the text if a part of valid JSON is a string.
fn string_of(json: &[u8]) -> Option<Result<String, Reason>> {
    let json = json.trim_ascii();
    json.starts_with(b"\"")
        .then(|| serde_json::from_slice(json).map_err(|_| Reason::InvalidJson))
}

/// Splits a part of valid JSON at each separator outside strings, arrays and objects.
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
            // Brackets are balanced in valid JSON, so this never saturates.
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
