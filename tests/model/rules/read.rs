//! Reading: the value of each field, and the faults.

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
    /// Value of each field, as it would be written.
    pub(crate) fields: BTreeMap<&'static str, String>,
    /// Header, field if there is exactly one, and reason of each fault.
    pub(crate) faults: Vec<(String, Option<&'static str>, Code)>,
}

/// Reads the lines of one request. Identity is read only if it is trusted.
pub(crate) fn read(conventions: &[Convention], lines: &[Line], trusted: bool) -> Read {
    let mut reading = Reading {
        conventions,
        lines,
        trusted,
        says: Vec::new(),
        read: Read::default(),
        limits: RequestLimits::default(),
    };
    let nominated = names::nominated(lines);
    for (name, values) in by_name(lines) {
        let what = names::what(conventions, |_| true, &name);
        if nominated.contains(&name) && reading.nominated(&what, &name) {
            continue;
        }
        if counts(&what)
            && let Err(code) = reading.limits.take(&name, &values)
        {
            // If a request has too much metadata, nothing is read.
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
    says: Vec<Candidate>,
    read: Read,
    limits: RequestLimits,
}

/// Candidate: a header that may give a field its value.
#[derive(Clone)]
struct Candidate {
    header: String,
    field: &'static str,
    rank: usize,
    /// The convention that has the header.
    sender: usize,
    /// `None` if the value is invalid, so that no header of lower precedence
    /// counts.
    value: Option<String>,
    vendor: Option<String>,
}

/// Lowest rank, for shared headers. They yield to all others, and disagree with
/// none.
const LOW_PRECEDENCE: usize = 1000;

/// Rank of a vendor's session, after the ranks of the rules.
const VENDORS: usize = LOW_PRECEDENCE - 1;

/// Reason why a header is ignored, with or without the headers of lower
/// precedence.
enum Bad {
    Void(Code),
    Alone(Code),
}
use Bad::{Alone, Void};

impl<'r> Reading<'r> {
    /// Handles a header that `Connection` nominates. Its fields are invalid,
    /// unless it is a look-alike.
    fn nominated(&mut self, what: &Name<'_>, name: &str) -> bool {
        match *what {
            Name::Other | Name::LookAlike(..) | Name::LookAlikeOfMany => return false,
            Name::Rule(_, rule) if is_baggage(rule) => self.invalidate_baggage("nominated"),
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

    /// Reads each member of baggage that a rule names.
    fn baggage(&mut self, line: &[u8]) {
        let members = items(self.lines, "baggage");
        if line.len() > 8192 {
            return self.invalidate_baggage("too_long");
        }
        if members.len() > 64 {
            return self.invalidate_baggage("too_many");
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

    /// Invalidates every field of the baggage.
    fn invalidate_baggage(&mut self, code: Code) {
        self.fault("baggage", None, code);
        for (rank, rule, _) in self.members() {
            if self.trusts(rule.field) {
                self.says.push(Candidate {
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

    /// Returns the rules for members of baggage, with their ranks and keys.
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

    /// Returns the index of the convention that has the rule.
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
        self.says.push(Candidate {
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

    /// Selects the candidate of each field with the highest precedence. A field
    /// is empty if that candidate is invalid, or if equal candidates disagree.
    fn settled(mut self) -> Read {
        let mut says = std::mem::take(&mut self.says);
        says.sort_by(|one, other| (one.rank, &one.header).cmp(&(other.rank, &other.header)));
        let mut counts: BTreeMap<&'static str, Candidate> = BTreeMap::new();
        for say in &says {
            counts.entry(say.field).or_insert_with(|| say.clone());
        }
        for (field, best) in &mut counts {
            let of_field: Vec<&Candidate> = says.iter().filter(|say| say.field == *field).collect();
            let equal = |say: &&&Candidate| say.rank == best.rank;
            if of_field.iter().filter(equal).any(|say| say.value.is_none()) {
                best.value = None;
                continue;
            }
            let differs = |say: &&&Candidate| say.value.is_some() && say.value != best.value;
            let is_tie = of_field.iter().filter(equal).any(|say| differs(&say));
            let conflicts = of_field.iter().filter(differs);
            let conflicts = conflicts.filter(|say| say.rank < LOW_PRECEDENCE).count();
            let reported = if is_tie { conflicts.min(1) } else { conflicts };
            for _ in 0..reported {
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
        // The vendor in the session's header is the client, unless another
        // header names the client.
        let client = client.map(|client| values::from_text(Kind::Text, &client));
        let is_told = says.iter().any(|say| say.field == "client-name");
        if let Some(Ok(client)) = client.filter(|_| !is_told) {
            self.read.fields.insert("client-name", client);
        }
        self.read
    }

    /// Session, conversation and task identify the same thing. If two
    /// conventions disagree, the one with the higher precedence counts.
    fn one_conversation(&mut self, counts: &mut BTreeMap<&'static str, Candidate>) {
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
            if best.value.is_some() && say.rank < LOW_PRECEDENCE {
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

/// Returns true if a header counts against the limits: it carries a field and
/// is not shared.
fn counts(what: &Name<'_>) -> bool {
    match what {
        Name::Rule(_, rule) => has_one_field(rule) && rule.place != Place::Shared,
        Name::Vendor(_) => true,
        _ => false,
    }
}

/// Returns the value of a header on one line.
fn one_line(values: &[Vec<u8>]) -> Result<&[u8], Bad> {
    match values {
        [value] => Ok(value),
        _ => Err(Void("repeated")),
    }
}

/// Classifies an invalid value. An empty value is ignored. Any other invalid
/// value also excludes headers of lower precedence.
fn sound(value: Result<String, Code>) -> Result<String, Bad> {
    value.map_err(|code| {
        if code == "empty" {
            Alone(code)
        } else {
            Void(code)
        }
    })
}

/// Returns a member's value.
fn decoded(rule: &Rule, value: &[u8]) -> Result<String, Code> {
    let text = values::unescaped(value)?;
    values::check(rule.limits, text.as_bytes())?;
    values::from_text(named(rule.field).kind, &text)
}

/// Returns the value of a member with this key: `key = value ; properties`.
pub(crate) fn member<'i>(item: &'i [u8], key: &str) -> Option<&'i [u8]> {
    let at = item.iter().position(|&byte| byte == b'=')?;
    let value = item[at + 1..].split(|&byte| byte == b';').next()?;
    (item[..at].trim_ascii() == key.as_bytes()).then_some(value.trim_ascii())
}

/// Returns true if other readers may take the item's key for this key, after
/// they decode and trim it.
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
        rank + LOW_PRECEDENCE
    } else {
        rank
    }
}

/// Returns true if the whole header carries one field, and is read.
fn has_one_field(rule: &Rule) -> bool {
    rule.is_read() && !matches!(rule.place, Place::Baggage(_))
}
