//! Conventions.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{
    list::List,
    located::{Located, build_all, quoted},
    names::Names,
    parts::{ClientDocument, PlaceDocument, PrecedenceDocument, Texts, VendorSessionIds},
    rule::RuleDocument,
};
use crate::{
    Convention, ConventionBuilder, Destinations, RequestLimits, Rule,
    rule::{Client, Definition},
};

/// Maximum number of rules of a convention, and of the names of their headers.
const MAX_RULES: usize = 256;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConventionDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    extends: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vendor: Option<String>,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    without: Texts,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    owned_prefixes: Texts,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    owned_headers: Texts,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pass_on: Texts,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    hosts: Texts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    precedence: Option<PrecedenceDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vendor_session_ids: Option<VendorSessionIds>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_members: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<ClientDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    other_fields: Option<PlaceDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    properties: Option<PlaceDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limits: Option<RequestLimits>,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    rules: List<RuleDocument, MAX_RULES>,
}

impl ConventionDocument {
    pub(super) fn build(self, names: &Names) -> Result<Convention, Located> {
        let headers: usize = self.rules.0.iter().map(RuleDocument::names).sum();
        if headers > MAX_RULES {
            let problem = format!("must not have more than {MAX_RULES} headers");
            return Err(Located::new(problem).within("rules"));
        }
        let mut builder = base(self.name, self.extends, self.vendor, names)?;
        for header in self.without {
            builder = without(builder, &header)?;
        }
        let rules: Vec<Rule> = build_all(self.rules, |rule| rule.build(names))
            .map_err(|error| error.within("rules"))?;
        builder = with_rules(builder, rules);
        for prefix in self.owned_prefixes {
            builder = builder.owned_prefix(prefix);
        }
        for name in self.owned_headers {
            builder = builder.owned_header(name);
        }
        for name in self.pass_on {
            builder = builder.pass_on(name);
        }
        if !self.hosts.is_empty() {
            builder = builder.hosts(self.hosts);
        }
        if let Some(PrecedenceDocument(precedence)) = self.precedence {
            builder = builder.precedence(precedence);
        }
        if let Some(pattern) = self.vendor_session_ids.and_then(VendorSessionIds::pattern) {
            builder = builder.vendors(pattern);
        }
        if let Some(ClientDocument { name, user_agents }) = self.client {
            builder = builder.client(name, user_agents);
        }
        let place = |place: Option<PlaceDocument>, member: &str| {
            let place = place.map(PlaceDocument::build).transpose();
            place.map_err(|error| error.within(member))
        };
        builder = builder.places(
            place(self.other_fields, "other_fields")?,
            place(self.properties, "properties")?,
        );
        if let Some(limits) = self.limits {
            builder = builder.request_limits(limits);
        }
        builder = max_members(builder, self.max_members)?;
        let convention = builder.build().map_err(Located::new)?;
        // The builder leaves the hosts to `Destinations`, which a document may not use.
        let added = Destinations::new().hosts_of(convention.clone());
        match added {
            Ok(_) => Ok(convention),
            Err(error) => Err(Located::new(error).within("hosts")),
        }
    }
}

/// Returns the builder of the convention from which a document starts.
fn base(
    name: Option<String>,
    extends: Option<String>,
    vendor: Option<String>,
    names: &Names,
) -> Result<ConventionBuilder, Located> {
    match (name, extends, vendor) {
        (_, Some(_), Some(_)) => Err(Located::new("has both `extends` and `vendor`")),
        (name, None, Some(vendor)) => {
            let base = Convention::vendor(&vendor);
            let base = base.map_err(|error| Located::new(error).within("vendor"))?;
            let builder = base.to_builder();
            Ok(match name {
                Some(name) => builder.name(name),
                None => builder,
            })
        }
        (Some(name), Some(extends), None) => {
            let base = names.convention(&extends);
            let base = base.map_err(|error| error.within("extends"))?;
            Ok(base.to_builder().name(name))
        }
        (Some(name), None, None) => Ok(Convention::builder(name)),
        (None, _, None) => Err(Located::new("has no `name`")),
    }
}

/// Removes the rules of the extended convention that have this header.
fn without(builder: ConventionBuilder, header: &str) -> Result<ConventionBuilder, Located> {
    let mut is_found = false;
    let builder = builder.retain_rules(|rule| {
        let has = rule.headers().any(|name| name.eq_ignore_ascii_case(header));
        is_found |= has;
        !has
    });
    if is_found {
        Ok(builder)
    } else {
        let header = quoted(header);
        let problem = format!("the extended convention has no rule for {header}");
        Err(Located::new(problem).within("without"))
    }
}

/// Adds the rules of a document. A rule replaces that of the extended convention for the
/// same header. Two rules of the document for one header are an error of `build`.
fn with_rules(mut builder: ConventionBuilder, rules: Vec<Rule>) -> ConventionBuilder {
    let mut extended: Vec<Rule> = builder.rules().to_vec();
    for rule in rules {
        let count = extended.len();
        extended.retain(|base| !base.is_for_same(&rule));
        builder = if extended.len() < count {
            builder.replace_rule(rule)
        } else {
            builder.rule(rule)
        };
    }
    builder
}

fn max_members(
    builder: ConventionBuilder,
    max: Option<usize>,
) -> Result<ConventionBuilder, Located> {
    match max {
        None => Ok(builder),
        #[cfg(feature = "json")]
        Some(max) => Ok(builder.max_members(max)),
        #[cfg(not(feature = "json"))]
        Some(_) => Err(super::features::needs_json().within("max_members")),
    }
}

impl From<&Convention> for ConventionDocument {
    fn from(convention: &Convention) -> Self {
        let Definition {
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
        } = convention.unexpanded();
        let texts = |texts: &[Cow<'static, str>]| texts.iter().map(ToString::to_string).collect();
        Self {
            name: Some(name.to_string()),
            extends: None,
            vendor: None,
            without: List::default(),
            owned_prefixes: texts(owned_prefixes),
            owned_headers: texts(owned_headers),
            pass_on: texts(passed_on),
            hosts: texts(hosts),
            precedence: precedence.map(PrecedenceDocument),
            vendor_session_ids: vendors.and_then(|pattern| {
                let mut all = VendorSessionIds::ALL.into_iter();
                all.find(|named| named.pattern() == Some(pattern))
            }),
            max_members: Some(*max_members).filter(|max| *max < usize::MAX),
            client: client
                .as_ref()
                .map(|Client { name, agents }| ClientDocument {
                    name: name.to_string(),
                    user_agents: texts(agents),
                }),
            other_fields: other_fields.as_ref().map(PlaceDocument::from),
            properties: properties.as_ref().map(PlaceDocument::from),
            limits: Some(*request_limits).filter(|limits| *limits != RequestLimits::new()),
            rules: rules.iter().map(RuleDocument::from).collect(),
        }
    }
}
