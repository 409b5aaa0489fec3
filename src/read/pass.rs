use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    Extracted, Trust,
    candidates::{Candidates, Extras},
    clients::{Agent, Clients},
    decoded::Value,
    lines::Line,
    outcome::Outcome,
    readers::{Content, Reader, VendorReader},
};
#[cfg(feature = "json")]
use crate::encoding::json;
use crate::{
    Fault, Faults, FieldKey, Metadata, Reason,
    encoding::{Encoding, Fields, Found, Parts, baggage, literal, traceparent},
    field::trim_ows,
    header_set::vendors::Verdict,
    limits::{RemainingLimits, RequestLimits},
};

/// One pass over the headers of a request.
pub(super) struct Reading<'h> {
    pub(super) headers: &'h HeaderMap,
    /// `None` if no field is trusted, which is usual.
    trust: Option<&'h Trust>,
    /// The metadata of an earlier layer.
    pub(super) earlier: Option<&'h Metadata>,
    pub(super) clients: &'h Clients,
    pub(super) vendors: &'h [VendorReader],
    pub(super) agent: Agent<'h>,
    remaining: RemainingLimits,
    pub(super) candidates: Candidates<'h>,
    /// The client that alone sends a header of the request, as an index of `clients`.
    pub(super) client: Option<usize>,
    /// Boxed, because few requests have any, and then the others only compare one word.
    pub(super) extras: Option<Box<Extras<'h>>>,
    pub(super) faults: Faults,
}

impl<'h> Reading<'h> {
    pub(super) const fn new(
        headers: &'h HeaderMap,
        trust: Option<&'h Trust>,
        earlier: Option<&'h Metadata>,
        clients: &'h Clients,
        vendors: &'h [VendorReader],
        request_limits: RequestLimits,
    ) -> Self {
        Self {
            headers,
            trust,
            earlier,
            clients,
            vendors,
            agent: Agent::new(headers),
            remaining: RemainingLimits::new(request_limits),
            candidates: Candidates::new(),
            client: None,
            extras: None,
            faults: Faults::new(),
        }
    }

    /// Records that the request has a header that only this client sends.
    ///
    /// If the request has such headers of several clients, the client with the lowest index
    /// counts. Its convention has the highest precedence. If the first or last header
    /// counted, the result would depend on the order of the headers.
    pub(super) fn sent_by(&mut self, client: Option<usize>) {
        self.client = match (self.client, client) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }

    /// Subtracts a header from the limits.
    ///
    /// # Errors
    ///
    /// Returns an error if the header exceeds the limits. Then nothing is read.
    pub(super) fn take(&mut self, line: Line<'h>) -> Result<(), Reason> {
        self.remaining.take(line.name, line.counted_bytes())
    }

    /// Reads a header with this content.
    pub(super) fn content(&mut self, content: &Content, line: Line<'h>) {
        match content {
            Encoding::Plain(reader) => self.plain(reader, line),
            Encoding::Literal(reader) => {
                self.whole(reader, line, |value| {
                    match literal::decode(trim_ows(value)) {
                        Ok(text) => reader.read_text(text),
                        Err(reason) => Outcome::Invalid(reason),
                    }
                });
            }
            Encoding::Traceparent(reader) => {
                self.whole(reader, line, |value| {
                    let id = traceparent::trace_id(trim_ows(value));
                    Outcome::of(id.and_then(|id| reader.field.parse(id)))
                });
            }
            #[cfg(feature = "json")]
            Encoding::JsonString(reader) => {
                self.whole(reader, line, |value| match json::unquoted(value) {
                    Ok(text) => reader.read_text(&text),
                    Err(reason) => Outcome::of(Err(reason)),
                });
            }
            #[cfg(feature = "json")]
            Encoding::JsonObject(parts) => {
                let value = self.single(line);
                match value.and_then(|value| json::members(value, parts)) {
                    Ok(members) => {
                        self.parts(parts, line, Ok(members.named));
                        self.other_members(parts, members.others, line);
                    }
                    Err(reason) => self.parts(parts, line, Err(reason)),
                }
            }
            Encoding::Baggage(parts) => {
                let found = baggage::members(self.headers, parts);
                self.parts(parts, line, found);
            }
            Encoding::Property(parts) => self.properties_of(parts, line),
        }
    }

