//! Configuration of a program.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeSeed};

use super::{
    convention::ConventionDocument,
    convention_set::SetDocument,
    destinations::DestinationsDocument,
    list::List,
    located::{Located, quoted},
    names::Names,
};
use crate::{Convention, ConventionSet, Destinations, Field};

/// Maximum number of conventions of an operator.
const MAX_CONVENTIONS: usize = 1_024;

/// Configuration of a program: conventions of its operator, the conventions to read, and
/// the destinations.
///
/// The [module docs](crate::serde) show a file with every option.
///
/// ```
/// use tower_metadata_headers::{MetadataHeadersLayer, serde::Configuration};
///
/// let configuration: Configuration = toml::from_str(
///     r#"
///     read = ["acme", "clients"]
///
///     [[conventions]]
///     vendor = "acme"
///
///     [[destinations.hosts]]
///     host = "llm.acme.example"
///     convention = "acme"
///     "#,
/// )?;
/// let read = configuration.read().ok_or("`read` is missing")?;
/// let extract = MetadataHeadersLayer::extract(read.clone());
/// let inject = MetadataHeadersLayer::inject(configuration.destinations().clone());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// The operator's fields and conventions.
    names: Names,
    read: Option<ConventionSet>,
    destinations: Destinations,
}

impl Configuration {
    /// Returns the conventions of the operator, in the order of the document.
    #[must_use]
    pub fn conventions(&self) -> &[Convention] {
        self.names.conventions()
    }

    /// Returns the conventions to read, if the document has them.
    #[must_use]
    pub const fn read(&self) -> Option<&ConventionSet> {
        self.read.as_ref()
    }

    /// Returns the destinations. If the document has none, no host gets metadata.
    pub const fn destinations(&self) -> &Destinations {
        &self.destinations
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigurationDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    read: Option<SetDocument>,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    conventions: List<ConventionDocument, MAX_CONVENTIONS>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    destinations: Option<DestinationsDocument>,
}

impl ConfigurationDocument {
    fn build(self, mut names: Names) -> Result<Configuration, Located> {
        for (index, document) in self.conventions.into_iter().enumerate() {
            let located = |error: Located| error.at(index).within("conventions");
            let convention = document.build(&names).map_err(located)?;
            if names.own(convention.name()).is_some() {
                let name = quoted(convention.name());
                let problem = format!("another convention has the name {name}");
                return Err(located(Located::new(problem)));
            }
            names.add_convention(convention);
        }
        let read = self.read.map(|document| document.build(&names)).transpose();
        let destinations = self.destinations.unwrap_or_default().build(&names);
        Ok(Configuration {
            read: read.map_err(|error| error.within("read"))?,
            destinations: destinations.map_err(|error| error.within("destinations"))?,
            names,
        })
    }
}

/// Seed that deserializes a [`Configuration`] whose rules name fields of your own.
///
/// ```
/// use serde::de::DeserializeSeed;
/// use tower_metadata_headers::{metadata_field, serde::ConfigurationSeed};
///
/// metadata_field! {
///     /// The tenant that pays.
///     pub struct TenantId("tenant-id"): Identity;
/// }
///
/// let text = r#"
///     [[conventions]]
///     name = "acme"
///     rules = [{ field = "tenant-id", header = "x-acme-tenant" }]
/// "#;
/// let seed = ConfigurationSeed::new().field::<TenantId>();
/// let configuration = seed.deserialize(toml::Deserializer::parse(text)?)?;
/// assert_eq!(configuration.conventions().len(), 1);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a seed does nothing until it deserializes"]
pub struct ConfigurationSeed(Names);

impl ConfigurationSeed {
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

impl<'de> DeserializeSeed<'de> for ConfigurationSeed {
    type Value = Configuration;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Configuration, D::Error> {
        let document = ConfigurationDocument::deserialize(deserializer)?;
        document.build(self.0).map_err(Located::into_error)
    }
}

impl<'de> Deserialize<'de> for Configuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ConfigurationSeed::new().deserialize(deserializer)
    }
}

/// Serializes the operator's conventions with their definitions, and the others by name.
impl Serialize for Configuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = &self.names;
        let destinations = DestinationsDocument::new(&self.destinations, names);
        let document = ConfigurationDocument {
            read: self.read.as_ref().map(|read| SetDocument::new(read, names)),
            conventions: names
                .conventions()
                .iter()
                .map(ConventionDocument::from)
                .collect(),
            destinations: Some(destinations).filter(|document| !document.is_empty()),
        };
        document.serialize(serializer)
    }
}

#[cfg(all(test, not(feature = "json"), not(feature = "hmac")))]
mod tests {
    use super::*;

    #[test]
    fn option_without_its_feature_is_an_error() {
        for (text, message) in [
            (
                "[[conventions]]\nname = \"a\"\n\
                 rules = [{ field = \"mode\", header = \"a\", member = \"m\" }]",
                "conventions[0].rules[0].member: needs the feature `json` of \
                 tower-metadata-headers",
            ),
            (
                "[[conventions]]\nname = \"a\"\nmax_members = 1",
                "conventions[0].max_members: needs the feature `json` of tower-metadata-headers",
            ),
            (
                "[destinations.fallback]\nconvention = \"w3c\"\n\
                 identity = { pseudonyms = \"a\" }",
                "destinations.fallback.identity: needs the feature `hmac` of \
                 tower-metadata-headers",
            ),
        ] {
            let error = toml::from_str::<Configuration>(text).unwrap_err();
            assert_eq!(error.message(), message);
        }
    }
}
