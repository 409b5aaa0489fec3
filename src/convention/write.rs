use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    Content, Convention, Rule, Sources, Write, Written, baggage, budget::Left, check::header_name,
    names::alike, rule::Place,
};
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
    /// stands on one line. Where `Connection` names one of them, so that the
    /// next hop would remove it, it no longer does.
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
        self.0.owned.protect(headers);
        self.fill(metadata, headers, Existing::Kept)
    }

    /// Removes every header that is this convention's, look-alikes included.
    pub fn remove_from(&self, headers: &mut HeaderMap) {
        self.0.owned.remove_from(headers);
    }

    #[inline]
    pub(crate) fn fill<'a>(
        &'a self,
        metadata: &'a Metadata,
        headers: &mut HeaderMap,
        existing: Existing,
    ) -> Written<'a> {
        if existing == Existing::Removed && self.fill_as_planned(metadata, headers).is_some() {
            return Written::new(self, metadata, Faults::new());
        }
        self.fill_with_care(metadata, headers, existing)
    }

    #[inline]
    fn fill_as_planned(&self, metadata: &Metadata, headers: &mut HeaderMap) -> Option<()> {
        let (plans, budget) = (&self.0.plans, self.0.builder.budget);
        plans.write(&self.0.writes, budget, metadata, headers)
    }

    // Out of line, so that the usual way is short enough to be inlined.
    #[inline(never)]
    fn fill_with_care<'a>(
        &'a self,
        metadata: &'a Metadata,
        headers: &mut HeaderMap,
        existing: Existing,
    ) -> Written<'a> {
        let mut writing = Writing {
            metadata,
            headers,
            existing,
            is_there: false,
            left: Left::of(self.0.builder.budget),
            faults: Faults::new(),
        };
        if !metadata.is_empty() {
            for write in &self.0.writes {
                if write.known & metadata.known() != 0 || write.takes_others {
                    writing.write(write);
                }
            }
            if self.0.own_fields.is_some() {
                self.fill_own_fields(&mut writing);
            }
        }
        let faults = writing.faults;
        Written::new(self, metadata, faults)
    }

    /// Writes the fields of the user's own that no rule names.
    fn fill_own_fields(&self, writing: &mut Writing<'_>) {
        let mut earlier = None;
        for (key, value) in writing.metadata.own_fields() {
            // Two types of one name stand side by side.
            if earlier.replace(key.name()) == Some(key.name()) {
                writing.faults.push(Fault::new(Reason::AlreadySet).of(key));
            } else if let Some(header) = self.own_header(key) {
                writing.is_there = writing.existing == Existing::Kept && writing.has(&header);
                writing.set([key], &header, value.clone());
            }
        }
    }

    /// How many headers the metadata's field of this type goes into.
    pub(super) fn places(&self, key: FieldKey, metadata: &Metadata) -> usize {
        let carries = |sources: &Sources| {
            let first = sources.first(metadata);
            usize::from(first.is_some_and(|(first, _)| first == key))
        };
        let writes = self.0.writes.iter();
        let by_rule = writes.map(|write| match &write.content {
            Content::Value(sources) | Content::Baggage(_, sources) => carries(sources),
            #[cfg(feature = "json")]
            Content::JsonString(sources) => carries(sources),
            #[cfg(feature = "json")]
            Content::Object(members, _) => {
                members.iter().map(|member| carries(&member.source)).sum()
            }
        });
        by_rule.sum::<usize>() + usize::from(self.own_header(key).is_some())
    }

    /// The header whose value is this field, and no other in its stead.
    pub(crate) fn header_of(&self, key: FieldKey) -> Option<HeaderName> {
        let mut rules = self.0.builder.rules.iter();
        let is_its = |rule: &&Rule| rule.written && rule.field == key && rule.place == Place::Value;
        match rules.find(is_its) {
            Some(rule) => header_name(&rule.header).ok(),
            None => self.own_header(key).map(Cow::into_owned),
        }
    }

    /// The header for a field of the user's own that no rule names.
    fn own_header(&self, key: FieldKey) -> Option<Cow<'_, HeaderName>> {
        let own_fields = self.0.own_fields.as_ref()?;
        if key.known().is_some() || self.has_rule_for(key) {
            return None;
        }
        own_fields.name(key)
    }

    fn has_rule_for(&self, key: FieldKey) -> bool {
        let mut rules = self.0.builder.rules.iter();
        rules.any(|rule| rule.written && rule.field == key)
    }
}

/// Metadata on its way into headers.
pub(super) struct Writing<'w> {
    pub(super) metadata: &'w Metadata,
    headers: &'w mut HeaderMap,
    existing: Existing,
    /// Whether the header that is to be written is to be left as it is.
    is_there: bool,
    pub(super) left: Left,
    pub(super) faults: Faults,
}

