//! Values that targets accept, from their sources and independent of the
//! crate's table.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::vectors;

/// Returns true if this can be a vendor's name, but for those that are
/// reserved.
pub(crate) fn is_vendor(name: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|char| char.is_ascii_alphanumeric());
    name.len() <= 64 && name.split('-').all(is_word)
}

/// Returns true if LiteLLM reads this from a header `x-<vendor>-session-id`.
pub(crate) fn is_session_to_litellm(text: &str) -> bool {
    let allowed = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '-';
    text.len() >= 8 && text.chars().all(allowed)
}

/// Target of a convention, as a file of vectors describes it from its sources.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Target {
    /// The values that it accepts, for each header that does not accept all.
    pub(crate) limits: BTreeMap<String, Bounds>,
    /// The headers whose text it reads without decoding.
    literal: Vec<String>,
    /// Prefix of the headers that carry the fields without a header of their own.
    other_fields_prefix: Option<String>,
    /// Header with a JSON object of these fields.
    other_fields_object: Option<String>,
    /// The most members of a JSON object that it reads.
    max_members: Option<usize>,
}

/// The values that the reader of a header accepts.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Bounds {
    min_len: usize,
    max_len: Option<usize>,
    /// The characters besides letters and digits, if not all are accepted.
    also: Option<String>,
    /// A UUID of version 1 to 5.
    uuid: bool,
}

fn target(convention: &str) -> Option<&'static Target> {
    let mut files = vectors::files().iter();
    let file = files.find(|file| file.convention == convention)?;
    Some(&file.target)
}

/// Returns the values that a convention's header accepts, if it does not accept all.
pub(crate) fn bounds(convention: &str, header: &str) -> Option<&'static Bounds> {
    target(convention)?.limits.get(header)
}

/// Returns true if a header can carry this text: if the convention's target decodes the
/// header, or the text needs no escape.
pub(crate) fn is_writable(convention: &str, header: &str, text: &str) -> bool {
    let mut literal = target(convention)
        .into_iter()
        .flat_map(|target| &target.literal);
    let is_literal = literal.any(|literal| literal == header);
    let is_plain = text.chars().all(|char| (' '..='~').contains(&char));
    // A space at either end is not part of a header's value.
    !is_literal || (is_plain && text.trim() == text)
}

impl Bounds {
    /// Returns the reason why a value is not accepted.
    pub(crate) fn refuses(&self, value: &str) -> Option<&'static str> {
        if value.len() < self.min_len {
            return Some("too_short");
        }
        if self.max_len.is_some_and(|most| value.len() > most) {
            return Some("too_long");
        }
        let is_made_of = |also: &str| {
            value
                .chars()
                .all(|char| char.is_ascii_alphanumeric() || also.contains(char))
        };
        match &self.also {
            Some(also) if !is_made_of(also) => Some("invalid_character"),
            _ if self.uuid && !is_uuid_1_to_5(value) => Some("not_a_uuid"),
            _ => None,
        }
    }

    /// Returns ids at the limits that are accepted.
    pub(crate) fn inside(&self) -> Vec<String> {
        let mut inside = vec![UUID.to_owned()];
        if self.uuid {
            inside.push(UUID.to_ascii_uppercase());
            inside.push(UUID.replace("-4", "-1"));
            return inside;
        }
        if self.min_len > 0 {
            inside.push("a".repeat(self.min_len));
        }
        inside.push("a".repeat(self.max_len.unwrap_or(256).min(256)));
        if let Some(also) = &self.also {
            inside.push(format!("aZ09{also}aZ09").replace(' ', ""));
        }
        inside
    }

    /// Returns ids beyond the limits, each with the reason. Some are longer
    /// than any id, and so can only be in a header.
    pub(crate) fn outside(&self) -> Vec<(String, &'static str)> {
        let mut outside = Vec::new();
        if self.min_len > 0 {
            outside.push(("a".repeat(self.min_len - 1), "too_short"));
        }
        if let Some(most) = self.max_len {
            outside.push(("a".repeat(most + 1), "too_long"));
        }
        if self.also.is_some() {
            outside.push(("run*42*researcher".to_owned(), "invalid_character"));
        }
        if self.uuid {
            for other in [
                "01a1fb2c-5e70-7d40-8b6f-3e2a1c5d9f04",
                "5d1c7a6e3f2b4a899c0d1e2f3a4b5c6d",
                "5d1c7a6e-3f2b-4a89-9c0d-1e2f3a4b5c6",
                "5d1c7a6e-3f2b-4a89-7c0d-1e2f3a4b5c6d",
            ] {
                outside.push((other.to_owned(), "not_a_uuid"));
            }
        }
        outside
    }
}

/// Id that every reader accepts.
pub(crate) const UUID: &str = "5d1c7a6e-3f2b-4a89-9c0d-1e2f3a4b5c6d";

fn is_uuid_1_to_5(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let is_hex = |group: &&str| group.chars().all(|char| char.is_ascii_hexdigit());
    let lens: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let starts = |at: usize, with: &str| {
        groups
            .get(at)
            .is_some_and(|group: &&str| group.starts_with(|char| with.contains(char)))
    };
    lens == [8, 4, 4, 4, 12]
        && groups.iter().all(is_hex)
        && starts(2, "12345")
        && starts(3, "89abAB")
}

/// Returns the prefix of the headers that a convention gives to every field
/// without a header of its own.
pub(crate) fn other_fields_prefix(convention: &str) -> Option<&'static str> {
    target(convention)?.other_fields_prefix.as_deref()
}

/// Returns the header with the JSON object that has a member for every field without
/// a header of its own.
pub(crate) fn other_fields_object(convention: &str) -> Option<&'static str> {
    target(convention)?.other_fields_object.as_deref()
}

/// Returns the most members that are written of a convention's JSON object.
pub(crate) fn max_members(convention: &str) -> usize {
    let most = target(convention).and_then(|target| target.max_members);
    most.unwrap_or(usize::MAX)
}

/// Returns the length in bytes of a text as a JSON string, with its quotes and
/// with escapes for all characters that are not ASCII. The text has no control
/// characters.
pub(crate) fn json_len(text: &str) -> usize {
    let len = |char: char| match char {
        '"' | '\\' => 2,
        char if char.is_ascii() => 1,
        char => 6 * char.len_utf16(),
    };
    text.chars().map(len).sum::<usize>() + 2
}
