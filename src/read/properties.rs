use http::HeaderName;

use super::{candidates::Property, lines::Line, pass::Reading, readers::Reader};
#[cfg(feature = "json")]
use crate::encoding::json::Others;
use crate::{
    Fault, FieldKey, Metadata, Properties, Reason, Text,
    encoding::Parts,
    field::{Wire, check_key, cmp_keys, eq_keys, trim_ows},
};

impl<'h> Reading<'h> {
    /// Reads a header whose name is a prefix and the key of a property.
    ///
    /// # Errors
    ///
    /// Returns an error if the header exceeds the limits.
    // Out of line, because few requests have properties, and the usual pass stays short.
    #[cold]
    pub(super) fn property(
        &mut self,
        reader: &Reader,
        key: &str,
        line: Line<'h>,
    ) -> Result<(), Reason> {
        let is_trusted = self.trusts(reader);
        if is_trusted {
            self.take(line)?;
        }
        self.whole_property(reader, key, line);
        Ok(())
    }

    /// Reads a header that is one property, for each rule that names it.
    #[cold]
    pub(super) fn properties_of(&mut self, parts: &Parts<Reader>, line: Line<'h>) {
        for part in &parts.named {
            self.whole_property(&part.field, &part.name, line);
        }
    }

    /// Reports a header that is one property. The property is invalid.
    #[cold]
    pub(super) fn invalid_properties(
        &mut self,
        parts: &Parts<Reader>,
        line: Line<'h>,
        reason: Reason,
    ) {
        for part in &parts.named {
            self.add_property(&part.field, &part.name, line, || Err(reason));
        }
    }

    /// Reads a header whose value is a property.
    fn whole_property(&mut self, reader: &Reader, key: &str, line: Line<'h>) {
        let value = self.single(line);
        self.add_property(reader, key, line, || {
            let value = value?;
            reader.limits.check(trim_ows(value))?;
            Text::from_wire(value)
        });
    }

    /// Reads the members of an object that no rule names.
    #[cfg(feature = "json")]
    pub(super) fn other_members(&mut self, parts: &Parts<Reader>, others: Others, line: Line<'h>) {
        let Some(reader) = &parts.others else { return };
        for (key, text) in others {
            self.add_property(reader, &key, line, || {
                let text = text?;
                reader.limits.check(text.as_bytes())?;
                Text::from_text(&text)
            });
        }
    }

    /// Adds a property, or reports why it is ignored. The value is not read if it would not
    /// be used.
    fn add_property(
        &mut self,
        reader: &Reader,
        key: &str,
        line: Line<'h>,
        read: impl FnOnce() -> Result<Text, Reason>,
    ) {
        if !self.trusts(reader) {
            // An earlier layer may have trusted the request and read the same property.
            let earlier: Option<Properties> = self.earlier.and_then(Metadata::get);
            let is_known = earlier
                .as_ref()
                .and_then(|earlier| earlier.get(key))
                .is_some_and(|known| read().is_ok_and(|value| value == known));
            if !is_known {
                self.property_fault(Reason::Untrusted, key, line.name);
            }
            return;
        }
        let value = match check_key(key).and_then(|()| read()) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.property_fault(reason, key, line.name);
                None
            }
        };
        let found = self.extras.get_or_insert_default();
        found.properties.push(Property {
            rank: reader.rank,
            header: line.name,
            key: key.to_owned(),
            value,
        });
    }

    /// Decides which header counts for each property, and adds the properties to the
    /// candidates.
    #[cold]
    pub(super) fn settle_properties(&mut self, mut found: Vec<Property<'h>>) {
        if found.is_empty() {
            return;
        }
        let field = FieldKey::of::<Properties>();
        if let Some(candidate) = self.candidates.counted(field)
            && let Some(list) = self.candidates.value(field)
            // The value was checked when it became a candidate.
            && let Ok(list) = Properties::from_wire(list)
        {
            found.extend(list.texts().map(|(key, value)| Property {
                rank: candidate.rank,
                header: candidate.header,
                key: key.to_owned(),
                value: Some(value.clone()),
            }));
        }
        // Sorted by header last, so that the result does not depend on the order of the
        // headers.
        found.sort_by(|one, other| {
            let by_header = || one.header.as_str().cmp(other.header.as_str());
            cmp_keys(&one.key, &other.key)
                .then(one.rank.cmp(&other.rank))
                .then_with(by_header)
        });
        let mut pairs = Vec::new();
        for of_key in found.chunk_by(|one, other| eq_keys(&one.key, &other.key)) {
            // A chunk has at least one property.
            let Some((best, others)) = of_key.split_first() else {
                continue;
            };
            let Some(value) = self.settle_property(best, others) else {
                continue;
            };
            if pairs.len() == Properties::MAX_KEYS {
                let limit = Properties::MAX_KEYS;
                self.property_fault(Reason::TooMany { limit }, &best.key, best.header);
            } else {
                pairs.push((best.key.clone(), value));
            }
        }
        if let Some(properties) = Properties::from_checked(pairs) {
            let value = self.candidates.intern(properties.into_wire());
            self.candidates.set(field, value);
        }
    }

    /// Returns the value that counts for a key. Reports the headers that disagree with it.
    fn settle_property(&mut self, best: &Property<'h>, others: &[Property<'h>]) -> Option<Text> {
        let mut value = best.value.clone();
        for other in others {
            let is_equal_rank = other.rank == best.rank;
            if other.value == best.value && other.header != best.header {
                continue;
            }
            if is_equal_rank {
                value = None;
            }
            // An invalid value was reported when it was read.
            if best.value.is_none() || other.value.is_none() {
                continue;
            }
            let fault = if other.header == best.header {
                Fault::new(Reason::RepeatedMember).header(best.header)
            } else {
                Fault::new(Reason::Conflict)
                    .header(best.header)
                    .other(other.header)
            };
            let field = FieldKey::of::<Properties>();
            self.faults.push(fault.of(field).property(&best.key));
        }
        value
    }

    #[cold]
    fn property_fault(&mut self, reason: Reason, key: &str, header: &HeaderName) {
        let field = FieldKey::of::<Properties>();
        let fault = Fault::new(reason).of(field).header(header).property(key);
        self.faults.push(fault);
    }
}
