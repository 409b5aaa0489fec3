//! The readers of each header, for reading several conventions at once.

use std::borrow::Cow;

use http::HeaderValue;

use super::{
    ConventionBuilder, Rule, ValueLimits,
    clients::Clients,
    vendors::{VendorPattern, Verdict},
};
use crate::{FieldKey, encoding::Encoding, field::trim_ows};

/// All headers of several conventions.
#[derive(Default)]
pub(super) struct Table {
    pub(super) names: Vec<(Cow<'static, str>, usize)>,
    pub(super) targets: Vec<Target>,
    pub(super) families: Vec<(Cow<'static, str>, usize)>,
    pub(super) vendors: Vec<VendorReader>,
    pub(super) clients: Clients,
    rank: Rank,
    sender: Sender,
}

/// Readings of one header in one convention.
pub(super) struct Target {
    pub(super) content: Content,
    /// The client that the name is only sent by, among the extractor's.
    pub(super) client: Option<usize>,
    /// True if the header is others' too; then so are its look-alikes.
    pub(super) is_shared: bool,
    /// The beginnings of `User-Agent` without which this does not hold.
    pub(super) agents: &'static [&'static str],
    /// Index of the target that the same name has if this one does not apply.
    pub(super) next: Option<usize>,
    /// True if it holds whoever sends it and whatever the value.
    pub(super) is_always: bool,
    /// True if the header's value must be hidden, whatever of a chain it carries.
    pub(super) is_sensitive: bool,
}

pub(super) enum Content {
    Value(Reader),
    Traceparent(Reader),
    Baggage(Vec<Part>),
    #[cfg(feature = "json")]
    JsonString(Reader),
    #[cfg(feature = "json")]
    Object(Vec<Part>),
    /// It is only written; nothing is read.
    Nothing,
}

/// Reader of a header, or of a part of it, as a field.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    pub(super) field: FieldKey,
    pub(super) limits: ValueLimits,
    /// True if the field counts only from a trusted request.
    pub(super) is_identity: bool,
    /// True if a value outside the limits leaves the field to other headers.
    pub(super) skips: bool,
    pub(super) rank: Rank,
    pub(super) sender: Sender,
}

/// A part of a header's value that carries a field.
pub(super) struct Part {
    pub(super) name: Cow<'static, str>,
    pub(super) reader: Reader,
}

/// Reader of `x-<vendor>-session-id`.
#[derive(Clone, Copy)]
pub(super) struct VendorReader {
    pub(super) pattern: VendorPattern,
    rank: Rank,
    sender: Sender,
}

/// Rank of a header among those that carry a field. The lowest counts.
pub(super) type Rank = u32;

/// Number of a header's sender. The conventions of one client have the same.
pub(super) type Sender = u32;

/// Client of a header prefix whose convention has no client.
const NO_CLIENT: usize = usize::MAX;

/// Behind the ranks of all that is said for this crate's purposes: what others
/// may have added for theirs, and titles for people.
pub(super) const LOW_PRECEDENCE: Rank = Rank::MAX / 2;

impl Table {
    /// Adds a convention, which counts after those that are there.
    pub(super) fn add(&mut self, builder: &ConventionBuilder) {
        let client = builder.client.map(|client| self.clients.add(client));
        let sender = self.sender_of(client);
        // A provider's header is sent by whoever calls it.
        let client = client.filter(|_| builder.hosts.is_empty());
        self.add_rules(builder, false, client, sender);
        self.rank += 1;
        let vendors = builder.vendors.map(|pattern| VendorReader {
            pattern,
            rank: self.rank,
            sender,
        });
        self.vendors.extend(vendors);
        self.add_rules(builder, true, client, sender);
        let families = builder.families.iter();
        self.families
            .extend(families.map(|family| (family.clone(), client.unwrap_or(NO_CLIENT))));
    }

