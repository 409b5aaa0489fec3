use std::{borrow::Cow, sync::Arc};

use http::HeaderName;

use super::{
    Content, Convention, Inner, InvalidConvention, Rule, Source, Vendors, Write,
    error::{Problem, Subject},
    names::{Names, alike},
    own_fields::OwnFields,
    reserved,
};
use crate::{FieldKey, field::is_words};

/// A convention in the making. [`build`](Self::build) checks all of it.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct Builder {
    pub(super) name: Cow<'static, str>,
    pub(super) rules: Vec<Rule>,
    pub(super) families: Vec<Cow<'static, str>>,
    pub(super) vendors: Option<Vendors>,
    pub(super) own_fields: Option<String>,
    pub(super) source: Option<Source>,
}

impl Builder {
    /// The longest name of a header that a convention has, in bytes.
    pub const MAX_HEADER_LEN: usize = 160;

    pub(super) const fn new(name: Cow<'static, str>) -> Self {
        Self {
            name,
            rules: Vec::new(),
            families: Vec::new(),
            vendors: None,
            own_fields: None,
            source: None,
        }
    }

    /// Adds a rule. Headers are written in the order of their rules; where
    /// several headers carry a field, the earlier rule's counts.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Makes every header whose name begins so this convention's: `x-acme-`
    /// for example. Those that no rule names are not read, but are removed
    /// with the others.
    pub fn family(mut self, prefix: impl Into<Cow<'static, str>>) -> Self {
        self.families.push(prefix.into());
        self
    }

    /// Says where the spelling is from, and when that was checked.
    pub(crate) const fn source(mut self, source: &'static str, checked: &'static str) -> Self {
        self.source = Some(Source { source, checked });
        self
    }

    pub(crate) const fn vendors(mut self, vendors: Vendors) -> Self {
        self.vendors = Some(vendors);
        self
    }

    pub(super) fn own_fields(mut self, prefix: String) -> Self {
        self.own_fields = Some(prefix);
        self
    }

    /// Gives the convention another name.
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = name.into();
        self
    }

    /// The convention.
    ///
    /// # Errors
    ///
    /// When its name, or a header's, is no words joined by hyphens (names that
    /// are only read may be any header name), when a header is reserved (for
    /// HTTP itself, for credentials, or for another standard), when two rules
    /// write one header, or when two headers for different fields are equal or
    /// differ in separators only.
    pub fn build(mut self) -> Result<Convention, InvalidConvention> {
        self.name = checked_name(&self.name)?;
        for rule in &mut self.rules {
            let header = std::mem::take(&mut rule.header);
            rule.header = if rule.written {
                written_name(header)?
            } else {
                read_name(header)?
            };
            for name in &mut rule.read_also {
                *name = read_name(std::mem::take(name))?;
            }
            #[cfg(feature = "json")]
            check_member(rule)?;
        }
        for family in &mut self.families {
            *family = checked_family(family)?;
        }
        self.check_repeats()?;
        let writes = self.compiled_writes()?;
        let owned = Names::new(
            self.names().map(|(name, _)| (name.clone(), 0)),
            self.families.iter().cloned(),
            self.vendors.is_some(),
        );
        Ok(Convention(Arc::new(Inner {
            writes,
            owned,
            own_fields: self.own_fields.clone().map(OwnFields::new),
            builder: self,
        })))
    }

    /// Each header that is read, with the rule that reads it.
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
                if alike(earlier.as_bytes(), name.as_bytes()) && !may_share(other, rule) {
                    return Err(InvalidConvention::new(Subject::Header, name, problem));
                }
            }
        }
        Ok(())
    }

    fn compiled_writes(&self) -> Result<Vec<Write>, InvalidConvention> {
        let mut writes: Vec<Write> = Vec::new();
        for rule in self.rules.iter().filter(|rule| rule.written) {
            let sources: Vec<FieldKey> = rule.sources().collect();
            #[cfg(feature = "json")]
            if let Some(member) = rule.member.clone() {
                super::json::add_member(&mut writes, rule, member, sources)?;
                continue;
            }
            writes.push(Write {
                header: header_name(rule.header.clone())?,
                value: Content::Field(sources),
            });
        }
        Ok(writes)
    }
}

