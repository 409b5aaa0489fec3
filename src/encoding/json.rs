//! JSON in a header's value: a string, or an object with string members. It is written
//! in ASCII, with escapes for all other characters.

use std::fmt::Write as _;

use http::HeaderValue;
use serde::de::IgnoredAny;

use super::{Found, Part, PartText};
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

/// Returns the member of each part. If a member is repeated or not a string, the others
/// are still valid.
pub(crate) fn members<'v, T>(
    value: &'v HeaderValue,
    parts: &[Part<T>],
) -> Result<Vec<Found<'v>>, Reason> {
    let json = valid(value)?;
    let object = json
        .strip_prefix(b"{")
        .and_then(|json| json.strip_suffix(b"}"));
    let object = object.ok_or(Reason::NotAnObject)?;
    let mut found: Vec<Found<'v>> = parts.iter().map(|_| Found::default()).collect();
    for member in split(object, b',') {
        let mut sides = split(member, b':');
        // The JSON is valid, so only an empty object has a member without a value.
        let (Some(name), Some(value)) = (sides.next(), sides.next()) else {
            continue;
        };
        // The JSON is valid, so every name is a string.
        let name = string_of(name).unwrap_or(Err(Reason::InvalidJson))?;
        let at = parts.iter().position(|part| part.name == name);
        // `found` has an element for each part. Members without a part are ignored.
        let Some(found) = at.and_then(|at| found.get_mut(at)) else {
            continue;
        };
        let text = string_of(value).transpose()?.ok_or(Reason::NotAString);
        found.text = Some(match found.text {
            Some(_) => Err(Reason::RepeatedMember),
            None => text.map(|text| PartText {
                text,
                percent_encoded: None,
            }),
        });
    }
    Ok(found)
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
