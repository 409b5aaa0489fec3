use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    header::{Sources, WriteHeader},
    report::Outcome,
};
#[cfg(feature = "json")]
use crate::encoding::json;
use crate::{
    Class, Fault, FieldKey, Metadata, Properties, Reason,
    encoding::{Encoding, baggage, literal},
    header_set::separators::eq_ignoring_separators,
    limits::{RemainingLimits, RequestLimits},
};

/// Treatment of the convention's headers that the request already has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Existing {
    /// They were removed before writing.
    #[default]
    Removed,
    /// They are kept, and not overwritten.
    Kept,
}

/// Function that replaces the value of an identity field. `None` withholds the field.
pub(crate) type Replace<'a> = &'a dyn Fn(FieldKey, &HeaderValue) -> Option<HeaderValue>;

/// One write of metadata to headers.
pub(super) struct Writing<'w> {
    pub(super) metadata: &'w Metadata,
    headers: &'w mut HeaderMap,
    existing: Existing,
    /// `None` if identity is written unchanged.
    replace: Option<Replace<'w>>,
    /// True if the request already has the header that is being written, and it is kept.
    is_kept: bool,
    pub(super) remaining: RemainingLimits,
    outcome: Outcome,
}

/// Field that may be written, with the value to write.
pub(super) struct Accepted<'w> {
    pub(super) key: FieldKey,
    value: Cow<'w, HeaderValue>,
    /// True if the value must be hidden from logs and from the dynamic tables of header
    /// compression (RFC 7541, section 7.1.3).
    pub(super) sensitive: bool,
}

impl Accepted<'_> {
    /// Returns the value as text, without header escapes.
    pub(super) fn text(&self) -> String {
        self.key.plain(&self.value)
    }

    fn into_value(self) -> HeaderValue {
        let mut value = self.value.into_owned();
        value.set_sensitive(self.sensitive);
        value
    }
}

impl<'w> Writing<'w> {
    pub(super) const fn new(
        metadata: &'w Metadata,
        headers: &'w mut HeaderMap,
        existing: Existing,
        replace: Option<Replace<'w>>,
        request_limits: RequestLimits,
    ) -> Self {
        Self {
            metadata,
            headers,
            existing,
            replace,
            is_kept: false,
            remaining: RemainingLimits::new(request_limits),
            outcome: Outcome::new(),
        }
    }

    pub(super) fn into_outcome(self) -> Outcome {
        self.outcome
    }

    /// Writes a header with the fields of the metadata that it carries.
    #[inline]
    pub(super) fn write(&mut self, header: &WriteHeader) {
        self.is_kept = self.existing == Existing::Kept
            && self.headers.keys().any(|name| header.is_known_by(name));
        match &header.encoding {
            Encoding::Plain(sources) => {
                if let Some(accepted) = self.accept(sources, &header.name) {
                    self.set([accepted.key], &header.name, accepted.into_value());
                }
            }
            _ => self.write_encoded(header),
        }
    }

    #[cold]
    fn write_encoded(&mut self, header: &WriteHeader) {
        match &header.encoding {
            // `write` writes plain headers, tracing libraries write `traceparent`, and a
            // header of one property is only read.
            Encoding::Plain(_) | Encoding::Traceparent(_) | Encoding::Property(_) => {}
            Encoding::Literal(sources) => {
                if let Some(accepted) = self.accept(sources, &header.name) {
                    let value = literal::encode(&accepted.text());
                    self.set_encoded([accepted.key], &header.name, value, accepted.sensitive);
                }
            }
            Encoding::Baggage(parts) => {
                for part in &parts.named {
                    if let Some(accepted) = self.accept(&part.field, &header.name) {
                        let result = self.add_to_baggage(&part.name, &accepted);
                        self.note([accepted.key], &header.name, result);
                    }
                }
            }
            #[cfg(feature = "json")]
            Encoding::JsonString(sources) => {
                if let Some(accepted) = self.accept(sources, &header.name) {
                    let value = json::quoted(&accepted.text());
                    self.set_encoded([accepted.key], &header.name, value, accepted.sensitive);
                }
            }
            #[cfg(feature = "json")]
            Encoding::JsonObject(parts) => self.write_object(parts, header),
        }
    }

    /// Returns true if the destination's policy replaces or withholds identity.
    pub(super) const fn has_policy(&self) -> bool {
        self.replace.is_some()
    }