impl Writing<'_> {
    #[inline]
    fn write(&mut self, write: &Write) {
        let header = &write.header;
        self.is_there = self.existing == Existing::Kept
            && self.headers.keys().any(|name| write.is_known_by(name));
        match &write.content {
            Content::Value(sources) => {
                let accepted = sources.accepted(self.metadata, header, &mut self.faults);
                if let Some((key, value)) = accepted {
                    self.set([key], header, value.clone());
                }
            }
            content => self.write_part(content, header),
        }
    }

    /// Writes a field that is not all of its header's value.
    #[cold]
    fn write_part(&mut self, content: &Content, header: &HeaderName) {
        match content {
            Content::Value(_) => {}
            Content::Baggage(member, sources) => {
                if let Some((key, value)) =
                    sources.accepted(self.metadata, header, &mut self.faults)
                    && let Err(reason) = self.baggage(member, key, value)
                {
                    self.fault(key, header, reason);
                }
            }
            #[cfg(feature = "json")]
            Content::JsonString(sources) => {
                if let Some((key, value)) =
                    sources.accepted(self.metadata, header, &mut self.faults)
                    && let Some(value) = super::json::quoted(key, value)
                {
                    self.set([key], header, value);
                }
            }
            #[cfg(feature = "json")]
            Content::Object(members, most) => {
                if let Some((keys, value)) = super::json::object(members, *most, header, self) {
                    self.set(keys, header, value);
                }
            }
        }
    }

    fn baggage(&mut self, member: &str, key: FieldKey, value: &HeaderValue) -> Result<(), Reason> {
        if self.existing == Existing::Kept && baggage::has(self.headers, member) {
            return Err(Reason::AlreadySet);
        }
        baggage::add(self.headers, member, &key.plain(value), key.sensitive())
    }

    /// Whether a header is there, or a look-alike of it.
    fn has(&self, header: &HeaderName) -> bool {
        let header = header.as_str().as_bytes();
        let mut names = self.headers.keys();
        names.any(|name| alike(name.as_str().as_bytes(), header))
    }

    /// Sets a header that carries these fields.
    #[inline]
    fn set(
        &mut self,
        keys: impl IntoIterator<Item = FieldKey>,
        name: &HeaderName,
        value: HeaderValue,
    ) {
        if let Err(reason) = self.try_set(name, value) {
            for key in keys {
                self.fault(key, name, reason);
            }
        }
    }

    #[inline]
    fn try_set(&mut self, name: &HeaderName, value: HeaderValue) -> Result<(), Reason> {
        if self.is_there {
            return Err(Reason::AlreadySet);
        }
        self.left.budget.check_value(&value)?;
        self.left.take(name, value.as_bytes())?;
        match self.headers.try_insert(name, value) {
            Ok(_) => Ok(()),
            Err(_) => Err(Reason::Full),
        }
    }

    #[cold]
    pub(super) fn fault(&mut self, key: FieldKey, header: &HeaderName, reason: Reason) {
        self.faults.push(Fault::new(reason).of(key).header(header));
    }
}

impl Write {
    /// Whether a header is this one, in another spelling or a look-alike too.
    fn is_known_by(&self, name: &HeaderName) -> bool {
        let name = name.as_str().as_bytes();
        let mut spellings = self.spellings.iter();
        alike(self.header.as_str().as_bytes(), name)
            || spellings.any(|spelling| alike(spelling.as_bytes(), name))
    }
}

impl Content {
    /// The fields that it may be made of.
    pub(super) fn keys(&self) -> Vec<FieldKey> {
        match self {
            Self::Value(sources) | Self::Baggage(_, sources) => sources.keys.clone(),
            #[cfg(feature = "json")]
            Self::JsonString(sources) => sources.keys.clone(),
            #[cfg(feature = "json")]
            Self::Object(members, _) => {
                let keys = members.iter().map(|member| &member.source.keys);
                keys.flatten().copied().collect()
            }
        }
    }
}

impl Sources {
    /// The first of the fields that the metadata has.
    #[inline]
    pub(super) fn first<'m>(&self, metadata: &'m Metadata) -> Option<(FieldKey, &'m HeaderValue)> {
        for &key in &self.keys {
            if let Some(value) = metadata.value(key) {
                return Some((key, value));
            }
        }
        None
    }

    /// The same, unless the header's reader would not accept it.
    #[inline]
    pub(super) fn accepted<'m>(
        &self,
        metadata: &'m Metadata,
        header: &HeaderName,
        faults: &mut Faults,
    ) -> Option<(FieldKey, &'m HeaderValue)> {
        let (key, value) = self.first(metadata)?;
        if !self.limits.is_none()
            && let Err(reason) = self.check(key, value)
        {
            faults.push(Fault::new(reason).of(key).header(header));
            return None;
        }
        Some((key, value))
    }

    fn check(&self, key: FieldKey, value: &HeaderValue) -> Result<(), Reason> {
        if self.is_plain {
            self.limits.check(key.plain(value).as_bytes())
        } else {
            self.limits.check(value.as_bytes())
        }
    }
}
