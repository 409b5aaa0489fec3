use std::borrow::Cow;

use super::{
    Client, InvalidConvention, InvalidConventionKind, Precedence, Provenance, Rule, Subject,
    check::{
        check_limits, check_member, check_names, check_user_agents, checked_name, checked_prefix,
        may_share, owned_name, unreserved_name,
    },
};
use crate::{
    FieldKey, Properties, VendorHeaders,
    field::KNOWN,
    header_set::{separators::eq_ignoring_separators, vendors::VendorPattern},
    limits::RequestLimits,
};
#[cfg(feature = "json")]
use crate::{encoding::json, limits::ValueLimits};

/// Definition of a convention: its rules, prefixes, client and limits.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) name: Cow<'static, str>,
    /// In order of precedence.
    pub(crate) rules: Vec<Rule>,
    /// Prefixes of header names that all belong to this convention.
    pub(crate) owned_prefixes: Vec<Cow<'static, str>>,
    /// Header names without a rule that belong to this convention.
    pub(crate) owned_headers: Vec<Cow<'static, str>>,
    /// Headers that are read and written unchanged, as vendor headers.
    pub(crate) passed_on: Vec<Cow<'static, str>>,
    pub(crate) other_fields: Option<Place>,
    /// Place of the properties, one header or member each. If it is `None` and no rule
    /// writes them, they are in the place of the other fields.
    pub(crate) properties: Option<Place>,
    /// The pattern by which `x-<vendor>-session-id` is read.
    pub(crate) vendors: Option<VendorPattern>,
    pub(crate) client: Option<Client>,
    pub(crate) hosts: Vec<Cow<'static, str>>,
    /// Maximum number of members in a JSON object that is written.
    pub(crate) max_members: usize,
    pub(crate) precedence: Option<Precedence>,
    pub(crate) request_limits: RequestLimits,
    pub(crate) provenance: Option<Provenance>,
}

/// Place of fields or properties without a rule of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Headers with this prefix.
    Headers(Cow<'static, str>),
    /// Members of the JSON object in this header.
    #[cfg(feature = "json")]
    Members(Cow<'static, str>, ValueLimits),
}

/// Compares all but the provenance, which changes nothing that a convention does.
impl PartialEq for Definition {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            name,
            rules,
            owned_prefixes,
            owned_headers,
            passed_on,
            other_fields,
            properties,
            vendors,
            client,
            hosts,
            max_members,
            precedence,
            request_limits,
            provenance: _,
        } = self;
        *name == other.name
            && *rules == other.rules
            && *owned_prefixes == other.owned_prefixes
            && *owned_headers == other.owned_headers
            && *passed_on == other.passed_on
            && *other_fields == other.other_fields
            && *properties == other.properties
            && *vendors == other.vendors
            && *client == other.client
            && *hosts == other.hosts
            && *max_members == other.max_members
            && *precedence == other.precedence
            && *request_limits == other.request_limits
    }
}

impl Eq for Definition {}

impl Definition {
    pub(crate) const fn new(name: Cow<'static, str>) -> Self {
        Self {
            name,
            rules: Vec::new(),
            owned_prefixes: Vec::new(),
            owned_headers: Vec::new(),
            passed_on: Vec::new(),
            other_fields: None,
            properties: None,
            vendors: None,
            client: None,
            hosts: Vec::new(),
            max_members: usize::MAX,
            precedence: None,
            request_limits: RequestLimits::new(),
            provenance: None,
        }
    }

    /// Checks the definition. If other fields have a destination, adds a rule for each
    /// well-known field that no rule writes.
    pub(crate) fn checked(mut self) -> Result<Self, InvalidConvention> {
        self.name = checked_name(&self.name)?;
        self.add_rules_for_other_fields()?;
        self.check_properties()?;
        for rule in &mut self.rules {
            check_names(rule)?;
            check_member(rule)?;
            check_limits(&rule.header, rule.limits)?;
            check_user_agents(&rule.agents, 1)?;
        }
        if let Some(client) = &self.client {
            client.check()?;
        }
        if self.max_members == 0 {
            let (name, kind) = (&self.name, InvalidConventionKind::NoMembers);
            return Err(InvalidConvention::new(Subject::Convention, name, kind));
        }
        for prefix in &mut self.owned_prefixes {
            *prefix = checked_prefix(prefix)?;
        }
        for name in &mut self.owned_headers {
            *name = owned_name(std::mem::take(name))?;
        }
        for name in &mut self.passed_on {
            *name = unreserved_name(std::mem::take(name))?;
        }
        if self.passed_on.len() > VendorHeaders::MAX_HEADERS {
            let limit = VendorHeaders::MAX_HEADERS;
            let (name, kind) = (&self.name, InvalidConventionKind::TooLong { limit });
            return Err(InvalidConvention::new(Subject::Convention, name, kind));
        }
        self.check_repeats()?;
        Ok(self)
    }

