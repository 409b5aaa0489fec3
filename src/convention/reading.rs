use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    Budget, Extracted, Form, Limits, Trust, Vendors, baggage,
    budget::Left,
    candidates::{Candidates, Value},
    clients::{Agent, Clients},
    lines::Line,
    table::{Content, Rank, Target, Wanted},
    traceparent,
};
use crate::{
    Class, ClientName, ClientVersion, Fault, Faults, FieldKey, Reason, SessionId, field::trimmed,
};

/// One pass over a request's headers.
pub(super) struct Reading<'h> {
    headers: &'h HeaderMap,
    trust: Trust,
    clients: &'h Clients,
    pub(super) agent: Agent<'h>,
    left: Left,
    candidates: Candidates<'h>,
    /// The vendor in the name of a session's header.
    vendor: Option<(&'h HeaderName, &'h str)>,
    /// The client whose own header came, among `clients`.
    client: Option<usize>,
    /// Of two headers of one rank that disagree the first counts, and not
    /// neither.
    first_of_equals: bool,
    pub(super) faults: Faults,
}

impl<'h> Reading<'h> {
    pub(super) const fn new(
        headers: &'h HeaderMap,
        trust: Trust,
        clients: &'h Clients,
        budget: Budget,
    ) -> Self {
        Self {
            headers,
            trust,
            clients,
            agent: Agent::new(headers),
            left: Left::of(budget),
            candidates: Candidates::new(),
            vendor: None,
            client: None,
            first_of_equals: false,
            faults: Faults::new(),
        }
    }

    /// A header came that only this client sends.
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
    /// When that would go beyond the budget, which ends the reading.
    pub(super) fn header(&mut self, target: &Target, line: Line<'h>) -> Result<(), Reason> {
        if !target.is_shared && !matches!(target.content, Content::Nothing) {
            self.left.take(line.name, line.used())?;
        }
        let rank = target.rank;
        match &target.content {
            Content::Nothing => {}
            Content::Value(field, limits) => self.value(*field, *limits, rank, line),
            Content::Traceparent(field) => self.alone(*field, rank, line, |field, value| {
                let id = traceparent::trace_id(trimmed(value))?;
                field.parse(id)
            }),
            Content::Baggage(members) => self.baggage(members, line.name),
            #[cfg(feature = "json")]
            Content::JsonString(field, limits) => self.alone(*field, rank, line, |field, value| {
                let text = super::json::unquoted(value)?;
                limits.check(text.as_bytes())?;
                field.parse(&text)
            }),
            #[cfg(feature = "json")]
            Content::Object(members) => self.object(members, line),
        }
        Ok(())
    }

    fn value(&mut self, field: FieldKey, limits: Limits, rank: Rank, line: Line<'h>) {
        // The usual header: on one line, believed, and as it is to be kept.
        if limits.is_none()
            && !line.is_repeated()
            && self.believes(field)
            && self.left.budget.check_value(line.value).is_ok()
            && let Ok(None) = field.read(line.value)
        {
            self.offer(field, rank, line.name, Value::Sent(line.value));
            return;
        }
        self.value_with_care(field, limits, rank, line);
    }

    #[cold]
    fn value_with_care(&mut self, field: FieldKey, limits: Limits, rank: Rank, line: Line<'h>) {
        // What its reader would pass over leaves room for others.
        if !line.is_repeated()
            && let Err(reason) = limits.check(trimmed(line.value))
            && self.believes(field)
        {
            let fault = Fault::new(reason).of(field);
            self.faults.push(fault.header(line.name));
            return;
        }
        self.alone(field, rank, line, |field, value| {
            let made = field.read(value)?;
            Ok(made.unwrap_or_else(|| value.clone()))
        });
    }

    /// A header that is one field's.
    fn alone(
        &mut self,
        field: FieldKey,
        rank: Rank,
        line: Line<'h>,
        read: impl FnOnce(FieldKey, &HeaderValue) -> Result<HeaderValue, Reason>,
    ) {
        if line.is_repeated() {
            self.spoilt(field, rank, line.name, Reason::Repeated);
            return;
        }
        let checked = self.left.budget.check_value(line.value);
        self.field(field, rank, line.name, |field| {
            checked.and_then(|()| read(field, line.value))
        });
    }

    fn baggage(&mut self, members: &[Wanted], name: &'h HeaderName) {
        if let Err(reason) = baggage::check(self.headers) {
            self.faults.push(Fault::new(reason).header(name));
            return;
        }
        for wanted in members {
            let mut values = baggage::values(self.headers, &wanted.member);
            let Some(value) = values.next() else {
                continue;
            };
            let repeated = values.next().is_some();
            self.field(wanted.field, wanted.rank, name, |field| {
                if repeated {
                    return Err(Reason::RepeatedMember);
                }
                let text = baggage::decode(value)?;
                wanted.limits.check(text.as_bytes())?;
                field.parse(&text)
            });
        }
    }

    #[cfg(feature = "json")]
    fn object(&mut self, members: &[Wanted], line: Line<'h>) {
        let name = line.name;
        let found = if line.is_repeated() {
            Err(Reason::Repeated)
        } else {
            let checked = self.left.budget.check_value(line.value);
            checked.and_then(|()| super::json::members(members, line.value))
        };
        let found = match found {
            Ok(found) => found,
            Err(reason) => {
                self.faults.push(Fault::new(reason).header(name));
                return;
            }
        };
        for (wanted, found) in members.iter().zip(found) {
            let Some(text) = found else { continue };
            self.field(wanted.field, wanted.rank, name, |field| {
                let text = text?;
                wanted.limits.check(text.as_bytes())?;
                field.parse(&text)
            });
        }
    }

