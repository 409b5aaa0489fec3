use std::borrow::Cow;

use http::{HeaderName, HeaderValue};

use crate::{
    FieldKey, Reason, Rule,
    encoding::{Encoding, Fields, Part, Parts},
    header_set::separators::eq_ignoring_separators,
    limits::ValueLimits,
    metadata::bit,
    rule::{Definition, InvalidConvention, check::header_name},
};
#[cfg(feature = "json")]
use crate::{
    Properties,
    rule::{InvalidConventionKind, Place, Subject},
};

/// Header to write, compiled from the rules that write it.
pub(super) struct WriteHeader {
    pub(super) name: HeaderName,
    pub(super) encoding: Encoding<Sources, Parts<Sources>>,
    /// Other names under which the header is read.
    aliases: Vec<Cow<'static, str>>,
    /// Fields that the header may carry: a bit for each well-known field.
    pub(super) known: u32,
    /// True if the header may carry one of the user's own fields.
    pub(super) takes_own_fields: bool,
    /// Members for the user's own fields, if the header is an object for other fields.
    #[cfg(feature = "json")]
    pub(super) own_members: Option<OwnMembers>,
    /// Maximum number of members in an object that its reader accepts.
    #[cfg(feature = "json")]
    pub(super) max_members: usize,
}

/// Members of an object for the user's own fields that no rule writes.
#[cfg(feature = "json")]
pub(super) struct OwnMembers {
    pub(super) limits: ValueLimits,
    /// The user's own fields that rules write.
    pub(super) named: Vec<FieldKey>,
}

/// Fields that one header or part may carry, with the limits of its reader.
pub(super) struct Sources {
    /// The fields in order of precedence.
    pub(super) keys: Vec<FieldKey>,
    pub(super) limits: ValueLimits,
    /// True if the value is written as text, without header escapes.
    pub(super) is_plain_text: bool,
    /// True if every field is identity here.
    pub(super) is_identity: bool,
}

/// Returns the headers that a definition writes, in the order of its rules. Parts of one
/// header are written together.
pub(super) fn write_headers(
    definition: &Definition,
) -> Result<Vec<WriteHeader>, InvalidConvention> {
    let mut headers: Vec<WriteHeader> = Vec::new();
    for rule in definition.written_rules() {
        let is_part_added = headers
            .iter_mut()
            .filter(|header| header.name.as_str() == rule.header)
            .any(|header| header.add_part(rule));
        if !is_part_added {
            let encoding = rule.encoding.map(
                |()| Sources::new(rule),
                |name| Parts::first(name.clone(), Sources::new(rule)),
            );
            let name = header_name(&rule.header)?;
            headers.push(WriteHeader::new(definition, name, encoding).aliases(rule));
        }
    }
    #[cfg(feature = "json")]
    add_members_without_rule(definition, &mut headers)?;
    for header in &mut headers {
        header.set_fields();
    }
    headers.shrink_to_fit();
    Ok(headers)
}

/// Adds the user's own fields and the properties that no rule writes to their objects.
#[cfg(feature = "json")]
fn add_members_without_rule(
    definition: &Definition,
    headers: &mut Vec<WriteHeader>,
) -> Result<(), InvalidConvention> {
    if let Some(Place::Members(name, limits)) = &definition.other_fields {
        let header = object(name, definition, headers)?;
        header.own_members = Some(OwnMembers {
            limits: *limits,
            named: definition.written_own_fields(),
        });
    }
    if let Some(Place::Members(name, limits)) = &definition.properties {
        let header = object(name, definition, headers)?;
        if let Encoding::JsonObject(parts) = &mut header.encoding {
            parts.others = Some(Sources {
                keys: vec![FieldKey::of::<Properties>()],
                limits: *limits,
                is_plain_text: true,
                is_identity: true,
            });
        }
    }
    Ok(())
}

/// Returns the header with this name and the parts of its object. Adds the header if no rule
/// writes it.
///
/// # Errors
///
/// Returns an error if the header's value is not an object.
#[cfg(feature = "json")]
#[expect(clippy::ptr_arg, reason = "only a `Cow` shows if the name is static")]
fn object<'h>(
    name: &Cow<'static, str>,
    definition: &Definition,
    headers: &'h mut Vec<WriteHeader>,
) -> Result<&'h mut WriteHeader, InvalidConvention> {
    let same = |header: &WriteHeader| header.name.as_str() == name;
    if !headers.iter().any(same) {
        let object = Encoding::JsonObject(Parts {
            named: Vec::new(),
            others: None,
        });
        headers.push(WriteHeader::new(definition, header_name(name)?, object));
    }
    headers
        .iter_mut()
        .find(|header| same(header) && matches!(header.encoding, Encoding::JsonObject(_)))
        .ok_or_else(|| {
            InvalidConvention::new(Subject::Header, name, InvalidConventionKind::Repeated)
        })
}

impl WriteHeader {
    #[cfg_attr(
        not(feature = "json"),
        expect(unused_variables, reason = "only objects use the definition")
    )]
    fn new(
        definition: &Definition,
        name: HeaderName,
        encoding: Encoding<Sources, Parts<Sources>>,
    ) -> Self {
        Self {
            name,
            encoding,
            aliases: Vec::new(),
            known: 0,
            takes_own_fields: false,
            #[cfg(feature = "json")]
            own_members: None,
            #[cfg(feature = "json")]
            max_members: definition.max_members,
        }
    }

    /// Sets the other names under which the header is read.
    fn aliases(self, rule: &Rule) -> Self {
        Self {
            aliases: rule.aliases.clone(),
            ..self
        }
    }

    /// Adds the part that a rule writes if both encodings have parts, and returns true if
    /// they do.
    fn add_part(&mut self, rule: &Rule) -> bool {
        let Some((parts, name)) = self.encoding.parts_with(&rule.encoding) else {
            return false;
        };
        parts.named.push(Part {
            name: name.clone(),
            field: Sources::new(rule),
        });
        true
    }

    /// Sets the fields that the header may carry, from its encoding.
    fn set_fields(&mut self) {
        let keys: Vec<FieldKey> = match self.encoding.fields() {
            Fields::One(sources) => sources.keys.clone(),
            Fields::Parts(parts) => parts
                .fields()
                .chain(&parts.others)
                .flat_map(|sources| &sources.keys)
                .copied()
                .collect(),
        };
        self.known = keys.iter().fold(0, |known, &key| known | bit(key));
        self.takes_own_fields = keys.iter().any(|key| key.known().is_none());
        #[cfg(feature = "json")]
        {
            self.takes_own_fields |= self.own_members.is_some();
        }
    }

    /// Returns true if a name is the header's name, an alias, or a look-alike of either.
    pub(super) fn is_known_by(&self, name: &HeaderName) -> bool {
        let name = name.as_str().as_bytes();
        eq_ignoring_separators(self.name.as_str().as_bytes(), name)
            || self
                .aliases
                .iter()
                .any(|alias| eq_ignoring_separators(alias.as_bytes(), name))
    }
}

impl Sources {
    fn new(rule: &Rule) -> Self {
        Self {
            keys: rule.sources().collect(),
            limits: rule.limits,
            is_plain_text: !matches!(rule.encoding, Encoding::Plain(())),
            is_identity: rule.is_identity(),
        }
    }

    /// Checks that a field's value is within the limits.
    pub(super) fn check(&self, key: FieldKey, value: &HeaderValue) -> Result<(), Reason> {
        if self.is_plain_text {
            self.limits.check(key.plain(value).as_bytes())
        } else {
            self.limits.check(value.as_bytes())
        }
    }
}
