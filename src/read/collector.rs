use std::{borrow::Cow, collections::HashMap};

use http::HeaderValue;

use super::{
    clients::{AgentPrefix, Clients, Known},
    rank::{LOW_PRECEDENCE, Rank, Sender},
    readers::{HeaderReader, PrefixReader, ReadNames, Reader, Readers, VendorReader},
};
use crate::{
    Rule, ValueLimits,
    encoding::Encoding,
    header_set::HeaderSet,
    rule::{Client, Definition, Place},
};

/// Index of each name in a list, so that adding many conventions takes linear time.
type Index = HashMap<Cow<'static, str>, usize>;

/// Collector of the readers of several conventions.
#[derive(Default)]
pub(super) struct Collector {
    names: Vec<(Cow<'static, str>, Readers)>,
    /// Index of each name in `names`.
    name_index: Index,
    prefixes: Vec<(Cow<'static, str>, PrefixReader)>,
    /// Index of each prefix in `prefixes`.
    prefix_index: Index,
    /// Names that belong to a convention without a rule for them.
    owned: Vec<Cow<'static, str>>,
    /// Names of headers that are passed on.
    passed_on: Vec<Cow<'static, str>>,
    baggage_keys: Vec<Cow<'static, str>>,
    vendors: Vec<VendorReader>,
    clients: Vec<Known>,
    /// Prefixes of the clients' `User-Agent`.
    agents: Vec<AgentPrefix>,
    /// Senders by the name of their client.
    senders: HashMap<HeaderValue, Sender>,
    rank: Rank,
    sender: Sender,
}

impl Collector {
    /// Adds a convention. The conventions before it take precedence.
    pub(super) fn add(&mut self, definition: &Definition) {
        let client = definition.client.as_ref();
        let client = client.and_then(|client| self.add_client(client));
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
        for name in definition.objects() {
            self.add_owned(name.clone());
        }
        self.owned.extend(definition.owned_headers.iter().cloned());
        self.passed_on.extend(definition.passed_on.iter().cloned());
        if let Some(place) = &definition.properties {
            self.rank += 1;
            self.add_properties(place, sender);
        }
    }

    /// Adds the readers of properties, which are never read before a rule.
    fn add_properties(&mut self, place: &Place, sender: Sender) {
        match place {
            Place::Headers(prefix) => {
                let reader = Reader::of_properties(ValueLimits::new(), self.rank, sender);
                let known = self.prefix(prefix);
                debug_assert!(known.is_some(), "the definition owns the prefix");
                if let Some(known) = known {
                    known.properties.get_or_insert(reader);
                }
            }
            #[cfg(feature = "json")]
            Place::Members(header, limits) => {
                let reader = Reader::of_properties(*limits, self.rank, sender);
                // `add` has added readers for every object.
                if let Some(readers) = self.readers(header) {
                    readers.add_properties(reader);
                }
            }
        }
    }

    /// Returns the names, the readers of vendors' session ids, and the clients.
    pub(super) fn finish(mut self) -> (ReadNames, Vec<VendorReader>, Clients) {
        // After all rules, because any other convention may read the name.
        for name in std::mem::take(&mut self.owned) {
            self.add_owned(name);
        }
        for name in std::mem::take(&mut self.passed_on) {
            self.add_owned(name.clone());
            if let Some(readers) = self.readers(&name) {
                readers.is_passed_on = true;
                readers.is_sensitive = true;
            }
        }
        let patterns = self.vendors.iter().map(|vendor| vendor.pattern).collect();
        let names = HeaderSet::new(self.names, self.prefixes, patterns, self.baggage_keys);
        (names, self.vendors, Clients::new(self.clients, self.agents))
    }

    /// Adds a client, and returns its index.
    fn add_client(&mut self, client: &Client) -> Option<usize> {
        let index = self.clients.len();
        self.clients.push(Known::new(client)?);
        let agents = client.agents.iter().cloned();
        self.agents
            .extend(agents.filter_map(|agent| AgentPrefix::new(agent, index)));
        Some(index)
    }

    /// Returns the number of a convention's sender: the number of an earlier convention of
    /// the same client, or a new one.
    fn sender_of(&mut self, client: Option<usize>) -> Sender {
        let next = self.sender + 1;
        let client = client.and_then(|client| self.clients.get(client));
        let sender = match client {
            Some(client) => *self.senders.entry(client.name.clone()).or_insert(next),
            None => next,
        };
        self.sender = self.sender.max(sender);
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
                    is_passed_on: false,
                };
                self.push(name, readers);
            }
        }
    }

    /// Adds a name without a reader, or marks the known name as owned.
    fn add_owned(&mut self, name: Cow<'static, str>) {
        match self.readers(&name) {
            Some(readers) => readers.is_owned = true,
            None => self.push(name, Readers::unread()),
        }
    }

    fn push(&mut self, name: Cow<'static, str>, readers: Readers) {
        self.name_index.insert(name.clone(), self.names.len());
        self.names.push((name, readers));
    }

    fn readers(&mut self, name: &str) -> Option<&mut Readers> {
        let readers = self.names.get_mut(*self.name_index.get(name)?);
        readers.map(|(_, readers)| readers)
    }

    fn prefix(&mut self, prefix: &str) -> Option<&mut PrefixReader> {
        let reader = self.prefixes.get_mut(*self.prefix_index.get(prefix)?);
        reader.map(|(_, reader)| reader)
    }

    /// Adds an owned prefix. If several conventions own it, the first client counts.
    fn add_prefix(&mut self, prefix: Cow<'static, str>, client: Option<usize>) {
        match self.prefix(&prefix) {
            Some(known) => known.client = known.client.or(client),
            None => {
                let reader = PrefixReader {
                    len: prefix.len(),
                    client,
                    properties: None,
                };
                self.prefix_index
                    .insert(prefix.clone(), self.prefixes.len());
                self.prefixes.push((prefix, reader));
            }
        }
    }
}
