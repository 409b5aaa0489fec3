//! Reading: which field has which value, and what does not count.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Budget, Code, Line, by_name,
    config::{Convention, Kind, Place, Rule, named},
    items,
    names::{self, Name},
    values,
};

#[derive(Debug, Default)]
pub(crate) struct Read {
    /// Each field's value, as it would be written.
    pub(crate) fields: BTreeMap<&'static str, String>,
    /// The header, the field where it is one field's, and what is wrong; but
    /// for conflicts.
    pub(crate) faults: Vec<(String, Option<&'static str>, Code)>,
    /// Fields of which two sound values disagree and nothing else is wrong.
    pub(crate) conflicts: BTreeSet<&'static str>,
    /// Fields of which two sound values disagree. Where a better one is void
    /// too, the order of the headers decides whether that is worth a word.
    pub(crate) disagreements: BTreeSet<&'static str>,
}

/// Reads the lines of one request. Identity counts only where it is trusted.
pub(crate) fn read(conventions: &[Convention], lines: &[Line], trusted: bool) -> Read {
    let mut reading = Reading {
        conventions,
        lines,
        trusted,
        says: Vec::new(),
        read: Read::default(),
        budget: Budget::default(),
    };
    let nominated = names::nominated(lines);
    for (name, values) in by_name(lines) {
        let what = names::what(conventions, |_| true, &name);
        if nominated.contains(&name) && reading.nominated(&what, &name) {
            continue;
        }
        if counts(&what)
            && let Err(code) = reading.budget.take(&name, &values)
        {
            // Nothing is read of a request that brings too much.
            let faults = vec![(String::new(), None, code)];
            return Read {
                faults,
                ..Read::default()
            };
        }
        reading.header(&what, &name, &values);
    }
    reading.settled()
}

struct Reading<'r> {
    conventions: &'r [Convention],
    lines: &'r [Line],
    trusted: bool,
    says: Vec<Say>,
    read: Read,
    budget: Budget,
}

/// A header that has a say in a field.
struct Say {
    field: &'static str,
    rank: usize,
    /// None where it is spoilt: then nothing weaker counts either.
    value: Option<String>,
    vendor: Option<String>,
}

/// The ranks of what is everybody's, which so gives way to all else and
/// disagrees with nothing.
const WEAK: usize = 1000;

/// The rank of a vendor's session, behind those of the rules.
const VENDORS: usize = WEAK - 1;

/// What does not count: with it nothing weaker, or by itself alone.
enum Bad {
    Void(Code),
    Alone(Code),
}
use Bad::{Alone, Void};

