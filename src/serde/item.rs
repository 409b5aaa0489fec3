//! Conventions by name or by definition.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::{convention::ConventionDocument, located::Located, names::Names};
use crate::Convention;

/// Convention in a document: its name, or its definition.
pub(super) enum Item {
    Name(String),
    Definition(Box<ConventionDocument>),
}

impl Item {
    pub(super) fn build(self, names: &Names) -> Result<Convention, Located> {
        match self {
            Self::Name(name) => names.convention(&name),
            Self::Definition(document) => document.build(names),
        }
    }

    /// Returns the convention's name, if a document with these names finds it by name.
    pub(super) fn new(convention: &Convention, names: &Names) -> Self {
        if names.contains(convention) {
            Self::Name(convention.name().to_owned())
        } else {
            Self::Definition(Box::new(ConventionDocument::from(convention)))
        }
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => serializer.serialize_str(name),
            Self::Definition(document) => document.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrMap;

        impl<'de> Visitor<'de> for NameOrMap {
            type Value = Item;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a convention, or a map with its definition")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Item, E> {
                Ok(Item::Name(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Item, A::Error> {
                ConventionDocument::deserialize(MapAccessDeserializer::new(map))
                    .map(|document| Item::Definition(Box::new(document)))
            }
        }

        deserializer.deserialize_any(NameOrMap)
    }
}

/// Serializes a built-in convention as its name, and any other with its definition.
impl Serialize for Convention {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Item::new(self, &Names::new()).serialize(serializer)
    }
}

/// Deserializes the name of a built-in convention, or a definition, which is checked as by
/// [`ConventionBuilder::build`](crate::ConventionBuilder::build).
impl<'de> Deserialize<'de> for Convention {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let item = Item::deserialize(deserializer)?;
        item.build(&Names::new()).map_err(Located::into_error)
    }
}
