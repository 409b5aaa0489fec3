use http::{HeaderName, HeaderValue};

use super::pass::Writing;
use crate::{Fault, FieldKey, Reason, VendorHeaders, field::Wire};

impl Writing<'_> {
    /// Writes the vendor headers that the convention passes on, and reports the others.
    #[cold]
    pub(super) fn write_vendor_headers(&mut self, passed_on: &[HeaderName]) {
        let field = FieldKey::of::<VendorHeaders>();
        let metadata = self.metadata;
        let Some(value) = metadata.value(field) else {
            return;
        };
        if self.has_policy() {
            self.fault_of_field(field, Fault::new(Reason::Withheld));
            return;
        }
        // The value was checked when it was added to the metadata.
        let Ok(headers) = VendorHeaders::from_wire(value) else {
            return;
        };
        for (name, value) in headers.iter() {
            match passed_on.iter().find(|known| *known == name) {
                Some(known) => self.pass_on(known, value),
                None => self.fault_of_field(field, Fault::new(Reason::Unsupported)),
            }
        }
    }

    fn pass_on(&mut self, name: &HeaderName, value: &str) {
        let field = FieldKey::of::<VendorHeaders>();
        let value = HeaderValue::try_from(value).map_err(|_| Reason::InvalidField);
        let result = value.and_then(|value| self.try_set_unlimited(name, field.marked(value)));
        match result {
            Ok(()) => self.carried(field),
            Err(reason) => self.fault(field, name, reason),
        }
    }
}
