//! The headers by which a target knows a session, as its vectors have them: apart
//! from the crate's own table.

use serde_json::Value as Json;
use tower_metadata_headers::Convention;

use crate::support::vectors;

/// The place of the session in a header's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Value,
    JsonString,
    /// Member of a JSON object.
    Member(String),
    /// Member of baggage.
    Baggage(String),
}

impl Place {
    /// Returns the place of this session in a value that carries it.
    fn of(session: &str, value: &str) -> Option<Self> {
        if value == session {
            return Some(Self::Value);
        }
        let member = |value: &Json| value.as_str() == Some(session);
        match serde_json::from_str(value) {
            Ok(text @ Json::String(_)) => member(&text).then_some(Self::JsonString),
            Ok(Json::Object(object)) => {
                let (name, _) = object.iter().find(|(_, value)| member(value))?;
                Some(Self::Member(name.clone()))
            }
            _ => {
                let (key, _) = value
                    .split(',')
                    .filter_map(|member| member.split_once('='))
                    .find(|(_, value)| unescaped(value) == session)?;
                Some(Self::Baggage(key.to_owned()))
            }
        }
    }

    /// Returns what stands in this place of a value.
    pub(crate) fn find(&self, value: &str) -> Option<String> {
        let json = || serde_json::from_str::<Json>(value).unwrap();
        match self {
            Self::Value => Some(value.to_owned()),
            Self::JsonString => Some(json().as_str()?.to_owned()),
            Self::Member(member) => Some(json().get(member)?.as_str()?.to_owned()),
            Self::Baggage(key) => {
                let mut members = value.split(',').filter_map(|member| member.split_once('='));
                let (_, value) = members.find(|(name, _)| name == key)?;
                Some(unescaped(value))
            }
        }
    }
}

/// Undoes the escapes that the crate writes in an id.
fn unescaped(value: &str) -> String {
    let value = value.replace("%3D", "=").replace("%2B", "+");
    value.replace("%25", "%")
}

/// Returns the headers of this convention that carry a session.
pub(crate) fn session_headers(convention: &Convention) -> Vec<(&'static str, Place)> {
    let name = convention.name();
    let is_its = |file: &&vectors::File| {
        file.convention == name || file.convention.strip_prefix("vendor ") == Some(name)
    };
    let mut found: Vec<(&str, Place)> = Vec::new();
    let files = vectors::files().iter().filter(is_its);
    for vector in files.flat_map(|file| &file.vectors) {
        let Some(write) = vector
            .write
            .as_ref()
            .filter(|_| vector.convention.is_none())
        else {
            continue;
        };
        let Some(session) = write.unique_session() else {
            continue;
        };
        for (header, value) in write.header_texts() {
            if let Some(place) = Place::of(&session, &value)
                && !found.iter().any(|(known, _)| *known == header)
            {
                found.push((header, place));
            }
        }
    }
    found
}