    /// Calls a closure for each of the user's own fields, without properties and vendor
    /// headers. Two types may have the same name. Then the first is written, and the others
    /// are reported.
    pub(super) fn for_each_own_field(
        &mut self,
        mut write: impl FnMut(&mut Self, FieldKey, &'w HeaderValue),
    ) {
        let mut earlier = None;
        for (key, value) in self.metadata.own_fields() {
            // Fields are sorted by name.
            if earlier.replace(key.name()) == Some(key.name()) {
                self.fault_of_field(key, Fault::new(Reason::AlreadySet));
            } else if key != FieldKey::of::<Properties>() && !key.is_of_vendor() {
                write(self, key, value);
            }
        }
    }

    /// Writes one of the user's own fields to a header of its own.
    pub(super) fn write_own_field(
        &mut self,
        key: FieldKey,
        value: &'w HeaderValue,
        header: &HeaderName,
    ) {
        self.is_kept = self.existing == Existing::Kept && self.has(header);
        match self.disclosed(key, value, false) {
            Some(value) => self.set([key], header, value.into_owned()),
            None => self.fault(key, header, Reason::Withheld),
        }
    }

    /// Returns the first of the fields that the metadata has and that may be written here.
    /// Fields before it are reported, each with the reason.
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
            let Some(value) = self.disclosed(key, value, sources.is_identity) else {
                self.fault(key, header, Reason::Withheld);
                // Every field is identity here, so the policy withholds the others too.
                if sources.is_identity {
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
                sensitive: key.sensitive() || sources.is_identity,
            });
        }
        None
    }

    /// Returns the value to write for a field, or `None` if the field is withheld.
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

    fn add_to_baggage(&mut self, key: &str, accepted: &Accepted<'_>) -> Result<(), Reason> {
        if self.existing == Existing::Kept && baggage::has(self.headers, key) {
            return Err(Reason::AlreadySet);
        }
        baggage::add(self.headers, key, &accepted.text(), accepted.sensitive)
    }

    /// Returns true if the request has a header or a look-alike of it.
    fn has(&self, header: &HeaderName) -> bool {
        let header = header.as_str().as_bytes();
        self.headers
            .keys()
            .any(|name| eq_ignoring_separators(name.as_str().as_bytes(), header))
    }

    /// Sets a header that carries these fields, and records the result.
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

    /// Sets a header whose value was encoded from these fields, and records the result.
    pub(super) fn set_encoded(
        &mut self,
        keys: impl IntoIterator<Item = FieldKey>,
        name: &HeaderName,
        value: Result<HeaderValue, Reason>,
        sensitive: bool,
    ) {
        let result = value.and_then(|mut value| {
            value.set_sensitive(sensitive);
            self.try_set(name, value)
        });
        self.note(keys, name, result);
    }

    /// Sets a header that the request does not have.
    pub(super) fn try_set_new(
        &mut self,
        name: &HeaderName,
        value: HeaderValue,
    ) -> Result<(), Reason> {
        self.is_kept = self.has(name);
        self.try_set(name, value)
    }

    /// Sets a header that the request does not have, and that does not count against the
    /// limits, because it did not count when it was read.
    pub(super) fn try_set_unlimited(
        &mut self,
        name: &HeaderName,
        value: HeaderValue,
    ) -> Result<(), Reason> {
        if self.has(name) {
            return Err(Reason::AlreadySet);
        }
        self.insert(name, value)
    }

    #[inline]
    fn try_set(&mut self, name: &HeaderName, value: HeaderValue) -> Result<(), Reason> {
        if self.is_kept {
            return Err(Reason::AlreadySet);
        }
        self.remaining.limits.check_value(&value)?;
        self.remaining.take(name, value.as_bytes())?;
        self.insert(name, value)
    }

    #[inline]
    fn insert(&mut self, name: &HeaderName, value: HeaderValue) -> Result<(), Reason> {
        match self.headers.try_insert(name, value) {
            Ok(_) => Ok(()),
            // `MaxSizeReached` is the only error.
            Err(_) => Err(Reason::HeaderMapFull),
        }
    }

    /// Records the result of setting a header that carries these fields.
    #[inline]
    fn note(
        &mut self,
        keys: impl IntoIterator<Item = FieldKey>,
        header: &HeaderName,
        result: Result<(), Reason>,
    ) {
        for key in keys {
            match result {
                Ok(()) => self.carried(key),
                Err(reason) => self.fault(key, header, reason),
            }
        }
    }

    /// Records that a field was written.
    #[inline]
    pub(super) fn carried(&mut self, key: FieldKey) {
        self.outcome.carried.insert(key);
    }

    #[cold]
    pub(super) fn fault(&mut self, key: FieldKey, header: &HeaderName, reason: Reason) {
        self.fault_of_field(key, Fault::new(reason).header(header));
    }

    pub(super) fn fault_of_field(&mut self, key: FieldKey, fault: Fault) {
        self.outcome.fault(fault, key);
    }
}
