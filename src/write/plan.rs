use std::borrow::Cow;

use http::{HeaderMap, HeaderName};

use super::{
    WriteReport,
    cached::CachedPlans,
    header::{WriteHeader, write_headers},
    own_fields::OwnFields,
    pass::{Existing, Replace, Writing},
    properties::PropertyHeaders,
    report::Outcome,
};
use crate::{
    Class, FieldKey, Metadata,
    encoding::Encoding,
    field::KNOWN,
    limits::RequestLimits,
    metadata::bit,
    rule::{Definition, InvalidConvention, Place, check::header_name},
};

/// Plan for writing the headers of a convention.
pub(crate) struct WritePlan {
    /// The headers to write, in order.
    headers: Vec<WriteHeader>,
    cached: CachedPlans,
    /// Header names for the user's own fields, if each has a header of its own. Boxed, because
    /// few conventions have it, and it has room for 16 names.
    own_fields: Option<Box<OwnFields>>,
    /// The fields that rules write as the whole value of a header, with the header.
    plain_headers: Vec<(FieldKey, HeaderName)>,
    /// The user's own fields that rules write.
    named_own_fields: Vec<FieldKey>,
    /// The headers of properties, if each has a header of its own.
    properties: Option<PropertyHeaders>,
    /// The headers that are passed on.
    passed_on: Vec<HeaderName>,
    request_limits: RequestLimits,
}

impl WritePlan {
    /// Creates a plan for a checked definition.
    pub(crate) fn new(definition: &Definition) -> Result<Self, InvalidConvention> {
        let plain_headers = definition
            .written_rules()
            .filter(|rule| matches!(rule.encoding, Encoding::Plain(())))
            .map(|rule| Ok((rule.field, header_name(&rule.header)?)))
            .collect::<Result<_, _>>()?;
        let taken = || {
            let names = definition.names().map(|(name, _)| name);
            let others = definition.owned_or_passed_on();
            names.chain(others).cloned().collect()
        };
        let own_fields = match &definition.other_fields {
            Some(Place::Headers(prefix)) => Some(Box::new(OwnFields::new(prefix.clone(), taken()))),
            _ => None,
        };
        let properties = match &definition.properties {
            Some(Place::Headers(prefix)) => Some(PropertyHeaders::new(prefix.clone(), taken())),
            _ => None,
        };
        Ok(Self {
            headers: write_headers(definition)?,
            cached: CachedPlans::new(),
            own_fields,
            plain_headers,
            named_own_fields: definition.written_own_fields(),
            properties,
            passed_on: definition
                .passed_on
                .iter()
                .map(header_name)
                .collect::<Result<_, _>>()?,
            request_limits: definition.request_limits,
        })
    }

    /// Writes metadata to headers from which the convention's headers were removed, or in
    /// which they are kept.
    #[inline]
    pub(crate) fn write<'m>(
        &self,
        metadata: &'m Metadata,
        headers: &mut HeaderMap,
        existing: Existing,
        replace: Option<Replace<'_>>,
    ) -> WriteReport<'m> {
        // A cached plan replaces no value. It has no field that is identity in its header
        // only. So if the metadata has no field of class identity, no value must be replaced.
        let may_be_cached = existing == Existing::Removed
            && (replace.is_none() || metadata.known() & IDENTITY == 0);
        if may_be_cached
            && let Some(carried) =
                self.cached
                    .write(&self.headers, self.request_limits, metadata, headers)
        {
            return WriteReport::new(metadata, Outcome::all(carried));
        }
        let outcome = self.write_slow(metadata, headers, existing, replace);
        WriteReport::new(metadata, outcome)
    }

    /// Writes metadata without a cached plan.
    // Out of line, so that the usual case is short enough to be inlined.
    #[inline(never)]
    fn write_slow(
        &self,
        metadata: &Metadata,
        headers: &mut HeaderMap,
        existing: Existing,
        replace: Option<Replace<'_>>,
    ) -> Outcome {
        let mut writing = Writing::new(metadata, headers, existing, replace, self.request_limits);
        if !metadata.is_empty() {
            for header in &self.headers {
                if header.known & metadata.known() != 0 || header.takes_own_fields {
                    writing.write(header);
                }
            }
            if self.own_fields.is_some() {
                self.write_own_fields(&mut writing);
            }
            if let Some(headers) = &self.properties {
                writing.write_properties(headers);
            }
            if !self.passed_on.is_empty() {
                writing.write_vendor_headers(&self.passed_on);
            }
        }
        writing.into_outcome()
    }

    /// Writes the user's own fields that no rule writes.
    fn write_own_fields(&self, writing: &mut Writing<'_>) {
        writing.for_each_own_field(|writing, key, value| {
            if let Some(header) = self.own_header(key) {
                writing.write_own_field(key, value, &header);
            }
        });
    }

    /// Returns the header whose whole value is this field.
    pub(crate) fn header_of(&self, key: FieldKey) -> Option<Cow<'_, HeaderName>> {
        match self.plain_headers.iter().find(|(field, _)| *field == key) {
            Some((_, header)) => Some(Cow::Borrowed(header)),
            None => self.own_header(key),
        }
    }

    /// Returns the header for one of the user's own fields that no rule writes.
    fn own_header(&self, key: FieldKey) -> Option<Cow<'_, HeaderName>> {
        let own_fields = self.own_fields.as_ref()?;
        if key.known().is_some() || self.named_own_fields.contains(&key) {
            return None;
        }
        own_fields.name(key)
    }
}

/// Bits of the well-known fields that are identity.
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
