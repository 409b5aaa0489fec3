use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use super::{
    Client, Content, Convention, Inner, InvalidConvention, Owned, Provenance, RequestLimits, Rule,
    Sources, VendorPattern, Write,
    check::{
        check_limits, check_member, check_names, checked_family, checked_name, header_name,
        may_share,
    },
    error::{Problem, Subject},
    names::eq_ignoring_separators,
    own_fields::OwnFields,
    plan::Plans,
};
#[cfg(feature = "json")]
use super::{ValueLimits, check::object_name, json::Object};
use crate::{FieldKey, encoding::Encoding, field::KNOWN, metadata::bit};

/// A convention in the making. [`build`](Self::build) checks all of it.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct ConventionBuilder {
    pub(super) name: Cow<'static, str>,
    pub(super) rules: Vec<Rule>,
    pub(super) families: Vec<Cow<'static, str>>,
    rest: Option<Rest>,
    pub(super) vendors: Option<VendorPattern>,
    pub(super) client: Option<Client>,
    pub(super) hosts: &'static [&'static str],
    #[cfg(feature = "json")]
    pub(super) max_members: usize,
    pub(super) request_limits: RequestLimits,
    pub(super) source: Option<Provenance>,
}

/// Destination of the fields that no rule writes.
#[derive(Clone, Debug)]
enum Rest {
    /// To headers that begin so.
    Headers(Cow<'static, str>),
    /// To the JSON object in this header.
    #[cfg(feature = "json")]
    Members(Cow<'static, str>, ValueLimits),
}

impl ConventionBuilder {
    /// The longest name of a header that a convention has, in bytes.
    pub const MAX_HEADER_LEN: usize = 160;

    pub(super) const fn new(name: Cow<'static, str>) -> Self {
        Self {
            name,
            rules: Vec::new(),
            families: Vec::new(),
            rest: None,
            vendors: None,
            client: None,
            hosts: &[],
            #[cfg(feature = "json")]
            max_members: usize::MAX,
            request_limits: RequestLimits::new(),
            source: None,
        }
    }

    /// Adds a rule. Headers are written in the order of their rules; where
    /// several headers carry a field, the earlier rule's counts.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Adds a prefix of header names that all belong to this convention, for
    /// example `x-acme-`. Headers that no rule names are not read, and are removed
    /// with the others.
    pub fn owned_prefix(mut self, prefix: impl Into<Cow<'static, str>>) -> Self {
        self.families.push(prefix.into());
        self
    }

    /// Writes every field that no rule writes to a header with this prefix, named
    /// after the field: with `x-acme-` the project's is `x-acme-project-id`.
    ///
    /// Fields of your own are written so too. To read one, name it in a rule.
    ///
    /// It counts once all rules are known, wherever it stands among the calls.
    /// Replaces an earlier call of this or of `other_fields_in_object`.
    pub fn other_fields_prefix(mut self, prefix: impl Into<Cow<'static, str>>) -> Self {
        self.rest = Some(Rest::Headers(prefix.into()));
        self
    }

    /// Writes every field that no rule writes as a member of the JSON object in
    /// this header, named after the field with underscores: `project_id`.
    ///
    /// Fields of your own are written so too. To read one, name it in a rule.
    ///
    /// It counts once all rules are known, wherever it stands among the calls.
    /// Replaces an earlier call of this or of
    /// [`other_fields_prefix`](Self::other_fields_prefix).
    #[cfg(feature = "json")]
    pub fn other_fields_in_object(
        mut self,
        header: impl Into<Cow<'static, str>>,
        limits: ValueLimits,
    ) -> Self {
        self.rest = Some(Rest::Members(header.into(), limits));
        self
    }

    fn writes(&self, key: FieldKey) -> bool {
        let mut rules = self.rules.iter();
        rules.any(|rule| rule.written && rule.field == key)
    }

    /// Sets the maximum number of members of a JSON object. Those of the earlier
    /// rules are written, the others are reported.
    #[cfg(feature = "json")]
    pub const fn max_members(mut self, most: usize) -> Self {
        self.max_members = most;
        self
    }

    /// Sets the limits on what this convention reads from one request and writes to
    /// it. A [`ConventionSet`](crate::ConventionSet) has limits of its own.
    pub const fn request_limits(mut self, request_limits: RequestLimits) -> Self {
        self.request_limits = request_limits;
        self
    }

    /// Gives the convention another name.
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = name.into();
        self
    }

    /// Says where the spelling is from, when that was checked, and what kind
    /// of place it is.
    pub(crate) const fn source(mut self, source: Provenance) -> Self {
        self.source = Some(source);
        self
    }

    pub(crate) const fn vendors(mut self, vendors: VendorPattern) -> Self {
        self.vendors = Some(vendors);
        self
    }

    pub(crate) const fn client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    pub(crate) const fn hosts(mut self, hosts: &'static [&'static str]) -> Self {
        self.hosts = hosts;
        self
    }

