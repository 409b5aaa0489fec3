//! Metadata.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, Error, MapAccess, Visitor},
};

use super::{located::Located, names::Names, values::Plain};
use crate::{Field, InvalidValue, Metadata};

/// Serializes the fields as a map of names to texts. Tags and properties are one text each.
///
/// # Security
///
/// The map has the values of all fields, identity included. To leave identity out, call
/// [`Metadata::retain`] before.
impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.entries().iter();
        serializer
            .collect_map(entries.map(|entry| (entry.key.name(), entry.key.plain(&entry.value))))
    }
}

/// Deserializes a map of names to texts. For metadata with fields of your own, use
/// [`MetadataSeed`].
///
/// # Errors
///
/// Returns an error if a name is unknown or repeated, or if a value is invalid for its
/// field. The error does not contain the value.
impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        MetadataSeed::new().deserialize(deserializer)
    }
}

/// Seed that deserializes [`Metadata`] with fields of your own.
///
/// ```
/// use serde::de::DeserializeSeed;
/// use tower_metadata_headers::{Metadata, metadata_field, serde::MetadataSeed};
///
/// metadata_field! {
///     /// The tenant that pays.
///     pub struct TenantId("tenant-id"): Identity;
/// }
///
/// let metadata = Metadata::new().with(TenantId::try_from("acme")?);
/// let text = serde_json::to_string(&metadata)?;
/// assert_eq!(text, r#"{"tenant-id":"acme"}"#);
///
/// let seed = MetadataSeed::new().field::<TenantId>();
/// let read = seed.deserialize(&mut serde_json::Deserializer::from_str(&text))?;
/// assert_eq!(read, metadata);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a seed does nothing until it deserializes"]
pub struct MetadataSeed(Names);

impl MetadataSeed {
    /// Creates a seed that knows the fields of this crate.
    pub const fn new() -> Self {
        Self(Names::new())
    }

    /// Adds a field of your own. If several have the same name, the first is used.
    pub fn field<F: Field>(mut self) -> Self {
        self.0.add_field::<F>();
        self
    }
}

impl<'de> DeserializeSeed<'de> for MetadataSeed {
    type Value = Metadata;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Metadata, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for MetadataSeed {
    type Value = Metadata;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of field names to texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Metadata, A::Error> {
        let mut metadata = Metadata::new();
        while let Some(name) = fields.next_key::<Cow<'de, str>>()? {
            let key = self.0.field(&name).map_err(Located::into_error)?;
            let Plain(text) = fields.next_value()?;
            let value = key.parse(&text);
            let value =
                value.map_err(|reason| A::Error::custom(InvalidValue::new(key.name(), reason)))?;
            if metadata.set(key, key.marked(value)).is_some() {
                return Err(A::Error::custom(format_args!("{key}: is repeated")));
            }
        }
        Ok(metadata)
    }
}
