//! Parts of a convention besides its rules.

use serde::{Deserialize, Serialize};

use super::{checks::is_default, list::List, located::Located};
use crate::{
    Precedence, ValueLimits, conventions, header_set::vendors::VendorPattern, rule::Place,
};

/// Maximum number of prefixes, hosts and the like of a convention.
const MAX_NAMES: usize = 64;

pub(super) type Texts = List<String, MAX_NAMES>;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientDocument {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub(super) user_agents: Texts,
}

/// Place of fields or properties without a rule: exactly one of a prefix and an object.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    limits: ValueLimits,
}

/// Pattern by which `x-<vendor>-session-id` is read: that of a built-in convention.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum VendorSessionIds {
    /// As [`conventions::known_vendors`].
    Known,
    /// As [`conventions::any_vendor`].
    Any,
    /// As [`conventions::litellm`].
    Litellm,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Precedence")]
enum PrecedenceNames {
    OwnNames,
    OwnUserAgent,
    FewClients,
    KnownVendors,
    ManyClients,
    AnyVendor,
    Proxy,
    Standard,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct PrecedenceDocument(#[serde(with = "PrecedenceNames")] pub(super) Precedence);

impl PlaceDocument {
    pub(super) fn build(self) -> Result<Place, Located> {
        match (self.prefix, self.object) {
            (Some(prefix), None) if self.limits.is_none() => Ok(Place::Headers(prefix.into())),
            (Some(_), None) => Err(Located::new("a prefix has no `limits`")),
            #[cfg(feature = "json")]
            (None, Some(object)) => Ok(Place::Members(object.into(), self.limits)),
            #[cfg(not(feature = "json"))]
            (None, Some(_)) => Err(super::features::needs_json().within("object")),
            _ => Err(Located::new("must have either `prefix` or `object`")),
        }
    }
}

impl VendorSessionIds {
    pub(super) const ALL: [Self; 3] = [Self::Known, Self::Any, Self::Litellm];

    pub(super) fn pattern(self) -> Option<VendorPattern> {
        let convention = match self {
            Self::Known => conventions::known_vendors(),
            Self::Any => conventions::any_vendor(),
            Self::Litellm => conventions::litellm(),
        };
        convention.definition().vendors
    }
}

impl From<&Place> for PlaceDocument {
    fn from(place: &Place) -> Self {
        match place {
            Place::Headers(prefix) => Self {
                prefix: Some(prefix.to_string()),
                object: None,
                limits: ValueLimits::new(),
            },
            #[cfg(feature = "json")]
            Place::Members(object, limits) => Self {
                prefix: None,
                object: Some(object.to_string()),
                limits: *limits,
            },
        }
    }
}
