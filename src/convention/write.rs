use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    Content, Convention, Rule, Sources, Write, WriteReport, baggage, check::header_name,
    names::eq_ignoring_separators, request_limits::RemainingLimits, written::Outcome,
};
use crate::{
    Class, Fault, FieldKey, Metadata, Reason, encoding::Encoding, field::KNOWN, metadata::bit,
};

/// Treatment of a header that is on the request already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Existing {
    /// All that is the convention's goes first.
    #[default]
    Removed,
    /// It stays, and counts.
    Kept,
}

/// Replaces the value of a field that is identity; `None` withholds it.
pub(crate) type Replace<'a> = &'a dyn Fn(FieldKey, &HeaderValue) -> Option<HeaderValue>;

impl Convention {
    /// Writes the metadata to the headers, and reports what became of each field.
    ///
    /// It removes every header that is this convention's first, look-alikes
    /// such as `x_zoo_session_id` included, also where there is nothing to
    /// write in its place. So nothing stale or smuggled stays, and each header
    /// stands on one line. If `Connection` names one of them, so that the
    /// next hop would remove it, it no longer does.
    ///
    /// It knows nothing of where the request goes.
    /// [`Destinations::write`](crate::Destinations::write) does, and also
    /// removes the headers of the conventions that it does not write.
    pub fn write<'m>(&self, metadata: &'m Metadata, headers: &mut HeaderMap) -> WriteReport<'m> {
        self.remove_from(headers);
        self.fill(metadata, headers, Existing::Removed, None)
    }

    /// Writes only the headers that are not there yet, and removes none: for
    /// clients whose users set headers by hand.
    pub fn write_if_not_present<'m>(
        &self,
        metadata: &'m Metadata,
        headers: &mut HeaderMap,
    ) -> WriteReport<'m> {
        self.0.owned.unlist_from_connection(headers);
        self.fill(metadata, headers, Existing::Kept, None)
    }

    /// Removes every header that is this convention's, look-alikes included.
    pub fn remove_from(&self, headers: &mut HeaderMap) {
        self.0.owned.remove_from(headers);
    }

    /// Writes to headers that hold none of the convention's, or such as are to
    /// be kept.
    #[inline]
    pub(crate) fn fill<'m>(
        &self,
        metadata: &'m Metadata,
        headers: &mut HeaderMap,
        existing: Existing,
        replace: Option<Replace<'_>>,
    ) -> WriteReport<'m> {
        // A plan knows of no identity that is not in its field's class.
        let may_be_planned = existing == Existing::Removed
            && (replace.is_none() || metadata.known() & IDENTITY == 0);
        if may_be_planned && let Some(carried) = self.fill_as_planned(metadata, headers) {
            return WriteReport::new(metadata, Outcome::all(carried));
        }
        WriteReport::new(
            metadata,
            self.fill_slow(metadata, headers, existing, replace),
        )
    }

    #[inline]
    fn fill_as_planned(&self, metadata: &Metadata, headers: &mut HeaderMap) -> Option<u32> {
        let (plans, request_limits) = (&self.0.plans, self.0.builder.request_limits);
        plans.write(&self.0.writes, request_limits, metadata, headers)
    }

    // Out of line, so that the usual way is short enough to be inlined.
    #[inline(never)]
    fn fill_slow(
        &self,
        metadata: &Metadata,
        headers: &mut HeaderMap,
        existing: Existing,
        replace: Option<Replace<'_>>,
    ) -> Outcome {
        let mut writing = Writing {
            metadata,
            headers,
            existing,
            replace,
            is_there: false,
            left: RemainingLimits::new(self.0.builder.request_limits),
            outcome: Outcome::new(),
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
        writing.outcome
    }

    /// Writes the fields of the user's own that no rule names.
    fn fill_own_fields(&self, writing: &mut Writing<'_>) {
        let mut earlier = None;
        for (key, value) in writing.metadata.own_fields() {
            // Two types of one name stand side by side.
            if earlier.replace(key.name()) == Some(key.name()) {
                writing.outcome.fault(Fault::new(Reason::AlreadySet), key);
            } else if let Some(header) = self.own_header(key) {
                writing.is_there = writing.existing == Existing::Kept && writing.has(&header);
                match writing.disclosed(key, value, false) {
                    Some(value) => writing.set([key], &header, value.into_owned()),
                    None => writing.fault(key, &header, Reason::Withheld),
                }
            }
        }
    }

    /// Returns the header whose value is this field.
    pub(crate) fn header_of(&self, key: FieldKey) -> Option<HeaderName> {
        let mut rules = self.0.builder.rules.iter();
        let is_its =
            |rule: &&Rule| rule.written && rule.field == key && rule.encoding == Encoding::Plain;
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

/// The well-known fields that are identity, a bit for each.
const IDENTITY: u32 = {
    let mut known = 0;
    let mut keys = KNOWN;
    while let [key, rest @ ..] = keys {
        if matches!(key.class(), Class::Identity) {
            known |= bit(*key);
        }
        keys = rest;
    }
    known
};

/// Metadata on its way into headers.
pub(super) struct Writing<'w> {
    pub(super) metadata: &'w Metadata,
    headers: &'w mut HeaderMap,
    existing: Existing,
    /// Stands for identity, unless that is written as it is.
    replace: Option<Replace<'w>>,
    /// True if the header that is to be written is to be left as it is.
    is_there: bool,
    pub(super) left: RemainingLimits,
    outcome: Outcome,
}

/// A field that may be written, and the value that is.
pub(super) struct Accepted<'w> {
    pub(super) key: FieldKey,
    pub(super) value: Cow<'w, HeaderValue>,
    /// True if the value must be hidden from logs and compression tables.
    pub(super) sensitive: bool,
}

