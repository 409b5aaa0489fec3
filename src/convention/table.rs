//! What each header carries, for reading several conventions at once.

use std::borrow::Cow;

use http::HeaderValue;

use super::{Builder, Limits, Rule, Vendors, clients::Clients, rule::Place};
use crate::{FieldKey, field::trimmed};

/// All headers of several conventions.
#[derive(Default)]
pub(super) struct Table {
    pub(super) names: Vec<(Cow<'static, str>, usize)>,
    pub(super) targets: Vec<Target>,
    pub(super) families: Vec<(Cow<'static, str>, usize)>,
    pub(super) vendors: Option<(Vendors, Rank)>,
    pub(super) clients: Clients,
    rank: Rank,
}

/// What a header carries, in one convention.
pub(super) struct Target {
    pub(super) rank: Rank,
    pub(super) content: Content,
    /// The client that the name is only sent by, among the extractor's.
    pub(super) client: Option<usize>,
    /// Whether the header is others' too; then so are its look-alikes.
    pub(super) is_shared: bool,
    /// The beginnings of `User-Agent` without which this does not hold.
    pub(super) agents: &'static [&'static str],
    /// What the same name carries where this does not hold.
    pub(super) next: Option<usize>,
    /// Whether it holds whoever sends it and whatever the value.
    pub(super) is_always: bool,
    /// Whether the header's value must be hidden, whatever of a chain it carries.
    pub(super) is_sensitive: bool,
}

pub(super) enum Content {
    Value(FieldKey, Limits),
    Traceparent(FieldKey),
    Baggage(Vec<Wanted>),
    #[cfg(feature = "json")]
    JsonString(FieldKey, Limits),
    #[cfg(feature = "json")]
    Object(Vec<Wanted>),
    /// It is written only, or others' words; nothing is read.
    Nothing,
}

/// A part of a header's value that carries a field.
pub(super) struct Wanted {
    pub(super) member: Cow<'static, str>,
    pub(super) field: FieldKey,
    pub(super) limits: Limits,
    pub(super) rank: Rank,
}

/// Which header of several counts: the one with the lowest.
pub(super) type Rank = usize;

/// The family of a convention that tells of no client.
const NO_CLIENT: usize = usize::MAX;

/// Behind the ranks of all that is said for this crate's purposes: what others
/// may have added for theirs, and titles for people.
pub(super) const WEAK: Rank = Rank::MAX / 2;

impl Table {
    /// Adds a convention, which counts after those that are there.
    pub(super) fn add(&mut self, builder: &Builder) {
        let client = builder.client.map(|client| self.clients.add(client));
        // A provider's header is sent by whoever calls it.
        let client = client.filter(|_| builder.hosts.is_empty());
        self.add_rules(builder, false, client);
        self.rank += 1;
        let vendors = builder.vendors.map(|vendors| (vendors, self.rank));
        self.vendors = self.vendors.or(vendors);
        self.add_rules(builder, true, client);
        let families = builder.families.iter();
        self.families
            .extend(families.map(|family| (family.clone(), client.unwrap_or(NO_CLIENT))));
    }

    fn add_rules(&mut self, builder: &Builder, after_vendors: bool, client: Option<usize>) {
        let names = builder.names();
        for (name, rule) in names.filter(|(_, rule)| rule.after_vendors == after_vendors) {
            self.rank += 1;
            let mut families = builder.families.iter();
            let own = families.any(|family| name.starts_with(family.as_ref()));
            self.add_name(name.clone(), rule, client.filter(|_| own));
        }
    }

    /// Adds what a name carries. Members of one header go together, whichever
    /// conventions name them.
    fn add_name(&mut self, name: Cow<'static, str>, rule: &Rule, client: Option<usize>) {
        let rank = self.rank + if rule.weak { WEAK } else { 0 };
        let new = Target::new(rule, rank, client);
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
            if target.content.add(rule, rank) {
                self.mark(head, new.is_sensitive);
                return;
            }
            if target.is_always {
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
    fn new(rule: &Rule, rank: Rank, client: Option<usize>) -> Self {
        let wanted = |member: &Cow<'static, str>| Wanted::new(member.clone(), rule, rank);
        let content = match &rule.place {
            _ if !rule.read => Content::Nothing,
            Place::Value => Content::Value(rule.field, rule.limits),
            Place::Traceparent => Content::Traceparent(rule.field),
            Place::Baggage(member) => Content::Baggage(vec![wanted(member)]),
            #[cfg(feature = "json")]
            Place::JsonString => Content::JsonString(rule.field, rule.limits),
            #[cfg(feature = "json")]
            Place::Member(member) => Content::Object(vec![wanted(member)]),
        };
        Self {
            rank,
            client,
            is_shared: rule.is_shared(),
            agents: rule.agents,
            next: None,
            is_always: rule.agents.is_empty() && content.is_always(),
            is_sensitive: content.is_sensitive(),
            content,
        }
    }

    /// Whether the value is one that its reader accepts.
    pub(super) fn fits(&self, value: &HeaderValue) -> bool {
        match &self.content {
            Content::Value(_, limits) => limits.check(trimmed(value)).is_ok(),
            _ => true,
        }
    }

    /// The field that the whole header is about.
    pub(super) const fn field(&self) -> Option<FieldKey> {
        match &self.content {
            Content::Value(field, _) | Content::Traceparent(field) => Some(*field),
            #[cfg(feature = "json")]
            Content::JsonString(field, _) => Some(*field),
            #[cfg(feature = "json")]
            Content::Object(_) => None,
            Content::Baggage(_) | Content::Nothing => None,
        }
    }
}

impl Content {
    const fn is_always(&self) -> bool {
        match self {
            Self::Value(_, limits) => limits.is_none(),
            _ => true,
        }
    }

    fn is_sensitive(&self) -> bool {
        match self {
            // Everybody's, and no secret of ours.
            Self::Traceparent(_) | Self::Nothing => false,
            Self::Value(field, _) => field.sensitive(),
            #[cfg(feature = "json")]
            Self::JsonString(field, _) => field.sensitive(),
            #[cfg(feature = "json")]
            Self::Object(members) => members.iter().any(|wanted| wanted.field.sensitive()),
            Self::Baggage(members) => members.iter().any(|wanted| wanted.field.sensitive()),
        }
    }

    /// Adds a rule about another part of the same value, if it is one.
    fn add(&mut self, rule: &Rule, rank: Rank) -> bool {
        match (self, &rule.place) {
            (Self::Baggage(members), Place::Baggage(member)) => {
                Wanted::add(members, member.clone(), rule, rank);
                true
            }
            #[cfg(feature = "json")]
            (Self::Object(members), Place::Member(member)) => {
                Wanted::add(members, member.clone(), rule, rank);
                true
            }
            _ => false,
        }
    }
}

impl Wanted {
    /// Adds a member, unless an earlier rule has it.
    fn add(members: &mut Vec<Self>, member: Cow<'static, str>, rule: &Rule, rank: Rank) {
        if !members.iter().any(|wanted| wanted.member == member) {
            members.push(Self::new(member, rule, rank));
        }
    }

    fn new(member: Cow<'static, str>, rule: &Rule, rank: Rank) -> Self {
        Self {
            member,
            field: rule.field,
            limits: rule.limits,
            rank,
        }
    }
}