/// Whether two rules may have one header, or two that look alike: a field's
/// old spellings, and the members of one object.
fn may_share(one: &Rule, other: &Rule) -> bool {
    #[cfg(feature = "json")]
    if let (Some(one_member), Some(other_member)) = (&one.member, &other.member) {
        return one.header == other.header && one_member != other_member;
    }
    std::ptr::eq(one, other)
}

fn checked_name(name: &str) -> Result<Cow<'static, str>, InvalidConvention> {
    words(Subject::Convention, name, 64)
}

/// Checks words joined by hyphens, in lower case.
pub(super) fn words(
    subject: Subject,
    name: &str,
    limit: usize,
) -> Result<Cow<'static, str>, InvalidConvention> {
    let lower = name.to_ascii_lowercase();
    let problem = if lower.is_empty() {
        Problem::Empty
    } else if lower.len() > limit {
        Problem::TooLong(limit)
    } else if !is_words(lower.as_bytes()) {
        Problem::NotWords
    } else {
        return Ok(lower.into());
    };
    Err(InvalidConvention::new(subject, name, problem))
}

fn written_name(name: Cow<'static, str>) -> Result<Cow<'static, str>, InvalidConvention> {
    if is_words(name.as_bytes()) {
        return read_name(name);
    }
    read_name(words(Subject::Header, &name, Builder::MAX_HEADER_LEN)?)
}

/// Checks a header's name, and folds its case. A static one stays static,
/// which costs nothing to clone.
fn read_name(name: Cow<'static, str>) -> Result<Cow<'static, str>, InvalidConvention> {
    let problem = if name.is_empty() {
        Problem::Empty
    } else if name.len() > Builder::MAX_HEADER_LEN {
        Problem::TooLong(Builder::MAX_HEADER_LEN)
    } else {
        match HeaderName::from_bytes(name.as_bytes()) {
            Err(_) => Problem::NotToken,
            Ok(parsed) if reserved::is_reserved(parsed.as_str()) => Problem::Reserved,
            Ok(parsed) if parsed.as_str() == name => return Ok(name),
            Ok(parsed) => return Ok(parsed.as_str().to_owned().into()),
        }
    };
    Err(InvalidConvention::new(Subject::Header, &name, problem))
}

fn checked_family(family: &str) -> Result<Cow<'static, str>, InvalidConvention> {
    let Some(name) = family.strip_suffix('-') else {
        let problem = Problem::NotAPrefix;
        return Err(InvalidConvention::new(Subject::Family, family, problem));
    };
    let name = words(Subject::Family, name, Builder::MAX_HEADER_LEN)?;
    // `x-` alone would take everybody's headers.
    if !name.contains('-') || reserved::is_reserved(&format!("{name}-")) {
        let problem = Problem::Reserved;
        return Err(InvalidConvention::new(Subject::Family, family, problem));
    }
    Ok(format!("{name}-").into())
}

#[cfg(feature = "json")]
fn check_member(rule: &Rule) -> Result<(), InvalidConvention> {
    let Some(member) = &rule.member else {
        return Ok(());
    };
    let problem = if member.is_empty() {
        Problem::Empty
    } else if member.len() > 64 {
        Problem::TooLong(64)
    } else {
        return Ok(());
    };
    Err(InvalidConvention::new(Subject::Member, member, problem))
}

pub(super) fn header_name(name: Cow<'static, str>) -> Result<HeaderName, InvalidConvention> {
    match name {
        // A static name is cloned without counting references.
        Cow::Borrowed(name) if is_words(name.as_bytes()) => Ok(HeaderName::from_static(name)),
        name => HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| InvalidConvention::new(Subject::Header, &name, Problem::NotToken)),
    }
}