impl Accepted<'_> {
    fn into_value(self) -> HeaderValue {
        let mut value = self.value.into_owned();
        value.set_sensitive(self.sensitive);
        value
    }
}

impl<'w> Writing<'w> {
    #[inline]
    fn write(&mut self, write: &Write) {
        let header = &write.header;
        self.is_there = self.existing == Existing::Kept
            && self.headers.keys().any(|name| write.is_known_by(name));
        match &write.content {
            Content::Value(sources) => {
                if let Some(accepted) = self.accept(sources, header) {
                    self.set([accepted.key], header, accepted.into_value());
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
                if let Some(accepted) = self.accept(sources, header) {
                    let result = self.baggage(member, &accepted);
                    self.note([accepted.key], header, result);
                }
            }
            #[cfg(feature = "json")]
            Content::JsonString(sources) => {
                if let Some(accepted) = self.accept(sources, header)
                    && let Some(value) = super::json::quoted(&accepted)
                {
                    self.set([accepted.key], header, value);
                }
            }
            #[cfg(feature = "json")]
            Content::Object(object) => {
                if let Some((keys, value)) = object.value(header, self) {
                    self.set(keys, header, value);
                }
            }
        }
    }

    /// The first of the fields that the metadata has and that may be written
    /// here. Those before it are reported, each with the reason.
    #[inline]
    pub(super) fn accept(
        &mut self,
        sources: &Sources,
        header: &HeaderName,
    ) -> Option<Accepted<'w>> {
        let metadata = self.metadata;
        for &key in &sources.keys {
            let Some(value) = metadata.value(key) else {
                continue;
            };
            let Some(value) = self.disclosed(key, value, sources.identity) else {
                self.fault(key, header, Reason::Withheld);
                if sources.identity {
                    return None;
                }
                continue;
            };
            if !sources.limits.is_none()
                && let Err(reason) = sources.check(key, &value)
            {
                self.fault(key, header, reason);
                continue;
            }
            return Some(Accepted {
                key,
                value,
                sensitive: key.sensitive() || sources.identity,
            });
        }
        None
    }

    /// Returns what is written for a field's value; `None` if it is withheld.
    #[inline]
    pub(super) fn disclosed(
        &self,
        key: FieldKey,
        value: &'w HeaderValue,
        is_identity: bool,
    ) -> Option<Cow<'w, HeaderValue>> {
        match self.replace {
            Some(replace) if is_identity || key.class() == Class::Identity => {
                replace(key, value).map(Cow::Owned)
            }
            _ => Some(Cow::Borrowed(value)),
        }
    }

    fn baggage(&mut self, member: &str, accepted: &Accepted<'_>) -> Result<(), Reason> {
        let Accepted {
            key,
            value,
            sensitive,
        } = accepted;
        if self.existing == Existing::Kept && baggage::has(self.headers, member) {
            return Err(Reason::AlreadySet);
        }
        baggage::add(self.headers, member, &key.plain(value), *sensitive)
    }

    /// Returns true if a header is there, or a look-alike of it.
    fn has(&self, header: &HeaderName) -> bool {
        let header = header.as_str().as_bytes();
        let mut names = self.headers.keys();
        names.any(|name| eq_ignoring_separators(name.as_str().as_bytes(), header))
    }

    /// Sets a header that carries these fields.
    #[inline]
    fn set(
        &mut self,
        keys: impl IntoIterator<Item = FieldKey>,
        name: &HeaderName,
        value: HeaderValue,
    ) {
        let result = self.try_set(name, value);
        self.note(keys, name, result);
    }

    #[inline]
    fn try_set(&mut self, name: &HeaderName, value: HeaderValue) -> Result<(), Reason> {
        if self.is_there {
            return Err(Reason::AlreadySet);
        }
        self.left.limits.check_value(&value)?;
        self.left.take(name, value.as_bytes())?;
        match self.headers.try_insert(name, value) {
            Ok(_) => Ok(()),
            Err(_) => Err(Reason::HeaderMapFull),
        }
    }

    /// Notes what became of a header that was to carry these fields.
    #[inline]
    fn note(
        &mut self,
        keys: impl IntoIterator<Item = FieldKey>,
        header: &HeaderName,
        result: Result<(), Reason>,
    ) {
        for key in keys {
            match result {
                Ok(()) => self.outcome.carried.insert(key),
                Err(reason) => self.fault(key, header, reason),
            }
        }
    }

    #[cold]
    pub(super) fn fault(&mut self, key: FieldKey, header: &HeaderName, reason: Reason) {
        let fault = Fault::new(reason).header(header);
        self.outcome.fault(fault, key);
    }
}

impl Write {
    /// Returns true if a header is this one, in another spelling or a look-alike too.
    fn is_known_by(&self, name: &HeaderName) -> bool {
        let name = name.as_str().as_bytes();
        let mut spellings = self.spellings.iter();
        eq_ignoring_separators(self.header.as_str().as_bytes(), name)
            || spellings.any(|spelling| eq_ignoring_separators(spelling.as_bytes(), name))
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
            Self::Object(object) => object.keys().collect(),
        }
    }

    /// Returns true if it takes fields of the user's own that no rule names.
    pub(super) const fn takes_rest(&self) -> bool {
        match self {
            #[cfg(feature = "json")]
            Self::Object(object) => object.takes_rest(),
            _ => false,
        }
    }
}

impl Sources {
    fn check(&self, key: FieldKey, value: &HeaderValue) -> Result<(), Reason> {
        if self.is_plain {
            self.limits.check(key.plain(value).as_bytes())
        } else {
            self.limits.check(value.as_bytes())
        }
    }
}