    fn add_rules_for_other_fields(&mut self) -> Result<(), InvalidConvention> {
        let Some(place) = &mut self.other_fields else {
            return Ok(());
        };
        place.check(&mut self.owned_prefixes)?;
        let rule: &dyn Fn(FieldKey) -> Rule = match place {
            Place::Headers(prefix) => {
                let prefix = prefix.clone();
                &move |key| Rule::new(key, format!("{prefix}{key}").into())
            }
            #[cfg(feature = "json")]
            Place::Members(header, limits) => {
                let (header, limits) = (header.clone(), *limits);
                &move |key| {
                    let member = json::member_name(key.name()).into();
                    Rule::member_of(key, header.clone(), member).limits(limits)
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

    /// Checks the place of the properties, or sets it to that of the other fields.
    fn check_properties(&mut self) -> Result<(), InvalidConvention> {
        match &mut self.properties {
            Some(place) => place.check(&mut self.owned_prefixes),
            None => {
                if !self.writes(FieldKey::of::<Properties>()) {
                    self.properties.clone_from(&self.other_fields);
                }
                Ok(())
            }
        }
    }

    fn check_repeats(&self) -> Result<(), InvalidConvention> {
        for (index, (name, rule)) in self.names().enumerate() {
            for (earlier, other) in self.names().take(index) {
                let kind = if earlier == name {
                    InvalidConventionKind::Repeated
                } else {
                    InvalidConventionKind::LookAlike
                };
                if eq_ignoring_separators(earlier.as_bytes(), name.as_bytes())
                    && !may_share(other, rule, earlier == name)
                {
                    return Err(InvalidConvention::new(Subject::Header, name, kind));
                }
            }
        }
        for owned in &self.owned_headers {
            let mut names = self.names();
            if names.any(|(name, _)| eq_ignoring_separators(name.as_bytes(), owned.as_bytes())) {
                let kind = InvalidConventionKind::Repeated;
                return Err(InvalidConvention::new(Subject::Header, owned, kind));
            }
        }
        for passed in &self.passed_on {
            let mut written = self.written_rules().map(|rule| &rule.header);
            let is_same = |name: &str| eq_ignoring_separators(name.as_bytes(), passed.as_bytes());
            if written.any(|name| is_same(name)) || self.objects().any(|name| is_same(name)) {
                let kind = InvalidConventionKind::Repeated;
                return Err(InvalidConvention::new(Subject::Header, passed, kind));
            }
        }
        Ok(())
    }

    /// Returns true if a rule writes the field.
    pub(crate) fn writes(&self, key: FieldKey) -> bool {
        self.written_rules().any(|rule| rule.field == key)
    }

    /// Returns an iterator over the rules that write.
    pub(crate) fn written_rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| rule.written)
    }

    /// Returns an iterator over the header names of all rules, each with its rule.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&Cow<'static, str>, &Rule)> {
        self.rules
            .iter()
            .flat_map(|rule| rule.names().map(move |name| (name, rule)))
    }

    /// Returns the user's own fields that rules write.
    pub(crate) fn written_own_fields(&self) -> Vec<FieldKey> {
        self.written_rules()
            .map(|rule| rule.field)
            .filter(|key| key.known().is_none())
            .collect()
    }

    /// Returns an iterator over the headers whose JSON object carries fields or properties
    /// without a rule.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &Cow<'static, str>> {
        let places = self.other_fields.iter().chain(&self.properties);
        places.filter_map(Place::object)
    }

    /// Returns an iterator over the headers that are owned or passed on, which need no rule.
    pub(crate) fn owned_or_passed_on(&self) -> impl Iterator<Item = &Cow<'static, str>> {
        self.owned_headers.iter().chain(&self.passed_on)
    }
}

impl Place {
    /// Checks the names of the place. Adds its prefix to the owned ones.
    fn check(
        &mut self,
        owned_prefixes: &mut Vec<Cow<'static, str>>,
    ) -> Result<(), InvalidConvention> {
        match self {
            Self::Headers(prefix) => {
                *prefix = checked_prefix(prefix)?;
                if !owned_prefixes.contains(prefix) {
                    owned_prefixes.push(prefix.clone());
                }
            }
            #[cfg(feature = "json")]
            Self::Members(header, limits) => {
                *header = unreserved_name(std::mem::take(header))?;
                check_limits(header, *limits)?;
            }
        }
        Ok(())
    }

    /// Returns the header of the JSON object.
    const fn object(&self) -> Option<&Cow<'static, str>> {
        match self {
            Self::Headers(_) => None,
            #[cfg(feature = "json")]
            Self::Members(header, _) => Some(header),
        }
    }
}
