//! Sets of conventions.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{
        Error, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

use super::{
    checks::{check_headers, is_default},
    item::Item,
    list::List,
    located::{Located, build_all},
    names::Names,
};
use crate::{Convention, ConventionSet, RequestLimits, convention::insert};

/// Maximum number of conventions in a set.
const MAX_CONVENTIONS: usize = 256;

type Items = List<Item, MAX_CONVENTIONS>;

/// Set of conventions in a document.
pub(super) enum SetDocument {
    /// The conventions alone. One name is a list of one.
    List(Items),
    Map(SetMap),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetMap {
    conventions: Items,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    insert: Items,
    #[serde(default, skip_serializing_if = "is_default")]
    limits: RequestLimits,
}

impl SetDocument {
    pub(super) fn build(self, names: &Names) -> Result<ConventionSet, Located> {
        match self {
            Self::List(items) => set(conventions(items, names)?),
            Self::Map(map) => map.build(names),
        }
    }

    pub(super) fn new(set: &ConventionSet, names: &Names) -> Self {
        let items = set
            .conventions()
            .map(|convention| Item::new(convention, names))
            .collect();
        match set.limits() {
            limits if is_default(&limits) => Self::List(items),
            limits => Self::Map(SetMap {
                conventions: items,
                insert: List::default(),
                limits,
            }),
        }
    }
}

impl SetMap {
    fn build(self, names: &Names) -> Result<ConventionSet, Located> {
        let listed = conventions(self.conventions, names);
        let mut listed = listed.map_err(|error| error.within("conventions"))?;
        let inserted = build_all(self.insert, |item| item.build(names));
        let inserted: Vec<_> = inserted.map_err(|error| error.within("insert"))?;
        for convention in inserted {
            insert(&mut listed, convention);
        }
        Ok(set(listed)?.request_limits(self.limits))
    }
}

/// Creates a set whose plan is not too large to build.
fn set(conventions: Vec<Convention>) -> Result<ConventionSet, Located> {
    check_headers(conventions.iter())?;
    Ok(ConventionSet::new(conventions))
}

fn conventions(items: Items, names: &Names) -> Result<Vec<Convention>, Located> {
    let conventions: Vec<Vec<Convention>> = build_all(items, |item| build(item, names))?;
    Ok(conventions.into_iter().flatten().collect())
}

/// Name of [`clients`](crate::conventions::clients) in a list of conventions.
const CLIENTS: &str = "clients";

/// Builds the conventions of an item. A convention of the document may have the name
/// `clients`.
fn build(item: Item, names: &Names) -> Result<Vec<Convention>, Located> {
    match item {
        Item::Name(name) if name == CLIENTS && names.own(CLIENTS).is_none() => {
            Ok(crate::conventions::clients()
                .conventions()
                .cloned()
                .collect())
        }
        item => Ok(vec![item.build(names)?]),
    }
}

impl Serialize for SetDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::List(items) => items.serialize(serializer),
            Self::Map(map) => map.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for SetDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameListOrMap;

        impl<'de> Visitor<'de> for NameListOrMap {
            type Value = SetDocument;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a convention, a list of conventions, or a map with them")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<SetDocument, E> {
                let items = [Item::Name(name.to_owned())];
                Ok(SetDocument::List(items.into_iter().collect()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<SetDocument, A::Error> {
                Items::deserialize(SeqAccessDeserializer::new(items)).map(SetDocument::List)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SetDocument, A::Error> {
                SetMap::deserialize(MapAccessDeserializer::new(map)).map(SetDocument::Map)
            }
        }

        deserializer.deserialize_any(NameListOrMap)
    }
}

/// Serializes the conventions as a list. If the limits are not the default, serializes a map
/// with the list and the limits.
impl Serialize for ConventionSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        SetDocument::new(self, &Names::new()).serialize(serializer)
    }
}

/// Deserializes a list of conventions, a map with the list and the limits, or one name. The
/// name `clients` stands for [`conventions::clients`](crate::conventions::clients).
impl<'de> Deserialize<'de> for ConventionSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = SetDocument::deserialize(deserializer)?;
        document.build(&Names::new()).map_err(Located::into_error)
    }
}
