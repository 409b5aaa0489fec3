use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    Extracted, RequestLimits, baggage,
    candidates::{Candidates, Value},
    clients::{Agent, Clients},
    lines::Line,
    read_plan::Trust,
    request_limits::RemainingLimits,
    table::{Content, Part, Reader, Target, VendorReader},
    traceparent,
    vendors::vendor_of,
};
use crate::{
    ClientName, ClientVersion, Fault, Faults, FieldKey, Metadata, Reason, SessionId,
    field::{percent, trim_ows},
};

/// One pass over a request's headers.
pub(super) struct Reading<'h> {
    headers: &'h HeaderMap,
    trust: Trust,
    /// Metadata that an earlier layer left.
    earlier: Option<&'h Metadata>,
    clients: &'h Clients,
    vendors: &'h [VendorReader],
    pub(super) agent: Agent<'h>,
    left: RemainingLimits,
    candidates: Candidates<'h>,
    /// The client whose own header came, among `clients`.
    client: Option<usize>,
    pub(super) faults: Faults,
}

impl<'h> Reading<'h> {
    pub(super) const fn new(
        headers: &'h HeaderMap,
        trust: Trust,
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
            left: RemainingLimits::new(request_limits),
            candidates: Candidates::new(),
            client: None,
            faults: Faults::new(),
        }
    }

    /// Notes that a header came which only this client sends.
    pub(super) fn sent_by(&mut self, client: Option<usize>) {
        self.client = match (self.client, client) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }

    /// Reads a header.
    ///
    /// # Errors
    ///
    /// Returns an error if that would exceed the limits, which ends the
    /// reading.
    pub(super) fn header(&mut self, target: &Target, line: Line<'h>) -> Result<(), Reason> {
        if !target.is_shared && !matches!(target.content, Content::Nothing) {
            self.left.take(line.name, line.used())?;
        }
        match &target.content {
            Content::Nothing => {}
            Content::Value(reader) => self.value(reader, line),
            Content::Traceparent(reader) => self.alone(reader, line, |reader, value| {
                let id = traceparent::trace_id(trim_ows(value))?;
                Ok(reader.field.parse(id)?)
            }),
            Content::Baggage(members) => self.baggage(members, line),
            #[cfg(feature = "json")]
            Content::JsonString(reader) => self.alone(reader, line, |reader, value| {
                parse(reader, &super::json::unquoted(value)?)
            }),
            #[cfg(feature = "json")]
            Content::Object(members) => self.object(members, line),
        }
        Ok(())
    }

    /// Reads a header named `x-<vendor>-session-id`.
    ///
    /// # Errors
    ///
    /// Returns an error if that would exceed the limits, which ends the
    /// reading.
    pub(super) fn vendor(&mut self, vendor: &str, line: Line<'h>) -> Result<(), Reason> {
        self.left.take(line.name, line.used())?;
        if let Some(reader) = self.vendor_reader(vendor, line.value) {
            self.value(&reader, line);
        }
        Ok(())
    }

    /// Returns how `x-<vendor>-session-id` is read: by the first pattern that
    /// knows the vendor and takes the value; where none takes it, by the first.
    fn vendor_reader(&mut self, vendor: &str, value: &HeaderValue) -> Option<Reader> {
        let mut refused = None;
        for pattern in self.vendors {
            let Some(read) = pattern.read(vendor) else {
                continue;
            };
            let Some(mut reader) = read else { break };
            // A sender that names itself after the vendor is as good as listed.
            if self.agent.is_of(vendor) {
                reader.rank = pattern.lifted_rank(self.vendors);
            }
            if reader.limits.check(trim_ows(value)).is_ok() {
                return Some(reader);
            }
            refused = refused.or(Some(reader));
        }
        refused
    }

    /// Reports that `Connection` names the header, so that nothing in it counts.
    pub(super) fn nominated(&mut self, target: &Target, line: Line<'h>) {
        self.invalidate(&target.content, line, Reason::Nominated);
    }

    /// The same as [`nominated`](Self::nominated), for `x-<vendor>-session-id`.
    pub(super) fn nominated_vendor(&mut self, vendor: &str, line: Line<'h>) {
        if let Some(reader) = self.vendor_reader(vendor, line.value) {
            self.outcome(&reader, line, Err(Refusal::Invalid(Reason::Nominated)));
        }
    }

    /// Reports a header whose name looks like that of a header with this content.
    pub(super) fn look_alike(&mut self, content: Option<&Content>, line: Line<'h>) {
        let readers = content.map(Content::readers).unwrap_or_default();
        let is_trusted = readers.is_empty() || readers.iter().any(|reader| self.trusts(reader));
        let reason = if is_trusted {
            Reason::LookAlike
        } else {
            Reason::Untrusted
        };
        let field = content.and_then(Content::field);
        self.faults
            .push(Fault::new(reason).of(field).header(line.name));
    }

    #[inline]
    fn value(&mut self, reader: &Reader, line: Line<'h>) {
        // The usual header: on one line, trusted, and as it is to be kept.
        if reader.limits.is_none()
            && !line.is_repeated()
            && self.trusts(reader)
            && self.left.limits.check_value(line.value).is_ok()
            && let Ok(None) = reader.field.read(line.value)
        {
            let value = Value::Borrowed(line.value);
            self.candidates.add(reader, line.name, value);
            return;
        }
        self.value_slow(reader, line);
    }

    #[cold]
    fn value_slow(&mut self, reader: &Reader, line: Line<'h>) {
        self.alone(reader, line, |reader, value| {
            let accepted = reader.limits.check(trim_ows(value));
            accepted.map_err(Refusal::OutsideLimits)?;
            let decoded = reader.field.read(value)?;
            Ok(decoded.unwrap_or_else(|| value.clone()))
        });
    }

    /// Reads a header that is one field's.
    fn alone(
        &mut self,
        reader: &Reader,
        line: Line<'h>,
        read: impl FnOnce(&Reader, &HeaderValue) -> Result<HeaderValue, Refusal>,
    ) {
        if self.earlier.is_none() && !self.trusts(reader) {
            self.fault(reader.field, line, Reason::Untrusted);
            return;
        }
        let value = self.single(line).map_err(Refusal::Invalid);
        let value = value.and_then(|value| read(reader, value));
        self.outcome(reader, line, value);
    }

    /// Returns the value of a header that came on one line and is short enough.
    fn single(&self, line: Line<'h>) -> Result<&'h HeaderValue, Reason> {
        if line.is_repeated() {
            return Err(Reason::Repeated);
        }
        self.left.limits.check_value(line.value)?;
        Ok(line.value)
    }

    fn baggage(&mut self, members: &[Part], line: Line<'h>) {
        if let Err(reason) = baggage::check(self.headers) {
            self.invalidate_members(members, line, reason);
            return;
        }
        for Part { name, reader } in members {
            let found = baggage::find(self.headers, name);
            if found.has_look_alike {
                self.member_look_alike(reader, line);
            }
            let Some(value) = found.value else { continue };
            let read = |value| {
                let text = baggage::decode(value)?;
                // The text's offsets, as they are in the value.
                parse(reader, &text)
                    .map_err(|refusal| refusal.map_offset(|at| percent::encoded_offset(value, at)))
            };
            let value = value.map_err(Refusal::Invalid).and_then(read);
            self.outcome(reader, line, value);
        }
    }

    fn member_look_alike(&mut self, reader: &Reader, line: Line<'h>) {
        let reason = if self.trusts(reader) {
            Reason::LookAlike
        } else {
            Reason::Untrusted
        };
        let fault = Fault::new(reason).of(reader.field);
        self.faults.push(fault.header(line.name));
    }

    #[cfg(feature = "json")]
    fn object(&mut self, members: &[Part], line: Line<'h>) {
        let value = self.single(line);
        let found = match value.and_then(|value| super::json::members(members, value)) {
            Ok(found) => found,
            Err(reason) => {
                self.invalidate_members(members, line, reason);
                return;
            }
        };
        for (Part { reader, .. }, found) in members.iter().zip(found) {
            let Some(text) = found else { continue };
            let text = text.map_err(Refusal::Invalid);
            let value = text.and_then(|text| parse(reader, &text));
            self.outcome(reader, line, value);
        }
    }

    /// Reports what is wrong with all of a header, and invalidates each field
    /// that it could carry.
    fn invalidate(&mut self, content: &Content, line: Line<'h>, reason: Reason) {
        match content {
            Content::Nothing => {
                let fault = Fault::new(reason);
                self.faults.push(fault.header(line.name));
            }
            Content::Value(reader) | Content::Traceparent(reader) => {
                self.outcome(reader, line, Err(Refusal::Invalid(reason)));
            }
            #[cfg(feature = "json")]
            Content::JsonString(reader) => {
                self.outcome(reader, line, Err(Refusal::Invalid(reason)));
            }
            #[cfg(feature = "json")]
            Content::Object(members) => self.invalidate_members(members, line, reason),
            Content::Baggage(members) => self.invalidate_members(members, line, reason),
        }
    }

    fn invalidate_members(&mut self, members: &[Part], line: Line<'h>, reason: Reason) {
        let mut is_trusted = false;
        for Part { reader, .. } in members {
            if self.trusts(reader) {
                is_trusted = true;
                self.candidates.add(reader, line.name, Value::Invalid);
            }
        }
        // The header as a whole is reported once.
        let reason = if is_trusted {
            reason
        } else {
            Reason::Untrusted
        };
        self.faults.push(Fault::new(reason).header(line.name));
    }

    /// Takes what came of reading a field from a header: a value, or why it does
    /// not count. Every field that is read ends here, but for the usual header
    /// of [`value`](Self::value).
    fn outcome(&mut self, reader: &Reader, line: Line<'h>, value: Result<HeaderValue, Refusal>) {
        if !self.trusts(reader) {
            let earlier = self.earlier.and_then(|earlier| earlier.value(reader.field));
            // An outer layer may have trusted this very value.
            if earlier.is_none() || earlier != value.as_ref().ok() {
                self.fault(reader.field, line, Reason::Untrusted);
            }
            return;
        }
        match value {
            Ok(value) => {
                let value = self.candidates.intern(value);
                self.candidates.add(reader, line.name, value);
            }
            // An empty value says nothing.
            Err(Refusal::Invalid(reason @ Reason::Empty)) => {
                self.fault(reader.field, line, reason);
            }
            Err(Refusal::OutsideLimits(reason)) if reader.skips => {
                self.fault(reader.field, line, reason);
            }
            Err(Refusal::OutsideLimits(reason) | Refusal::Invalid(reason)) => {
                self.fault(reader.field, line, reason);
                self.candidates.add(reader, line.name, Value::Invalid);
            }
        }
    }

    fn fault(&mut self, field: FieldKey, line: Line<'h>, reason: Reason) {
        let fault = Fault::new(reason).of(field);
        self.faults.push(fault.header(line.name));
    }

    fn trusts(&self, reader: &Reader) -> bool {
        self.trust == Trust::Identity || !reader.is_identity
    }

    /// Decides what counts, and returns it.
    pub(super) fn finish(&mut self) -> Extracted {
        self.candidates.settle(&mut self.faults);
        self.identify();
        Extracted {
            metadata: self.candidates.metadata(),
            faults: std::mem::take(&mut self.faults),
        }
    }

    /// Returns the header that [`Metadata::session`] is from.
    pub(super) fn session_header(&mut self) -> Option<&'h HeaderName> {
        let mut headers = Metadata::SESSION_KEYS
            .into_iter()
            .filter_map(|field| self.candidates.header(field));
        headers.next().map(|(header, _)| header)
    }

    /// Adds which program sent the request: by its own word, by its
    /// `User-Agent`, by a header that only it sends, by the title that it gives
    /// people, or by the vendor in its session's header.
    fn identify(&mut self) {
        let name = FieldKey::of::<ClientName>();
        let title = self.candidates.take_low_precedence(name);
        let vendor = self.session_vendor();
        if self.clients.is_empty() && vendor.is_none() && title.is_none() {
            return;
        }
        let by_agent = self.agent.client(self.clients);
        if self.candidates.is_vacant(name) {
            let by_header = || self.clients.get(self.client?);
            let client = by_agent.or_else(by_header);
            let client = client.map(|client| Value::Borrowed(&client.name));
            // A vendor's name is letters, digits and hyphens; a long one is no text.
            let vendor = || name.parse(vendor?).ok();
            let client = client.or(title);
            let client = client.or_else(|| Some(self.candidates.intern(vendor()?)));
            if let Some(client) = client {
                self.candidates.set(name, client);
            }
        }
        // The agent tells the version of the program that it names.
        let version = FieldKey::of::<ClientVersion>();
        let named = by_agent.map(|client| &client.name);
        if named.is_some()
            && self.candidates.value(name) == named
            && self.candidates.is_vacant(version)
            && let Some(Ok(text)) = self.agent.version().map(|text| version.parse(text))
        {
            let text = self.candidates.intern(text);
            self.candidates.set(version, text);
        }
    }

    /// Returns the vendor in the name of the session's header.
    fn session_vendor(&mut self) -> Option<&'h str> {
        let (header, sender) = self.candidates.header(FieldKey::of::<SessionId>())?;
        let mut vendors = self.vendors.iter();
        vendors.find(|vendor| vendor.names_client(sender))?;
        vendor_of(header.as_str())
    }
}

/// Reason for which a header's value is not read as a field.
enum Refusal {
    /// Its target does not accept it.
    OutsideLimits(Reason),
    Invalid(Reason),
}

impl Refusal {
    fn map_offset(self, map: impl Fn(usize) -> usize) -> Self {
        match self {
            Self::OutsideLimits(reason) => Self::OutsideLimits(reason.map_offset(map)),
            Self::Invalid(reason) => Self::Invalid(reason.map_offset(map)),
        }
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self::Invalid(reason)
    }
}

/// Reads a field from a text that has no header's escapes.
fn parse(reader: &Reader, text: &str) -> Result<HeaderValue, Refusal> {
    let accepted = reader.limits.check(text.as_bytes());
    accepted.map_err(Refusal::OutsideLimits)?;
    Ok(reader.field.parse(text)?)
}
