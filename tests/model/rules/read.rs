//! Reading: which field has which value, and what does not count.

use std::collections::BTreeMap;

use super::{
    Code, Line, RequestLimits, by_name,
    config::{Convention, Place, Rule, named},
    fields::Kind,
    items,
    names::{self, Name},
    values,
};

#[derive(Debug, Default)]
pub(crate) struct Read {
    /// Each field's value, as it would be written.
    pub(crate) fields: BTreeMap<&'static str, String>,
    /// The header, the field where it is one field's, and what is wrong.
    pub(crate) faults: Vec<(String, Option<&'static str>, Code)>,
}

/// Reads the lines of one request. Identity counts only where it is trusted.
pub(crate) fn read(conventions: &[Convention], lines: &[Line], trusted: bool) -> Read {
    let mut reading = Reading {
        conventions,
        lines,
        trusted,
        says: Vec::new(),
        read: Read::default(),
        budget: RequestLimits::default(),
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
    budget: RequestLimits,
}

/// A header that has a say in a field.
#[derive(Clone)]
struct Say {
    header: String,
    field: &'static str,
    rank: usize,
    /// The convention that knows the header.
    sender: usize,
    /// None where it is invalid: then nothing weaker counts either.
    value: Option<String>,
    vendor: Option<String>,
}

/// The ranks of what is everybody's, which so gives way to all else and
/// disagrees with nothing.
const WEAK: usize = 1000;

/// The rank of a vendor's session, behind those of the rules.
const VENDORS: usize = WEAK - 1;

/// The reason for which a header does not count: nothing weaker counts either, or
/// it alone does not.
enum Bad {
    Void(Code),
    Alone(Code),
}
use Bad::{Alone, Void};

impl<'r> Reading<'r> {
    /// A header that `Connection` names. It invalidates its fields; a look-alike
    /// has none, and is what it is.
    fn nominated(&mut self, what: &Name<'_>, name: &str) -> bool {
        match *what {
            Name::Other | Name::LookAlike(..) | Name::LookAlikeOfMany => return false,
            Name::Rule(_, rule) if is_baggage(rule) => self.void_baggage("nominated"),
            Name::Rule(rank, rule) if has_one_field(rule) => {
                let sender = self.sender(rule);
                let say = (rule.field, weighed(rank, rule), sender);
                self.take(name, say, Err(Void("nominated")));
            }
            Name::Vendor(vendor) => {
                let say = (vendors_field(vendor), VENDORS, usize::MAX);
                self.take(name, say, Err(Void("nominated")));
            }
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
                let is_trusted = field.is_none_or(|field| self.trusts(field));
                let code = if is_trusted {
                    "look_alike"
                } else {
                    "untrusted"
                };
                self.fault(name, field, code);
            }
            Name::LookAlikeOfMany => self.fault(name, None, "look_alike"),
            Name::Rule(_, rule) if !rule.is_read() => {}
            Name::Rule(_, rule) if is_baggage(rule) => self.baggage(&values.join(&b',')),
            Name::Rule(rank, rule) => {
                let value = one_line(values).and_then(|value| {
                    let value = values::trimmed(value);
                    values::check(rule.limits, value).map_err(Void)?;
                    sound(values::from_header(named(rule.field).kind, value))
                });
                let say = (rule.field, weighed(rank, rule), self.sender(rule));
                self.take(name, say, value);
            }
            Name::Vendor(vendor) => {
                let field = vendors_field(vendor);
                let id = |value| sound(values::from_header(Kind::Id, value));
                let at = self.says.len();
                let value = one_line(values).and_then(id);
                self.take(name, (field, VENDORS, usize::MAX), value);
                if let Some(say) = self.says.get_mut(at).filter(|_| field == "session-id") {
                    say.vendor = Some(vendor.to_owned());
                }
            }
        }
    }

    /// Each member of baggage that a rule names.
    fn baggage(&mut self, line: &[u8]) {
        let members = items(self.lines, "baggage");
        if line.len() > 8192 {
            return self.void_baggage("too_long");
        }
        if members.len() > 64 {
            return self.void_baggage("too_many");
        }
        for (rank, rule, key) in self.members() {
            if members.iter().any(|item| looks_like(item, key)) {
                let is_trusted = self.trusts(rule.field);
                let code = if is_trusted {
                    "look_alike"
                } else {
                    "untrusted"
                };
                self.fault("baggage", Some(rule.field), code);
            }
            let values: Vec<&[u8]> = members
                .iter()
                .filter_map(|item| member(item, key))
                .collect();
            let value = match values.as_slice() {
                [] => continue,
                [value] => sound(decoded(rule, value)),
                _ => Err(Void("repeated_member")),
            };
            let sender = self.sender(rule);
            self.take("baggage", (rule.field, rank, sender), value);
        }
    }

    /// Nothing of the baggage counts.
    fn void_baggage(&mut self, code: Code) {
        self.fault("baggage", None, code);
        for (rank, rule, _) in self.members() {
            if self.trusts(rule.field) {
                self.says.push(Say {
                    header: "baggage".to_owned(),
                    field: rule.field,
                    rank,
                    sender: self.sender(rule),
                    value: None,
                    vendor: None,
                });
            }
        }
    }

    /// The rules about members of baggage, with their ranks and keys.
    fn members(&self) -> Vec<(usize, &'r Rule, &'static str)> {
        let rules = self
            .conventions
            .iter()
            .flat_map(|convention| &convention.rules);
        rules
            .flat_map(|rule| rule.names.iter().map(move |_| rule))
            .enumerate()
            .filter_map(|(rank, rule)| match rule.place {
                Place::Baggage(key) => Some((rank, rule, key)),
                _ => None,
            })
            .collect()
    }

    /// The place of the convention that has the rule.
    fn sender(&self, rule: &Rule) -> usize {
        let has = |known: &Convention| known.rules.iter().any(|known| known.names == rule.names);
        self.conventions.iter().position(has).unwrap_or_default()
    }

    fn trusts(&self, field: &str) -> bool {
        self.trusted || !named(field).identity
    }

    fn take(
        &mut self,
        header: &str,
        (field, rank, sender): (&'static str, usize, usize),
        value: Result<String, Bad>,
    ) {
        if !self.trusts(field) {
            return self.fault(header, Some(field), "untrusted");
        }
        match value {
            Err(Alone(code)) => return self.fault(header, Some(field), code),
            Err(Void(code)) => self.fault(header, Some(field), code),
            Ok(_) => {}
        }
        self.says.push(Say {
            header: header.to_owned(),
            field,
            rank,
            sender,
            value: value.ok(),
            vendor: None,
        });
    }

    fn fault(&mut self, header: &str, field: Option<&'static str>, code: Code) {
        self.read.faults.push((header.to_owned(), field, code));
    }

    /// Of all that is said of a field the best counts; unless it is invalid, or
    /// equals of it disagree.
    fn settled(mut self) -> Read {
        let mut says = std::mem::take(&mut self.says);
        says.sort_by(|one, other| (one.rank, &one.header).cmp(&(other.rank, &other.header)));
        let mut counts: BTreeMap<&'static str, Say> = BTreeMap::new();
        for say in &says {
            counts.entry(say.field).or_insert_with(|| say.clone());
        }
        for (field, best) in &mut counts {
            let of_field: Vec<&Say> = says.iter().filter(|say| say.field == *field).collect();
            let equal = |say: &&&Say| say.rank == best.rank;
            if of_field.iter().filter(equal).any(|say| say.value.is_none()) {
                best.value = None;
                continue;
            }
            let differs = |say: &&&Say| say.value.is_some() && say.value != best.value;
            let is_tie = of_field.iter().filter(equal).any(|say| differs(&say));
            let conflicts = of_field.iter().filter(differs);
            let conflicts = conflicts.filter(|say| say.rank < WEAK).count();
            let told = if is_tie { conflicts.min(1) } else { conflicts };
            for _ in 0..told {
                let fault = (best.header.clone(), Some(*field), "conflict");
                self.read.faults.push(fault);
            }
            if is_tie {
                best.value = None;
            }
        }
        self.one_conversation(&mut counts);
        let client = counts.get("session-id").filter(|say| say.value.is_some());
        let client = client.and_then(|say| say.vendor.clone());
        for (field, say) in counts {
            if let Some(value) = say.value {
                self.read.fields.insert(field, value);
            }
        }
        // The vendor in the session's header is the client, if nothing says more.
        let client = client.map(|client| values::from_text(Kind::Text, &client));
        let is_told = says.iter().any(|say| say.field == "client-name");
        if let Some(Ok(client)) = client.filter(|_| !is_told) {
            self.read.fields.insert("client-name", client);
        }
        self.read
    }

    /// Session, conversation and task are one thing under three names: of two
    /// conventions that disagree, the better one counts.
    fn one_conversation(&mut self, counts: &mut BTreeMap<&'static str, Say>) {
        let fields = ["session-id", "conversation-id", "task-id"];
        let all = fields.iter().filter_map(|field| counts.get(field));
        let Some(best) = all.min_by_key(|say| say.rank).cloned() else {
            return;
        };
        for field in fields {
            let Some(say) = counts.get_mut(field) else {
                continue;
            };
            if say.sender == best.sender || say.value.is_none() || say.value == best.value {
                continue;
            }
            if best.value.is_some() && say.rank < WEAK {
                let fault = (best.header.clone(), Some(field), "conflict");
                self.read.faults.push(fault);
            }
            say.value = None;
        }
    }
}

fn is_baggage(rule: &Rule) -> bool {
    matches!(rule.place, Place::Baggage(_))
}

/// Returns the field that `x-<vendor>-session-id` carries.
fn vendors_field(vendor: &str) -> &'static str {
    if vendor == "parent" || vendor.ends_with("-parent") {
        "parent-session"
    } else {
        "session-id"
    }
}

/// Returns true if a header counts against the budget: it carries a field and is
/// not shared.
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

/// Returns what an invalid value does to its field: an empty one alone does not
/// count, any other lets nothing weaker count.
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

/// Returns true if other readers may take the item's key for this one: once it
/// is decoded, and what is around it is dropped.
pub(crate) fn looks_like(item: &[u8], key: &str) -> bool {
    let Some(at) = item.iter().position(|&byte| byte == b'=') else {
        return false;
    };
    let name = &item[..at];
    let mut decoded = Vec::new();
    let mut at = 0;
    while at < name.len() {
        let digits = name.get(at + 1..at + 3).map(|digits| {
            let [high, low] = [0, 1].map(|at| char::from(digits[at]).to_digit(16));
            Some(u8::try_from(high? * 16 + low?).expect("two digits"))
        });
        let (byte, len) = match (name[at], digits.flatten()) {
            (b'%', Some(byte)) => (byte, 3),
            (b'+', _) => (b' ', 1),
            (byte, _) => (byte, 1),
        };
        decoded.push(byte);
        at += len;
    }
    let is_shown = |byte: &u8| byte.is_ascii_graphic();
    let start = decoded.iter().take_while(|byte| !is_shown(byte)).count();
    let end = decoded
        .iter()
        .rev()
        .take_while(|byte| !is_shown(byte))
        .count();
    let inner = decoded.get(start..decoded.len() - end).unwrap_or_default();
    inner == key.as_bytes() && name.trim_ascii() != key.as_bytes()
}

fn weighed(rank: usize, rule: &Rule) -> usize {
    if rule.place == Place::Shared {
        rank + WEAK
    } else {
        rank
    }
}

/// Returns true if the whole header is about one field, and is read.
fn has_one_field(rule: &Rule) -> bool {
    rule.is_read() && !matches!(rule.place, Place::Baggage(_))
}