    /// Reads a header named `x-<vendor>-session-id`.
    pub(super) fn vendor(&mut self, vendor: &str, line: Line<'h>) {
        if let Some(reader) = self.vendor_reader(vendor, line.value) {
            self.plain(&reader, line);
        }
    }

    /// Returns the reader of the first pattern that knows the vendor and accepts the value.
    /// If none accepts it, returns the reader of the first pattern that knows the vendor.
    fn vendor_reader(&mut self, vendor: &str, value: &HeaderValue) -> Option<Reader> {
        let mut first = None;
        for pattern in self.vendors {
            let field = match pattern.pattern.verdict(vendor) {
                Verdict::Carries(field) => field,
                Verdict::Unknown => continue,
                Verdict::NotASession => break,
            };
            let mut reader = pattern.reader(field);
            // If the `User-Agent` begins with the vendor's name, the vendor counts as known.
            if self.agent.is_of(vendor) {
                reader.rank = pattern.lifted_rank(self.vendors);
            }
            if reader.limits.check(trim_ows(value)).is_ok() {
                return Some(reader);
            }
            first = first.or(Some(reader));
        }
        first
    }

    /// Reports a header that is nominated by `Connection`. Its fields are invalid.
    pub(super) fn nominated(&mut self, content: Option<&Content>, line: Line<'h>) {
        match content.map(Encoding::fields) {
            None => self.fault(None, line, Reason::Nominated),
            Some(Fields::Parts(parts)) if matches!(content, Some(Encoding::Property(_))) => {
                self.invalid_properties(parts, line, Reason::Nominated);
            }
            Some(Fields::One(reader)) => {
                self.settle(reader, line, || Outcome::Invalid(Reason::Nominated));
            }
            Some(Fields::Parts(parts)) => self.parts(parts, line, Err(Reason::Nominated)),
        }
    }

    /// Reports `x-<vendor>-session-id` if it is nominated by `Connection`.
    pub(super) fn nominated_vendor(&mut self, vendor: &str, line: Line<'h>) {
        if let Some(reader) = self.vendor_reader(vendor, line.value) {
            self.settle(&reader, line, || Outcome::Invalid(Reason::Nominated));
        }
    }

    /// Reports a header whose name is a look-alike of that of a header with this content.
    pub(super) fn look_alike(&mut self, content: Option<&Content>, line: Line<'h>) {
        let (field, is_trusted) = match content.map(Encoding::fields) {
            None => (None, true),
            Some(Fields::One(reader)) => (Some(reader.field), self.trusts(reader)),
            Some(Fields::Parts(parts)) => (None, self.trusts_any(parts)),
        };
        self.fault(field, line, reason_if(is_trusted, Reason::LookAlike));
    }

    #[inline(always)]
    fn plain(&mut self, reader: &Reader, line: Line<'h>) {
        // The usual header: one field line, trusted, and a canonical value.
        if reader.limits.is_none()
            && !line.is_repeated()
            && self.trusts(reader)
            && self.remaining.limits.check_value(line.value).is_ok()
            && let Ok(None) = reader.field.read(line.value)
        {
            self.candidates
                .add(reader, line.name, Value::Borrowed(line.value));
            return;
        }
        self.plain_slow(reader, line);
    }

    #[cold]
    fn plain_slow(&mut self, reader: &Reader, line: Line<'h>) {
        self.whole(reader, line, |value| reader.read_value(value));
    }

    /// Reads a header whose value is one field.
    fn whole(
        &mut self,
        reader: &Reader,
        line: Line<'h>,
        read: impl FnOnce(&HeaderValue) -> Outcome,
    ) {
        let value = self.single(line);
        self.settle(reader, line, || match value {
            Ok(value) => read(value),
            Err(reason) => Outcome::Invalid(reason),
        });
    }

