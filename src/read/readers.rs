use std::borrow::Cow;

use http::HeaderValue;

use super::{
    clients::Clients,
    rank::{LOW_PRECEDENCE, Rank, Sender},
};
use crate::{
    FieldKey, Rule,
    encoding::{Encoding, Part},
    field::trim_ows,
    header_set::{HeaderSet, Removable, vendors::VendorPattern},
    limits::ValueLimits,
    rule::Definition,
};

/// Names of a set of conventions with their readers, and owned prefixes with the client that
/// alone sends such names.
pub(super) type ReadNames = HeaderSet<Readers, Option<usize>>;

/// Collector of the readers of several conventions.
#[derive(Default)]
pub(super) struct Collector {
    names: Vec<(Cow<'static, str>, Readers)>,
    prefixes: Vec<(Cow<'static, str>, Option<usize>)>,
    baggage_keys: Vec<Cow<'static, str>>,
    vendors: Vec<VendorReader>,
    clients: Clients,
    rank: Rank,
    sender: Sender,
}

/// Readers of one name, in order of precedence. The first that applies to a request reads
/// the header.
pub(super) struct Readers {
    pub(super) first: HeaderReader,
    pub(super) others: Vec<HeaderReader>,
    /// True if the header's value must be hidden, whichever reader applies.
    pub(super) is_sensitive: bool,
    is_owned: bool,
}

/// Reader of one header in one convention.
pub(super) struct HeaderReader {
    /// `None` if the header is only written.
    pub(super) content: Option<Content>,
    /// The client that alone sends the name.
    pub(super) client: Option<usize>,
    /// True if other software uses the header too, so that it is not removed.
    pub(super) is_shared: bool,
    /// Prefixes of `User-Agent` for which the reader applies. If empty, it applies to every
    /// `User-Agent`.
    pub(super) agents: &'static [&'static str],
    /// True if the reader applies to every request and every value.
    pub(super) is_always: bool,
}

/// Content of a header: the fields in its value.
pub(super) type Content = Encoding<Reader, Vec<Part<Reader>>>;

/// Reader of one field.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    pub(super) field: FieldKey,
    pub(super) limits: ValueLimits,
    /// True if the field counts only from a trusted request.
    pub(super) is_identity: bool,
    /// True if a value outside the limits is skipped, so that another header counts.
    pub(super) skips: bool,
    pub(super) rank: Rank,
    pub(super) sender: Sender,
}

/// Reader of `x-<vendor>-session-id`.
#[derive(Clone, Copy)]
pub(super) struct VendorReader {
    pub(super) pattern: VendorPattern,
    rank: Rank,
    sender: Sender,
}

impl Collector {
    /// Adds a convention. The conventions before it take precedence.
    pub(super) fn add(&mut self, definition: &Definition) {
        let client = definition.client.map(|client| self.clients.add(client));
        let sender = self.sender_of(client);
        // Any client may send the headers of a provider, so they identify no client.
        let client = client.filter(|_| definition.hosts.is_empty());
        self.add_rules(definition, false, client, sender);
        self.rank += 1;
        self.vendors
            .extend(definition.vendors.map(|pattern| VendorReader {
                pattern,
                rank: self.rank,
                sender,
            }));
        self.add_rules(definition, true, client, sender);
        for prefix in &definition.owned_prefixes {
            self.add_prefix(prefix.clone(), client);
        }
        if let Some(name) = definition.other_fields_object() {
            match self.readers(name) {
                Some(readers) => readers.is_owned = true,
                None => self.names.push((name.clone(), Readers::unread())),
            }
        }
    }

    /// Returns the names, the readers of vendors' session ids, and the clients.
    pub(super) fn finish(self) -> (ReadNames, Vec<VendorReader>, Clients) {
        let patterns = self.vendors.iter().map(|vendor| vendor.pattern).collect();
        let names = HeaderSet::new(self.names, self.prefixes, patterns, self.baggage_keys);
        (names, self.vendors, self.clients)
    }

    /// Returns the number of a convention's sender: the number of an earlier convention of
    /// the same client, or a new one.
    fn sender_of(&mut self, client: Option<usize>) -> Sender {
        let sender = client
            .and_then(|client| self.clients.sender(client))
            .unwrap_or_else(|| {
                self.sender += 1;
                self.sender
            });
        if let Some(client) = client {
            self.clients.set_sender(client, sender);
        }
        sender
    }

    fn add_rules(
        &mut self,
        definition: &Definition,
        after_vendors: bool,
        client: Option<usize>,
        sender: Sender,
    ) {
        for (name, rule) in definition
            .names()
            .filter(|(_, rule)| rule.after_vendors == after_vendors)
        {
            self.rank += 1;
            let is_own = definition
                .owned_prefixes
                .iter()
                .any(|prefix| name.starts_with(prefix.as_ref()));
            self.add_name(name.clone(), rule, client.filter(|_| is_own), sender);
        }
    }