impl Reading<'_> {
    /// A header that `Connection` names. It spoils its field; a look-alike has
    /// none to spoil, and is what it is.
    fn nominated(&mut self, what: &Name<'_>, name: &str) -> bool {
        let bad = Err(Void("nominated"));
        match *what {
            Name::Other | Name::LookAlike(..) | Name::LookAlikeOfMany => return false,
            Name::Rule(rank, rule) if has_one_field(rule) => {
                self.take(name, rule.field, weighed(rank, rule), bad);
            }
            Name::Vendor(vendor) => self.take(name, vendors_field(vendor), VENDORS, bad),
            _ => self.fault(name, None, "nominated"),
        }
        true
    }

    fn header(&mut self, what: &Name<'_>, name: &str, values: &[Vec<u8>]) {
        match *what {
            Name::Other | Name::Family => {}
            Name::LookAlike(_, rule) if rule.place == Place::Shared => {}
            Name::LookAlike(_, rule) => {
                let field = has_one_field(rule).then_some(rule.field);
                self.fault(name, field, "look_alike");
            }
            Name::LookAlikeOfMany => self.fault(name, None, "look_alike"),
            Name::Rule(_, rule) if !rule.is_read() => {}
            Name::Rule(_, rule) if matches!(rule.place, Place::Baggage(_)) => {
                self.baggage(&values.join(&b','));
            }
            Name::Rule(rank, rule) => {
                let value = one_line(values).and_then(|value| self.value(rule, value));
                self.take(name, rule.field, weighed(rank, rule), value);
            }
            Name::Vendor(vendor) => {
                let field = vendors_field(vendor);
                let id = |value| sound(values::from_header(Kind::Id, value));
                let at = self.says.len();
                self.take(name, field, VENDORS, one_line(values).and_then(id));
                if let Some(say) = self.says.get_mut(at).filter(|_| field == "session-id") {
                    say.vendor = Some(vendor.to_owned());
                }
            }
        }
    }

    fn value(&self, rule: &Rule, value: &[u8]) -> Result<String, Bad> {
        let field = named(rule.field);
        if field.identity && !self.trusted {
            return Err(Alone("untrusted"));
        }
        // What this header's reader passes over leaves room for others.
        values::check(rule.limits, values::trimmed(value)).map_err(Alone)?;
        sound(values::from_header(field.kind, value))
    }

    /// Each member of baggage that a rule names.
    fn baggage(&mut self, line: &[u8]) {
        let members = items(self.lines, "baggage");
        if line.len() > 8192 {
            return self.fault("baggage", None, "too_long");
        }
        if members.len() > 64 {
            return self.fault("baggage", None, "too_many");
        }
        let rules = self
            .conventions
            .iter()
            .flat_map(|convention| &convention.rules);
        let ranked = rules
            .flat_map(|rule| rule.names.iter().map(move |_| rule))
            .enumerate();
        for (rank, rule) in ranked {
            let Place::Baggage(key) = rule.place else {
                continue;
            };
            let values: Vec<&[u8]> = members
                .iter()
                .filter_map(|item| member(item, key))
                .collect();
            let value = match values.as_slice() {
                [] => continue,
                _ if named(rule.field).identity && !self.trusted => Err(Alone("untrusted")),
                [value] => sound(decoded(rule, value)),
                _ => Err(Void("repeated_member")),
            };
            self.take("baggage", rule.field, rank, value);
        }
    }

    fn take(&mut self, header: &str, field: &'static str, rank: usize, value: Result<String, Bad>) {
        match value {
            Err(Alone(code)) => return self.fault(header, Some(field), code),
            Err(Void(code)) => self.fault(header, Some(field), code),
            Ok(_) => {}
        }
        self.says.push(Say {
            field,
            rank,
            value: value.ok(),
            vendor: None,
        });
    }

    fn fault(&mut self, header: &str, field: Option<&'static str>, code: Code) {
        self.read.faults.push((header.to_owned(), field, code));
    }

    /// Of all that is said of a field the best counts; unless it is spoilt, or
    /// equals of it disagree.
    fn settled(mut self) -> Read {
        let mut client = None;
        let fields: BTreeSet<&'static str> = self.says.iter().map(|say| say.field).collect();
        for field in fields {
            let says: Vec<&Say> = self.says.iter().filter(|say| say.field == field).collect();
            let best = says.iter().map(|say| say.rank).min();
            let best: Vec<_> = says.iter().filter(|say| Some(say.rank) == best).collect();
            if let Some(value) = &best[0].value
                && best.iter().all(|say| say.value.as_ref() == Some(value))
            {
                self.read.fields.insert(field, value.clone());
                client = client.or(best[0].vendor.clone());
            }
            let pairs = says
                .iter()
                .flat_map(|one| says.iter().map(move |other| (one, other)));
            for (one, other) in pairs {
                let rank = one.rank.max(other.rank);
                let is_sound = one.value.is_some() && other.value.is_some() && rank < WEAK;
                if is_sound && one.value != other.value {
                    self.read.disagreements.insert(field);
                    if !says
                        .iter()
                        .any(|say| say.value.is_none() && say.rank <= rank)
                    {
                        self.read.conflicts.insert(field);
                    }
                }
            }
        }
        // The vendor in the session's header is the client, if nothing says more.
        let client = client.map(|client| values::from_text(Kind::Text, &client));
        if let Some(Ok(client)) = client {
            self.read.fields.entry("client-name").or_insert(client);
        }
        self.read
    }
}

/// What `x-<vendor>-session-id` carries.
fn vendors_field(vendor: &str) -> &'static str {
    if vendor == "parent" || vendor.ends_with("-parent") {
        "parent-session"
    } else {
        "session-id"
    }
}

/// Whether a header takes of the budget: those that carry fields and are no
/// others' too.
fn counts(what: &Name<'_>) -> bool {
    match what {
        Name::Rule(_, rule) => has_one_field(rule) && rule.place != Place::Shared,
        Name::Vendor(_) => true,
        _ => false,
    }
}

/// The value of a header that came on one line.
fn one_line(values: &[Vec<u8>]) -> Result<&[u8], Bad> {
    match values {
        [value] => Ok(value),
        _ => Err(Void("repeated")),
    }
}

/// What is empty says nothing.
fn sound(value: Result<String, Code>) -> Result<String, Bad> {
    value.map_err(|code| {
        if code == "empty" {
            Alone(code)
        } else {
            Void(code)
        }
    })
}

/// A member's value.
fn decoded(rule: &Rule, value: &[u8]) -> Result<String, Code> {
    let text = values::unescaped(value)?;
    values::check(rule.limits, text.as_bytes())?;
    values::from_text(named(rule.field).kind, &text)
}

/// The value of a member with this key: `key = value ; properties`.
pub(crate) fn member<'i>(item: &'i [u8], key: &str) -> Option<&'i [u8]> {
    let at = item.iter().position(|&byte| byte == b'=')?;
    let value = item[at + 1..].split(|&byte| byte == b';').next()?;
    (item[..at].trim_ascii() == key.as_bytes()).then_some(value.trim_ascii())
}

fn weighed(rank: usize, rule: &Rule) -> usize {
    if rule.place == Place::Shared {
        rank + WEAK
    } else {
        rank
    }
}

/// Whether the whole header is about one field, and is read.
fn has_one_field(rule: &Rule) -> bool {
    rule.is_read() && !matches!(rule.place, Place::Baggage(_))
}
