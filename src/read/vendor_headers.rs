use http::HeaderName;

use super::{lines::Line, pass::Reading};
use crate::{Fault, FieldKey, Reason, VendorHeaders, field::Wire};

impl<'h> Reading<'h> {
    /// Reads a header that is passed on to its vendor.
    #[cold]
    pub(super) fn pass_on(&mut self, line: Line<'h>) {
        let value = if line.is_repeated() {
            Err(Reason::Repeated)
        } else {
            VendorHeaders::check(line.value)
        };
        match value {
            Ok(value) => {
                let found = self.extras.get_or_insert_default();
                found.vendor_headers.push((line.name, value));
            }
            Err(reason) => self.vendor_fault(line.name, reason),
        }
    }

    /// Reports a header that is not passed on.
    #[cold]
    pub(super) fn vendor_fault(&mut self, header: &HeaderName, reason: Reason) {
        let fault = Fault::new(reason).of(FieldKey::of::<VendorHeaders>());
        self.faults.push(fault.header(header));
    }

    /// Adds the vendor headers to the candidates.
    #[cold]
    pub(super) fn settle_vendor_headers(&mut self, mut headers: Vec<(&'h HeaderName, &'h str)>) {
        // Sorted, so that the result does not depend on the order of the headers.
        headers.sort_unstable_by_key(|(name, _)| name.as_str());
        let limit = VendorHeaders::MAX_HEADERS;
        for (name, _) in headers.iter().skip(limit) {
            self.vendor_fault(name, Reason::TooMany { limit });
        }
        headers.truncate(limit);
        let pairs = headers.into_iter();
        let pairs = pairs.map(|(name, value)| (name.as_str().to_owned(), value.to_owned()));
        if let Some(headers) = VendorHeaders::from_checked(pairs.collect()) {
            let value = self.candidates.intern(headers.into_wire());
            self.candidates.set(FieldKey::of::<VendorHeaders>(), value);
        }
    }
}