    /// Returns the number of a convention's sender: that of an earlier
    /// convention of the same client, or a new one.
    fn sender_of(&mut self, client: Option<usize>) -> Sender {
        let known = client.and_then(|client| self.clients.sender(client));
        let sender = known.unwrap_or_else(|| {
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
        builder: &ConventionBuilder,
        after_vendors: bool,
        client: Option<usize>,
        sender: Sender,
    ) {
        let names = builder.names();
        for (name, rule) in names.filter(|(_, rule)| rule.after_vendors == after_vendors) {
            self.rank += 1;
            let mut families = builder.families.iter();
            let own = families.any(|family| name.starts_with(family.as_ref()));
            self.add_name(name.clone(), rule, client.filter(|_| own), sender);
        }
    }

    /// Adds what a name carries. Members of one header go together, whichever
    /// conventions name them.
    fn add_name(
        &mut self,
        name: Cow<'static, str>,
        rule: &Rule,
        client: Option<usize>,
        sender: Sender,
    ) {
        let rank = self.rank
            + if rule.low_precedence {
                LOW_PRECEDENCE
            } else {
                0
            };
        let reader = Reader::new(rule, rank, sender);
        let new = Target::new(rule, reader, client);
        let end = self.targets.len();
        let known = self.names.iter().find(|(known, _)| *known == name);
        let Some(&(_, head)) = known else {
            self.names.push((name, end));
            self.targets.push(new);
            return;
        };
        // Goes to the end of the name's chain, unless an earlier link always holds.
        let mut at = Some(head);
        while let Some(target) = at.and_then(|at| self.targets.get_mut(at)) {
            if target.content.add(rule, reader) || target.is_always {
                self.mark(head, new.is_sensitive);
                return;
            }
            at = target.next;
            target.next = at.or(Some(end));
        }
        self.mark(head, new.is_sensitive);
        self.targets.push(new);
    }

    /// The head of a chain tells whether any of it is sensitive.
    fn mark(&mut self, head: usize, is_sensitive: bool) {
        if let Some(head) = self.targets.get_mut(head) {
            head.is_sensitive |= is_sensitive;
        }
    }
}

impl Target {
    fn new(rule: &Rule, reader: Reader, client: Option<usize>) -> Self {
        let member = || Part {
            name: rule.member.clone().unwrap_or_default(),
            reader,
        };
        let content = match rule.encoding {
            _ if !rule.read => Content::Nothing,
            Encoding::Plain => Content::Value(reader),
            Encoding::Traceparent => Content::Traceparent(reader),
            Encoding::Baggage => Content::Baggage(vec![member()]),
            #[cfg(feature = "json")]
            Encoding::JsonString => Content::JsonString(reader),
            #[cfg(feature = "json")]
            Encoding::JsonObject => Content::Object(vec![member()]),
        };
        Self {
            client,
            is_shared: rule.is_shared(),
            agents: rule.agents,
            next: None,
            is_always: rule.agents.is_empty() && content.is_always(),
            is_sensitive: reader.is_sensitive() && !matches!(content, Content::Traceparent(_)),
            content,
        }
    }

    /// Returns true if it reads the value, or the value is not for it to judge.
    pub(super) fn fits(&self, value: &HeaderValue) -> bool {
        match &self.content {
            Content::Value(reader) => reader.limits.check(trim_ows(value)).is_ok(),
            Content::Nothing => false,
            _ => true,
        }
    }
}

impl Content {
    /// Returns true if it reads every value, so that no later reader of the same
    /// name is asked.
    const fn is_always(&self) -> bool {
        match self {
            Self::Value(reader) => reader.limits.is_none(),
            Self::Nothing => false,
            _ => true,
        }
    }

    /// Returns the field that the whole header is about.
    pub(super) fn field(&self) -> Option<FieldKey> {
        match self {
            Self::Value(reader) | Self::Traceparent(reader) => Some(reader.field),
            #[cfg(feature = "json")]
            Self::JsonString(reader) => Some(reader.field),
            #[cfg(feature = "json")]
            Self::Object(_) => None,
            Self::Baggage(_) | Self::Nothing => None,
        }
    }

    /// Returns the readers of all that the header carries.
    pub(super) fn readers(&self) -> Vec<&Reader> {
        match self {
            Self::Value(reader) | Self::Traceparent(reader) => vec![reader],
            #[cfg(feature = "json")]
            Self::JsonString(reader) => vec![reader],
            #[cfg(feature = "json")]
            Self::Object(members) => members.iter().map(|member| &member.reader).collect(),
            Self::Baggage(members) => members.iter().map(|member| &member.reader).collect(),
            Self::Nothing => Vec::new(),
        }
    }

    /// Adds a rule about another part of the same value, if it is one.
    fn add(&mut self, rule: &Rule, reader: Reader) -> bool {
        let name = || rule.member.clone().unwrap_or_default();
        match (self, rule.encoding) {
            (Self::Baggage(members), Encoding::Baggage) => {
                Part::add(members, name(), reader);
                true
            }
            #[cfg(feature = "json")]
            (Self::Object(members), Encoding::JsonObject) if rule.read => {
                Part::add(members, name(), reader);
                true
            }
            _ => false,
        }
    }
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

impl Part {
    /// Adds a member, unless an earlier rule has it.
    fn add(members: &mut Vec<Self>, name: Cow<'static, str>, reader: Reader) {
        if !members.iter().any(|member| member.name == name) {
            members.push(Self { name, reader });
        }
    }
}

impl VendorReader {
    /// Returns how the header `x-<vendor>-session-id` is read, if the pattern
    /// knows the vendor: `Some(None)` where it is no session.
    pub(super) fn read(&self, vendor: &str) -> Option<Option<Reader>> {
        let field = match self.pattern.verdict(vendor) {
            Verdict::Unknown => return None,
            Verdict::NotASession => return Some(None),
            Verdict::Carries(field) => field,
        };
        Some(Some(Reader {
            field,
            limits: self.pattern.limits,
            is_identity: false,
            // A vendor's value that LiteLLM does not take leaves room for others.
            skips: true,
            rank: self.rank,
            sender: self.sender,
        }))
    }

    /// Returns the rank of a vendor that the `User-Agent` names: that of the
    /// first pattern that reads clients.
    pub(super) fn lifted_rank(&self, patterns: &[Self]) -> Rank {
        let is_lifted = self.pattern.names_client;
        let mut clients = patterns.iter().filter(|other| other.pattern.names_client);
        let first = clients.next().filter(|_| is_lifted);
        first.map_or(self.rank, |first| first.rank)
    }

    /// Returns true if the vendor in a header of this sender is the client's
    /// name.
    pub(super) fn names_client(&self, sender: Sender) -> bool {
        self.pattern.names_client && self.sender == sender
    }
}
