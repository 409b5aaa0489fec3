//! Rules of a convention.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{
    checks::is_default,
    list::List,
    located::{Located, build_all},
    names::Names,
};
use crate::{Field, FieldKey, Properties, Rule, TraceId, ValueLimits, encoding::Encoding};

/// Maximum number of fields, names and prefixes in one list of a rule.
const MAX_NAMES: usize = 32;

type Texts = List<String, MAX_NAMES>;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    property: Option<String>,
    header: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    encoding: EncodingDocument,
    #[serde(default, skip_serializing_if = "is_default")]
    direction: Direction,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    aliases: Texts,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    prefer_writing: Texts,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    or_else: Texts,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    for_user_agents: Texts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    only_with: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    limits: ValueLimits,
    #[serde(default, skip_serializing_if = "is_default")]
    skip_outside_limits: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    identity: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    asserts_identity: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    low_precedence: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    after_vendors: bool,
}

/// Encoding of a header that is one field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EncodingDocument {
    #[default]
    Plain,
    Literal,
    JsonString,
}

/// Use of a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Direction {
    #[default]
    Both,
    ReadOnly,
    WriteOnly,
    /// Read only, and not removed.
    Shared,
}

impl RuleDocument {
    /// Returns the number of header names.
    pub(super) fn names(&self) -> usize {
        1 + self.aliases.0.len()
    }

    pub(super) fn build(self, names: &Names) -> Result<Rule, Located> {
        let field = |name: String| names.field(&name);
        let keys = |list: Texts, member: &str| -> Result<Vec<FieldKey>, Located> {
            build_all(list, field).map_err(|error| error.within(member))
        };
        let encoding = self.encoding()?;
        let key = match self.field {
            Some(name) => field(name).map_err(|error| error.within("field"))?,
            // `encoding` has checked that there is a property instead.
            None => FieldKey::of::<Properties>(),
        };
        let rule = Rule::of(key, self.header);
        let direction = match encoding {
            // Tracing libraries write the header, and properties are written together.
            Encoding::Traceparent(()) | Encoding::Property(_) => Direction::ReadOnly,
            _ => self.direction,
        };
        Ok(Rule {
            preferred: keys(self.prefer_writing, "prefer_writing")?,
            or_else: keys(self.or_else, "or_else")?,
            encoding,
            written: matches!(direction, Direction::Both | Direction::WriteOnly),
            read: direction != Direction::WriteOnly,
            aliases: self.aliases.into_iter().map(Cow::Owned).collect(),
            limits: self.limits,
            agents: self.for_user_agents.into_iter().map(Cow::Owned).collect(),
            only_with: self.only_with.map(Cow::Owned),
            shared: direction == Direction::Shared,
            low_precedence: self.low_precedence || direction == Direction::Shared,
            after_vendors: self.after_vendors,
            identity: self.identity || self.asserts_identity,
            asserts_identity: self.asserts_identity,
            skip_outside_limits: self.skip_outside_limits,
            ..rule
        })
    }

    /// Returns the encoding. The header implies it, if a standard defines its value.
    fn encoding(&self) -> Result<Encoding<(), Cow<'static, str>>, Located> {
        let is_header = |name| self.header.eq_ignore_ascii_case(name);
        let is_trace = self.field.as_deref() == Some(TraceId::NAME);
        let invalid = |problem: &str| Err(Located::new(problem).within("encoding"));
        match (&self.field, &self.property) {
            (Some(_), None) => {}
            (None, Some(_)) if self.member.is_some() || !is_default(&self.encoding) => {
                return invalid("a rule with a `property` has no other encoding");
            }
            (None, Some(property)) => return Ok(Encoding::Property(property.clone().into())),
            _ => return Err(Located::new("must have either `field` or `property`")),
        }
        if let Some(member) = self.member.clone() {
            if self.encoding != EncodingDocument::Plain {
                return invalid("a rule with a `member` has no other encoding");
            }
            if is_header("baggage") {
                return Ok(Encoding::Baggage(member.into()));
            }
            #[cfg(feature = "json")]
            return Ok(Encoding::JsonObject(member.into()));
            #[cfg(not(feature = "json"))]
            return Err(super::features::needs_json().within("member"));
        }
        match self.encoding {
            EncodingDocument::Plain if is_header("traceparent") && is_trace => {
                Ok(Encoding::Traceparent(()))
            }
            EncodingDocument::Plain => Ok(Encoding::Plain(())),
            EncodingDocument::Literal => Ok(Encoding::Literal(())),
            #[cfg(feature = "json")]
            EncodingDocument::JsonString => Ok(Encoding::JsonString(())),
            #[cfg(not(feature = "json"))]
            EncodingDocument::JsonString => Err(super::features::needs_json().within("encoding")),
        }
    }
}

impl From<&Rule> for RuleDocument {
    fn from(rule: &Rule) -> Self {
        let names =
            |fields: &[FieldKey]| fields.iter().map(|field| field.name().to_owned()).collect();
        let texts = |texts: &[Cow<'static, str>]| texts.iter().map(ToString::to_string).collect();
        let encoding = match rule.encoding {
            Encoding::Literal(()) => EncodingDocument::Literal,
            #[cfg(feature = "json")]
            Encoding::JsonString(()) => EncodingDocument::JsonString,
            _ => EncodingDocument::Plain,
        };
        let direction = match (rule.written, rule.read) {
            // The header implies the direction.
            _ if matches!(
                rule.encoding,
                Encoding::Traceparent(()) | Encoding::Property(_)
            ) =>
            {
                Direction::Both
            }
            (true, true) => Direction::Both,
            (true, false) => Direction::WriteOnly,
            (false, _) if rule.shared => Direction::Shared,
            (false, _) => Direction::ReadOnly,
        };
        let name = rule.member_name().map(str::to_owned);
        let (property, member) = match rule.encoding {
            Encoding::Property(_) => (name, None),
            _ => (None, name),
        };
        Self {
            field: property.is_none().then(|| rule.field.name().to_owned()),
            property,
            header: rule.header.to_string(),
            member,
            encoding,
            direction,
            aliases: texts(&rule.aliases),
            prefer_writing: names(&rule.preferred),
            or_else: names(&rule.or_else),
            for_user_agents: texts(&rule.agents),
            only_with: rule.only_with.as_ref().map(ToString::to_string),
            limits: rule.limits,
            skip_outside_limits: rule.skip_outside_limits,
            identity: rule.identity && !rule.asserts_identity,
            asserts_identity: rule.asserts_identity,
            low_precedence: rule.low_precedence && direction != Direction::Shared,
            after_vendors: rule.after_vendors,
        }
    }
}
