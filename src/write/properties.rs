use std::borrow::Cow;

use http::HeaderName;

use super::{own_fields::other_header, pass::Writing};
use crate::{Fault, FieldKey, Properties, Reason, Text, field::Wire};

/// Headers for properties, in a convention with a prefix for them.
pub(super) struct PropertyHeaders {
    /// Prefix of each name, for example `helicone-property-`.
    prefix: Cow<'static, str>,
    /// The header names of rules, and those that are owned without one.
    taken: Vec<Cow<'static, str>>,
}

impl PropertyHeaders {
    pub(super) const fn new(prefix: Cow<'static, str>, taken: Vec<Cow<'static, str>>) -> Self {
        Self { prefix, taken }
    }

    /// Returns the header for a key, unless its name belongs to a field or is reserved.
    fn name(&self, key: &str) -> Option<HeaderName> {
        // Some proxies drop a name with an underscore.
        let key = key.to_ascii_lowercase().replace(['_', '.'], "-");
        // LiteLLM reads the session from any header whose name ends so.
        if key.ends_with("session-id") {
            return None;
        }
        other_header(&self.prefix, &key, &self.taken)
    }
}

impl Writing<'_> {
    /// Writes each property to a header of its own.
    pub(super) fn write_properties(&mut self, headers: &PropertyHeaders) {
        let Some(properties) = self.accept_properties(None) else {
            return;
        };
        for (key, value) in properties.texts() {
            match headers.name(key) {
                Some(header) => self.write_property(key, value, &header),
                None => self.property_fault(Fault::new(Reason::Unsupported), key),
            }
        }
    }

    fn write_property(&mut self, key: &str, value: &Text, header: &HeaderName) {
        // A field of the user's own may have the same header.
        let field = FieldKey::of::<Properties>();
        let value = field.marked(value.clone().into_wire());
        match self.try_set_new(header, value) {
            Ok(()) => self.carried(field),
            Err(reason) => self.property_fault(Fault::new(reason).header(header), key),
        }
    }

    /// Returns the properties of the metadata, unless the policy withholds them.
    pub(super) fn accept_properties<'h>(
        &mut self,
        header: impl Into<Option<&'h HeaderName>>,
    ) -> Option<Properties> {
        let field = FieldKey::of::<Properties>();
        let value = self.metadata.value(field)?;
        match self.disclosed(field, value, true) {
            // The value was checked when it was added to the metadata.
            Some(value) => Properties::from_wire(&value).ok(),
            None => {
                let fault = Fault::new(Reason::Withheld);
                let fault = match header.into() {
                    Some(header) => fault.header(header),
                    None => fault,
                };
                self.fault_of_field(field, fault);
                None
            }
        }
    }

    /// Reports a property that was not written.
    pub(super) fn property_fault(&mut self, fault: Fault, key: &str) {
        self.fault_of_field(FieldKey::of::<Properties>(), fault.property(key));
    }
}