    /// Returns the value of a header, if it has one field line and is not too long.
    pub(super) fn single(&self, line: Line<'h>) -> Result<&'h HeaderValue, Reason> {
        if line.is_repeated() {
            return Err(Reason::Repeated);
        }
        self.remaining.limits.check_value(line.value)?;
        Ok(line.value)
    }

    /// Reads the parts that were found in a value. If the value is invalid as a whole, it is
    /// reported once, and each field that it could carry is invalid.
    fn parts(
        &mut self,
        parts: &Parts<Reader>,
        line: Line<'h>,
        found: Result<Vec<Found<'_>>, Reason>,
    ) {
        let found = match found {
            Ok(found) => found,
            Err(reason) => {
                for reader in parts.fields() {
                    if self.trusts(reader) {
                        self.candidates.add(reader, line.name, Value::Invalid);
                    }
                }
                self.fault(None, line, reason_if(self.trusts_any(parts), reason));
                return;
            }
        };
        for (reader, found) in parts.fields().zip(found) {
            if found.has_look_alike {
                let reason = reason_if(self.trusts(reader), Reason::LookAlike);
                self.fault(Some(reader.field), line, reason);
            }
            if let Some(text) = found.text {
                self.settle(reader, line, || match text {
                    Ok(text) => reader.read_part(&text),
                    Err(reason) => Outcome::of(Err(reason)),
                });
            }
        }
    }

    /// Applies the outcome of a header to a field. Every field that is read ends here,
    /// except that of the usual header in [`plain`](Self::plain).
    fn settle(&mut self, reader: &Reader, line: Line<'h>, read: impl FnOnce() -> Outcome) {
        if !self.trusts(reader) {
            // An earlier layer may have trusted the request and read the same value.
            let is_known = self
                .earlier
                .and_then(|earlier| earlier.value(reader.field))
                .is_some_and(|known| matches!(read(), Outcome::Valid(value) if value == *known));
            if !is_known {
                self.fault(Some(reader.field), line, Reason::Untrusted);
            }
            return;
        }
        match read() {
            Outcome::Valid(value) => {
                let value = self.candidates.intern(value);
                self.candidates.add(reader, line.name, value);
            }
            Outcome::Absent(reason) => self.fault(Some(reader.field), line, reason),
            Outcome::Invalid(reason) => {
                self.fault(Some(reader.field), line, reason);
                self.candidates.add(reader, line.name, Value::Invalid);
            }
        }
    }

    fn fault(&mut self, field: Option<FieldKey>, line: Line<'h>, reason: Reason) {
        self.faults
            .push(Fault::new(reason).of(field).header(line.name));
    }

    fn trusts_any(&self, parts: &Parts<Reader>) -> bool {
        parts
            .fields()
            .chain(&parts.others)
            .any(|reader| self.trusts(reader))
    }

    pub(super) fn trusts(&self, reader: &Reader) -> bool {
        let is_trusted = |trust: &Trust| trust.contains(reader.field);
        !reader.is_identity || self.trust.is_some_and(is_trusted)
    }

    /// Decides which values count, and returns the result.
    pub(super) fn finish(&mut self) -> Extracted {
        self.candidates.settle(&mut self.faults);
        if let Some(extras) = self.extras.take() {
            self.settle_properties(extras.properties);
            self.settle_vendor_headers(extras.vendor_headers);
        }
        self.identify();
        Extracted {
            metadata: self.candidates.metadata(),
            faults: std::mem::take(&mut self.faults),
        }
    }

    /// Returns the header from which [`Metadata::session`] was read.
    pub(super) fn session_header(&self) -> Option<&'h HeaderName> {
        Metadata::SESSION_KEYS
            .into_iter()
            .find_map(|field| self.candidates.counted(field))
            .map(|candidate| candidate.header)
    }
}

/// Returns the reason for which a header is ignored. An untrusted header is reported as
/// untrusted, even if it has other faults.
const fn reason_if(is_trusted: bool, reason: Reason) -> Reason {
    if is_trusted {
        reason
    } else {
        Reason::Untrusted
    }
}