    /// Adds a name of a convention. Parts of one header are read together, even if several
    /// conventions name them.
    fn add_name(
        &mut self,
        name: Cow<'static, str>,
        rule: &Rule,
        client: Option<usize>,
        sender: Sender,
    ) {
        if let Encoding::Baggage(key) = &rule.encoding {
            self.baggage_keys.push(key.clone());
        }
        debug_assert!(self.rank < LOW_PRECEDENCE, "no set has so many headers");
        let low = if rule.low_precedence {
            LOW_PRECEDENCE
        } else {
            0
        };
        let reader = Reader::new(rule, self.rank + low, sender);
        let is_owned = !rule.is_shared() && rule.owns(&name);
        // `traceparent` belongs to tracing libraries, which decide if it is shown.
        let is_sensitive =
            reader.is_sensitive() && !matches!(rule.encoding, Encoding::Traceparent(()));
        let new = HeaderReader::new(rule, reader, client);
        match self.readers(&name) {
            Some(readers) => {
                readers.is_owned |= is_owned;
                readers.is_sensitive |= is_sensitive;
                readers.add(rule, reader, new);
            }
            None => {
                let readers = Readers {
                    first: new,
                    others: Vec::new(),
                    is_sensitive,
                    is_owned,
                };
                self.names.push((name, readers));
            }
        }
    }

    fn readers(&mut self, name: &str) -> Option<&mut Readers> {
        self.names
            .iter_mut()
            .find(|(known, _)| *known == name)
            .map(|(_, readers)| readers)
    }

    /// Adds an owned prefix. If several conventions own it, the first client counts.
    fn add_prefix(&mut self, prefix: Cow<'static, str>, client: Option<usize>) {
        match self.prefixes.iter_mut().find(|(known, _)| *known == prefix) {
            Some((_, known)) => *known = known.or(client),
            None => self.prefixes.push((prefix, client)),
        }
    }
}

impl Readers {
    /// Creates the readers of a header that is only written.
    const fn unread() -> Self {
        Self {
            first: HeaderReader {
                content: None,
                client: None,
                is_shared: false,
                agents: &[],
                is_always: false,
            },
            others: Vec::new(),
            is_sensitive: false,
            is_owned: true,
        }
    }

    /// Adds a reader with the lowest precedence. If an earlier reader reads the same value in
    /// parts, adds a part to it instead. If an earlier reader always applies, adds nothing.
    fn add(&mut self, rule: &Rule, reader: Reader, new: HeaderReader) {
        for known in std::iter::once(&mut self.first).chain(&mut self.others) {
            if known.add_part(rule, reader) || known.is_always {
                return;
            }
        }
        self.others.push(new);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &HeaderReader> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl Removable for Readers {
    fn is_owned(&self) -> bool {
        self.is_owned
    }
}

impl HeaderReader {
    fn new(rule: &Rule, reader: Reader, client: Option<usize>) -> Self {
        let content = rule.read.then(|| {
            rule.encoding
                .map(|()| reader, |name| vec![part(name.clone(), reader)])
        });
        // If this reader reads every value, no later reader of the name applies.
        let is_always = match &content {
            Some(Encoding::Plain(reader) | Encoding::Literal(reader)) => reader.limits.is_none(),
            Some(_) => true,
            None => false,
        };
        Self {
            content,
            client,
            is_shared: rule.is_shared(),
            agents: rule.agents,
            is_always: is_always && rule.agents.is_empty(),
        }
    }

    /// Adds the part of a rule if the rule is for a part of the same value, and returns true
    /// if it is. If two rules are for one part, the earlier rule is kept.
    fn add_part(&mut self, rule: &Rule, reader: Reader) -> bool {
        let Some((parts, name)) = self
            .content
            .as_mut()
            .filter(|_| rule.read)
            .and_then(|content| content.parts_with(&rule.encoding))
        else {
            return false;
        };
        if !parts.iter().any(|part| part.name == *name) {
            parts.push(part(name.clone(), reader));
        }
        true
    }

    /// Returns true if the reader accepts the value. A value with another encoding is
    /// accepted here, and checked when it is decoded.
    pub(super) fn fits(&self, value: &HeaderValue) -> bool {
        match &self.content {
            Some(Encoding::Plain(reader) | Encoding::Literal(reader)) => {
                reader.limits.check(trim_ows(value)).is_ok()
            }
            Some(_) => true,
            None => false,
        }
    }
}

fn part(name: Cow<'static, str>, field: Reader) -> Part<Reader> {
    Part { name, field }
}

impl Reader {
    fn new(rule: &Rule, rank: Rank, sender: Sender) -> Self {
        Self {
            field: rule.field,
            limits: rule.limits,
            is_identity: rule.is_identity(),
            skips: rule.skip_outside_limits,
            rank,
            sender,
        }
    }

    /// Returns true if the value must be hidden.
    const fn is_sensitive(&self) -> bool {
        self.is_identity || self.field.sensitive()
    }
}

impl VendorReader {
    /// Returns the reader of a header that carries this field.
    pub(super) const fn reader(&self, field: FieldKey) -> Reader {
        Reader {
            field,
            limits: self.pattern.limits,
            is_identity: false,
            // A name may have this form by accident, so a value outside the limits is skipped.
            skips: true,
            rank: self.rank,
            sender: self.sender,
        }
    }

    /// Returns the rank for a vendor that the `User-Agent` names. If the vendors of this
    /// pattern are clients, it is the rank of the first such pattern.
    pub(super) fn lifted_rank(&self, patterns: &[Self]) -> Rank {
        patterns
            .iter()
            .find(|other| other.pattern.names_client)
            .filter(|_| self.pattern.names_client)
            .map_or(self.rank, |first| first.rank)
    }

    /// Returns true if the vendor in the name of this sender's header is the client's name.
    pub(super) fn names_client(&self, sender: Sender) -> bool {
        self.pattern.names_client && self.sender == sender
    }
}
