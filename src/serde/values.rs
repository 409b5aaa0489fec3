//! Values of fields.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Unexpected, Visitor},
};

use super::list::List;
use crate::{
    AgentId, ClientName, ClientVersion, ConversationId, Id, MachineId, Mode, OrganizationId,
    ParentAgentId, ParentSessionId, ParentTaskId, ProjectId, Properties, RequestId, SessionId,
    Tags, TaskId, Text, TraceId, TurnId, UserId,
};

/// Text in a document. The error for another type does not contain the value, unlike that
/// of `String`.
pub(super) struct Plain(pub(super) String);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyText;

        impl AnyText {
            fn not_a_text<E: Error>(&self, found: &str) -> E {
                E::invalid_type(Unexpected::Other(found), self)
            }
        }

        impl Visitor<'_> for AnyText {
            type Value = Plain;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Plain, E> {
                Ok(Plain(text.to_owned()))
            }

            fn visit_bool<E: Error>(self, _: bool) -> Result<Plain, E> {
                Err(self.not_a_text("a boolean"))
            }

            fn visit_i64<E: Error>(self, _: i64) -> Result<Plain, E> {
                Err(self.not_a_text("a number"))
            }

            fn visit_u64<E: Error>(self, _: u64) -> Result<Plain, E> {
                Err(self.not_a_text("a number"))
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<Plain, E> {
                Err(self.not_a_text("a number"))
            }
        }

        // `deserialize_str` would leave the error for another type to the format.
        deserializer.deserialize_any(AnyText)
    }
}

macro_rules! as_text {
    ($($name:ident),+) => {$(
        /// Serializes the value as a string.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        /// Deserializes the value from a string, which is checked. An error does not contain
        /// the value.
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let Plain(text) = Plain::deserialize(deserializer)?;
                Self::try_from(text).map_err(D::Error::custom)
            }
        }
    )+};
}

as_text!(
    AgentId,
    ClientName,
    ClientVersion,
    ConversationId,
    Id,
    MachineId,
    Mode,
    OrganizationId,
    ParentAgentId,
    ParentSessionId,
    ParentTaskId,
    ProjectId,
    RequestId,
    SessionId,
    TaskId,
    Text,
    TraceId,
    TurnId,
    UserId
);

/// Serializes the tags as a list.
impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// Deserializes a list of tags, which are checked. An error does not contain a tag.
impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tags = List::<Plain, { Self::MAX_TAGS }>::deserialize(deserializer)?;
        Self::new(tags.into_iter().map(|tag| tag.0)).map_err(D::Error::custom)
    }
}

/// Serializes the properties as a map.
impl Serialize for Properties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// Deserializes a map of properties, which are checked. An error does not contain a value.
impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Properties;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of properties")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Properties, A::Error> {
                let mut pairs: Vec<(String, String)> = Vec::new();
                // One more than the maximum is an error below.
                while pairs.len() <= Properties::MAX_KEYS
                    && let Some((key, Plain(value))) = map.next_entry()?
                {
                    pairs.push((key, value));
                }
                Properties::new(pairs).map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}
