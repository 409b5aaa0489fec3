use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Content, Convention, Written, names::Names};
use crate::{Fault, Faults, FieldKey, Metadata, Reason};

/// What becomes of a header that is on the request already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Existing {
    /// All that is the convention's goes first.
    #[default]
    Removed,
    /// It stays, and counts.
    Kept,
}

impl Convention {
    /// Writes the metadata to the headers.
    ///
    /// It removes every header that is this convention's first, look-alikes
    /// such as `x_zoo_session_id` included, also where there is nothing to
    /// write in its place. So nothing stale or smuggled stays, and each header
    /// stands on one line.
    ///
    /// What came of each field is in the answer, which may be ignored.
    pub fn write<'a>(&'a self, metadata: &'a Metadata, headers: &mut HeaderMap) -> Written<'a> {
        self.remove_from(headers);
        self.fill(metadata, headers, Existing::Removed)
    }

    /// Writes only the headers that are not there yet, and removes none: for
    /// clients whose users set headers by hand.
    pub fn write_missing<'a>(
        &'a self,
        metadata: &'a Metadata,
        headers: &mut HeaderMap,
    ) -> Written<'a> {
        self.fill(metadata, headers, Existing::Kept)
    }

    /// Removes every header that is this convention's, look-alikes included.
    pub fn remove_from(&self, headers: &mut HeaderMap) {
        self.0.owned.remove_from(headers);
    }

    pub(crate) fn fill<'a>(
        &'a self,
        metadata: &'a Metadata,
        headers: &mut HeaderMap,
        existing: Existing,
    ) -> Written<'a> {
        let mut faults = Faults::new();
        if !metadata.is_empty() {
            for write in &self.0.writes {
                let Some(value) = write.value.value(metadata) else {
                    continue;
                };
                if let Err(reason) = set(headers, &write.header, value, existing) {
                    for field in write.value.carried(metadata) {
                        faults.push(Fault::new(reason).of(field).header(&write.header));
                    }
                }
            }
            self.fill_own_fields(metadata, headers, existing, &mut faults);
        }
        Written::new(self, metadata, faults)
    }

    /// Fields of the user's own that no rule names.
    fn fill_own_fields(
        &self,
        metadata: &Metadata,
        headers: &mut HeaderMap,
        existing: Existing,
        faults: &mut Faults,
    ) {
        let Some(own_fields) = &self.0.own_fields else {
            return;
        };
        for (key, value) in metadata.own_fields() {
            if self.has_rule_for(key) {
                continue;
            }
            let Some(header) = own_fields.name(key) else {
                continue;
            };
            if let Err(reason) = set(headers, &header, value.clone(), existing) {
                faults.push(Fault::new(reason).of(key).header(&header));
            }
        }
    }

    /// Whether the metadata's field of this type goes into a header.
    pub(super) fn carries(&self, key: FieldKey, metadata: &Metadata) -> bool {
        let by_rule = || {
            let mut writes = self.0.writes.iter();
            writes.any(|write| write.value.carried(metadata).any(|carried| carried == key))
        };
        let of_own =
            || key.known().is_none() && self.0.own_fields.is_some() && !self.has_rule_for(key);
        by_rule() || of_own()
    }

    fn has_rule_for(&self, key: FieldKey) -> bool {
        let mut rules = self.0.builder.rules.iter();
        rules.any(|rule| rule.written && rule.field == key)
    }
}

fn set(
    headers: &mut HeaderMap,
    name: &HeaderName,
    value: HeaderValue,
    existing: Existing,
) -> Result<(), Reason> {
    if existing == Existing::Kept && headers.contains_key(name) {
        return Err(Reason::AlreadySet);
    }
    match headers.try_insert(name, value) {
        Ok(_) => Ok(()),
        Err(_) => Err(Reason::Full),
    }
}

impl Content {
    fn value(&self, metadata: &Metadata) -> Option<HeaderValue> {
        match self {
            Self::Field(sources) => Some(first(sources, metadata)?.1.clone()),
            #[cfg(feature = "json")]
            Self::Object(members) => super::json::object(members, metadata),
        }
    }

    /// The fields of the metadata that the header carries.
    fn carried(&self, metadata: &Metadata) -> impl Iterator<Item = FieldKey> {
        let lists: Box<dyn Iterator<Item = &[FieldKey]>> = match self {
            Self::Field(sources) => Box::new(std::iter::once(sources.as_slice())),
            #[cfg(feature = "json")]
            Self::Object(members) => {
                Box::new(members.iter().map(|member| member.sources.as_slice()))
            }
        };
        lists.filter_map(|sources| Some(first(sources, metadata)?.0))
    }
}

/// The first of these fields that the metadata has.
pub(super) fn first<'a>(
    sources: &[FieldKey],
    metadata: &'a Metadata,
) -> Option<(FieldKey, &'a HeaderValue)> {
    sources
        .iter()
        .find_map(|&key| Some((key, metadata.value(key)?)))
}

/// The headers that belong to any of several conventions.
#[derive(Clone, Debug)]
pub(crate) struct Owned(Names);

impl Owned {
    pub(crate) fn new<'a>(conventions: impl Iterator<Item = &'a Convention> + Clone) -> Self {
        let builders = conventions.map(|convention| &convention.0.builder);
        Self(Names::new(
            builders
                .clone()
                .flat_map(|builder| builder.names().map(|(name, _)| (name.clone(), 0))),
            builders
                .clone()
                .flat_map(|builder| builder.families.iter().cloned()),
            builders.clone().any(|builder| builder.vendors.is_some()),
        ))
    }

    pub(crate) fn remove_from(&self, headers: &mut HeaderMap) {
        self.0.remove_from(headers);
    }
}

impl Names {
    pub(super) fn remove_from(&self, headers: &mut HeaderMap) {
        // Allocates only where there is something to remove.
        let owned: Vec<HeaderName> = headers
            .keys()
            .filter(|name| self.find(name.as_str()).is_some())
            .cloned()
            .collect();
        for name in owned {
            headers.remove(name);
        }
    }
}