    /// A header named `x-<vendor>-session-id`.
    ///
    /// # Errors
    ///
    /// When that would go beyond the budget, which ends the reading.
    pub(super) fn vendor(
        &mut self,
        vendors: Vendors,
        rank: Rank,
        vendor: &'h str,
        line: Line<'h>,
    ) -> Result<(), Reason> {
        self.left.take(line.name, line.used())?;
        let field = vendors.field(vendor);
        match vendors {
            Vendors::LiteLlm => {
                // Of several, LiteLLM takes the first on the wire that is sound.
                self.first_of_equals = true;
                self.value(field, LITELLM, rank, line);
                self.first_of_equals = false;
            }
            Vendors::Any => {
                self.value(field, Limits::new(), rank, line);
                if field == FieldKey::of::<SessionId>() && self.candidates.is_from(field, line.name)
                {
                    self.vendor = Some((line.name, vendor));
                }
            }
        }
        Ok(())
    }

    /// A header that `Connection` names, which would carry this field.
    pub(super) fn nominated(&mut self, field: Option<(FieldKey, Rank)>, name: &'h HeaderName) {
        match field {
            Some((field, rank)) => self.spoilt(field, rank, name, Reason::Nominated),
            None => self.faults.push(Fault::new(Reason::Nominated).header(name)),
        }
    }

    /// Reports a header that can't count for its field, and sees to it that no
    /// weaker one does.
    fn spoilt(&mut self, field: FieldKey, rank: Rank, name: &'h HeaderName, reason: Reason) {
        let fault = Fault::new(reason).of(field);
        self.faults.push(fault.header(name));
        self.candidates.void(field, rank, name);
    }

    fn believes(&self, field: FieldKey) -> bool {
        self.trust == Trust::Identity || field.class() == Class::Correlation
    }

    /// Takes a field's value, if its sender is believed and it is sound.
    fn field(
        &mut self,
        field: FieldKey,
        rank: Rank,
        name: &'h HeaderName,
        read: impl FnOnce(FieldKey) -> Result<HeaderValue, Reason>,
    ) {
        let value = if self.believes(field) {
            read(field)
        } else {
            Err(Reason::Untrusted)
        };
        match value {
            Ok(value) => {
                let value = self.candidates.keep(value);
                self.offer(field, rank, name, value);
            }
            // What is empty or not believed says nothing.
            Err(reason @ (Reason::Empty | Reason::Untrusted)) => {
                self.faults.push(Fault::new(reason).of(field).header(name));
            }
            Err(reason) => self.spoilt(field, rank, name, reason),
        }
    }

    fn offer(&mut self, field: FieldKey, rank: Rank, header: &'h HeaderName, value: Value<'h>) {
        let first = self.first_of_equals;
        if let Some(conflict) = self.candidates.offer(field, rank, header, value, first) {
            let fault = Fault::new(Reason::Conflict).of(field);
            let fault = fault.header(conflict.first).other(conflict.second);
            self.faults.push(fault);
        }
    }

    pub(super) fn finish(&mut self) -> Extracted {
        self.identify();
        Extracted {
            metadata: self.candidates.metadata(),
            faults: std::mem::take(&mut self.faults),
        }
    }

    /// Which program sent the request: by its own word, by its `User-Agent`, by
    /// a header that only it sends, by the title that it gives people, or by
    /// the vendor in its session's header.
    fn identify(&mut self) {
        let name = FieldKey::of::<ClientName>();
        let title = self.candidates.take_weak(name);
        let session = FieldKey::of::<SessionId>();
        let vendor = self
            .vendor
            .filter(|(header, _)| self.candidates.is_from(session, header));
        if self.clients.is_empty() && vendor.is_none() && title.is_none() {
            return;
        }
        let by_agent = self.agent.client(self.clients);
        if self.candidates.value(name).is_none() {
            let by_header = || self.clients.get(self.client?);
            let client = by_agent.or_else(by_header);
            let client = client.map(|client| Value::Sent(&client.name));
            // A vendor's name is letters, digits and hyphens; a long one is no text.
            let vendor = || name.parse(vendor?.1).ok();
            let client = client.or(title);
            let client = client.or_else(|| Some(self.candidates.keep(vendor()?)));
            if let Some(client) = client {
                self.candidates.set(name, client);
            }
        }
        // The agent tells the version of the program that it names.
        let version = FieldKey::of::<ClientVersion>();
        let named = by_agent.map(|client| &client.name);
        if named.is_some()
            && self.candidates.value(name) == named
            && self.candidates.value(version).is_none()
            && let Some(Ok(text)) = self.agent.version().map(|text| version.parse(text))
        {
            let text = self.candidates.keep(text);
            self.candidates.set(version, text);
        }
    }
}

/// LiteLLM takes a vendor's session only so (litellm 1.109.1,
/// `proxy/litellm_pre_call_utils.py`).
const LITELLM: Limits = Limits::new().at_least(8).form(Form::Word);