    /// Builds the convention.
    ///
    /// # Errors
    ///
    /// Returns an error if
    ///
    /// - the convention's name, or the name of a header that is written, is not
    ///   words joined by hyphens; headers that are only read may have any name;
    /// - a header is reserved: by HTTP, for credentials, or by another standard.
    ///   A rule that never writes may read reserved headers, except those that
    ///   frame messages or carry credentials;
    /// - a header asserts identity to a server, and its rule writes it without
    ///   [`Rule::asserts_identity`];
    /// - a rule for baggage or `traceparent` has another header;
    /// - two rules write one header, or the headers of two fields are equal or
    ///   differ in separators only, unless one rule only reads what the other only
    ///   writes;
    /// - limits accept no value.
    pub fn build(mut self) -> Result<Convention, InvalidConvention> {
        self.name = checked_name(&self.name)?;
        let unexpanded = self.rest.is_some().then(|| self.clone());
        self.add_rest()?;
        for rule in &mut self.rules {
            check_names(rule)?;
            check_member(rule)?;
            check_limits(rule)?;
        }
        #[cfg(feature = "json")]
        if self.max_members == 0 {
            let problem = Problem::NoMembers;
            return Err(InvalidConvention::new(
                Subject::Convention,
                &self.name,
                problem,
            ));
        }
        for family in &mut self.families {
            *family = checked_family(family)?;
        }
        self.check_repeats()?;
        let writes = self.compiled_writes()?;
        Ok(Convention(Arc::new(Inner {
            writes,
            plans: Plans::new(),
            owned: Owned::new([&self]),
            own_fields: self.own_fields(),
            unexpanded,
            read_plan: OnceLock::new(),
            builder: self,
        })))
    }

    /// Adds a rule for every well-known field that none writes.
    fn add_rest(&mut self) -> Result<(), InvalidConvention> {
        let rule: &dyn Fn(FieldKey) -> Rule = match &mut self.rest {
            None => return Ok(()),
            Some(Rest::Headers(prefix)) => {
                *prefix = checked_family(prefix)?;
                if !self.families.contains(prefix) {
                    self.families.push(prefix.clone());
                }
                let prefix = prefix.clone();
                &move |key| Rule::new(key, format!("{prefix}{key}").into())
            }
            #[cfg(feature = "json")]
            Some(Rest::Members(header, limits)) => {
                *header = object_name(std::mem::take(header))?;
                let (header, limits) = (header.clone(), *limits);
                &move |key| {
                    let member = super::json::member_name(key);
                    Rule::member_of(key, header.clone(), member.into()).limits(limits)
                }
            }
        };
        for &key in KNOWN {
            if !self.writes(key) {
                self.rules.push(rule(key));
            }
        }
        Ok(())
    }

    /// The names of the headers for fields of the user's own.
    fn own_fields(&self) -> Option<OwnFields> {
        let Some(Rest::Headers(prefix)) = &self.rest else {
            return None;
        };
        let taken = self.names().map(|(name, _)| name.clone());
        Some(OwnFields::new(prefix.clone(), taken.collect()))
    }

    /// Each header that is this convention's or that it reads, with its rule.
    pub(super) fn names(&self) -> impl Iterator<Item = (&Cow<'static, str>, &Rule)> {
        self.rules
            .iter()
            .flat_map(|rule| rule.names().map(move |name| (name, rule)))
    }

    fn check_repeats(&self) -> Result<(), InvalidConvention> {
        for (index, (name, rule)) in self.names().enumerate() {
            for (earlier, other) in self.names().take(index) {
                let problem = if earlier == name {
                    Problem::Repeated
                } else {
                    Problem::LookAlike
                };
                if eq_ignoring_separators(earlier.as_bytes(), name.as_bytes())
                    && !may_share(other, rule, earlier == name)
                {
                    return Err(InvalidConvention::new(Subject::Header, name, problem));
                }
            }
        }
        Ok(())
    }

    fn compiled_writes(&self) -> Result<Vec<Write>, InvalidConvention> {
        let mut writes: Vec<Write> = Vec::new();
        for rule in self.rules.iter().filter(|rule| rule.written) {
            let source = Sources {
                keys: rule.sources().collect(),
                limits: rule.limits,
                is_plain: rule.encoding != Encoding::Plain,
                identity: rule.is_identity(),
            };
            let content = match rule.encoding {
                Encoding::Plain => Content::Value(source),
                Encoding::Traceparent => continue,
                Encoding::Baggage => {
                    Content::Baggage(rule.member.clone().unwrap_or_default(), source)
                }
                #[cfg(feature = "json")]
                Encoding::JsonString => Content::JsonString(source),
                #[cfg(feature = "json")]
                Encoding::JsonObject => {
                    let member = super::json::Member {
                        name: rule.member.clone().unwrap_or_default(),
                        source,
                    };
                    let object = writes
                        .iter_mut()
                        .find(|write| write.header.as_str() == rule.header);
                    match object.map(|write| &mut write.content) {
                        Some(Content::Object(object)) => {
                            object.members.push(member);
                            continue;
                        }
                        _ => Content::Object(Object::new(vec![member], self.max_members)),
                    }
                }
            };
            writes.push(Write {
                header: header_name(&rule.header)?,
                content,
                spellings: rule.aliases.clone(),
                known: 0,
                takes_others: false,
            });
        }
        #[cfg(feature = "json")]
        self.add_rest_members(&mut writes)?;
        for write in &mut writes {
            let keys = write.content.keys();
            let known = keys.iter().fold(0, |known, &key| known | bit(key));
            write.takes_others =
                write.content.takes_rest() || keys.iter().any(|key| key.known().is_none());
            write.known = known;
        }
        Ok(writes)
    }

    /// Lets an object take the fields of the user's own that no rule writes.
    #[cfg(feature = "json")]
    fn add_rest_members(&self, writes: &mut Vec<Write>) -> Result<(), InvalidConvention> {
        let Some(Rest::Members(header, limits)) = &self.rest else {
            return Ok(());
        };
        let written = self.rules.iter().filter(|rule| rule.written);
        let own = written.map(|rule| rule.field);
        let own = own.filter(|key| key.known().is_none()).collect();
        let its = writes
            .iter_mut()
            .find(|write| write.header.as_str() == header);
        match its.map(|write| &mut write.content) {
            Some(Content::Object(object)) => object.take_rest(*limits, own),
            Some(_) => {
                let problem = Problem::Repeated;
                return Err(InvalidConvention::new(Subject::Header, header, problem));
            }
            None => {
                let mut object = Object::new(Vec::new(), self.max_members);
                object.take_rest(*limits, own);
                writes.push(Write {
                    header: header_name(header)?,
                    content: Content::Object(object),
                    spellings: Vec::new(),
                    known: 0,
                    takes_others: false,
                });
            }
        }
        Ok(())
    }

    /// The header with the JSON object of the rest.
    pub(super) fn rest_header(&self) -> Option<&Cow<'static, str>> {
        match self.rest.as_ref()? {
            Rest::Headers(_) => None,
            #[cfg(feature = "json")]
            Rest::Members(header, _) => Some(header),
        }
    }
}
