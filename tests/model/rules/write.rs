//! Removal and writing.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Code, Line, RequestLimits, by_name,
    config::{Convention, Place, Rule, named},
    fields::{self, AnyField, OWN},
    items, names, read, values,
};

/// Fields, each with its value as it is written.
pub(crate) type Fields = BTreeMap<&'static str, String>;

#[derive(Debug, Default)]
pub(crate) struct WriteReport {
    pub(crate) lines: Vec<Line>,
    /// Fields that were written to a header.
    pub(crate) carried: BTreeSet<&'static str>,
    /// Fields that were not written, with the reason.
    pub(crate) faults: Vec<(&'static str, Code)>,
}

/// Returns the lines without the conventions' own headers, look-alikes and
/// members of baggage.
pub(crate) fn removed(conventions: &[Convention], lines: &[Line]) -> Vec<Line> {
    let is_owned = |(name, _): &Line| {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        names::is_owned(conventions, &name)
    };
    let lines: Vec<Line> = lines
        .iter()
        .filter(|line| !is_owned(line))
        .cloned()
        .collect();
    let keys: Vec<&str> = keys(conventions).collect();
    let is_ours = |item: &[u8]| keys.iter().any(|key| has_key(item, key));
    protected(conventions, &without(lines, "baggage", ",", is_ours))
}

/// Returns the lines, in which `Connection` does not nominate the conventions'
/// own headers.
fn protected(conventions: &[Convention], lines: &[Line]) -> Vec<Line> {
    let has_members = keys(conventions).next().is_some();
    let is_ours = |item: &[u8]| {
        names::token(item).is_some_and(|name| {
            names::is_owned(conventions, &name) || (has_members && name == "baggage")
        })
    };
    without(lines.to_vec(), "connection", ", ", is_ours)
}

/// Returns the lines without these items of a list. If an item is removed, the
/// remaining items are on one line, or on none.
fn without(lines: Vec<Line>, name: &str, comma: &str, goes: impl Fn(&[u8]) -> bool) -> Vec<Line> {
    let (gone, rest): (Vec<_>, Vec<_>) =
        items(&lines, name).into_iter().partition(|item| goes(item));
    if gone.is_empty() {
        return lines;
    }
    let mut left = drop_name(lines, name);
    if !rest.is_empty() {
        left.push((name.into(), rest.join(comma.as_bytes())));
    }
    left
}

fn has_key(item: &[u8], key: &str) -> bool {
    read::member(item, key).is_some() || read::looks_like(item, key)
}

fn drop_name(lines: Vec<Line>, name: &str) -> Vec<Line> {
    let lines = lines.into_iter();
    lines
        .filter(|(known, _)| !known.eq_ignore_ascii_case(name.as_bytes()))
        .collect()
}

fn keys(conventions: &[Convention]) -> impl Iterator<Item = &'static str> {
    let rules = conventions.iter().flat_map(|convention| &convention.rules);
    rules.filter_map(|rule| match rule.place {
        Place::Baggage(key) => Some(key),
        _ => None,
    })
}

/// Writes the fields in a convention, with or without identity. Existing
/// headers are removed first, or kept if `keep` is true.
pub(crate) fn written(
    convention: &Convention,
    fields: &Fields,
    lines: &[Line],
    keep: bool,
    withhold: bool,
) -> WriteReport {
    let conventions = std::slice::from_ref(convention);
    let mut written = WriteReport {
        lines: if keep {
            protected(conventions, lines)
        } else {
            removed(conventions, lines)
        },
        ..WriteReport::default()
    };
    let mut limits = RequestLimits::default();
    for rule in convention.rules.iter().filter(|rule| rule.is_written()) {
        let sources = [rule.field].into_iter().chain(rule.or.iter().copied());
        for name in sources {
            let Some(value) = fields.get(name) else {
                continue;
            };
            let field = named(name);
            if withhold && (rule.is_identity() || field.identity) {
                written.note(field.name, Err("withheld"));
                if rule.is_identity() {
                    break;
                }
                continue;
            }
            // If the value is outside the target's limits, the next field is
            // written.
            if let Err(code) = fits(rule, field, value) {
                written.note(field.name, Err(code));
                continue;
            }
            let outcome = place(rule, field, value, keep, &mut written.lines, &mut limits);
            written.note(field.name, outcome);
            break;
        }
    }
    for field in OWN.iter().filter(|field| fields.contains_key(field.name)) {
        if let Some(prefix) = convention.rest {
            let header = format!("{prefix}{}", field.name);
            let is_there = keep && has(&written.lines, |name| names::alike(name, &header));
            let outcome = match (withhold && field.identity, is_there) {
                (true, _) => Err("withheld"),
                (false, true) => Err("already_set"),
                (false, false) => Ok(()),
            };
            if outcome.is_ok() {
                set(&mut written.lines, &header, fields[field.name].as_str());
            }
            written.note(field.name, outcome);
        }
    }
    for field in fields::all().filter(|field| fields.contains_key(field.name)) {
        let has_fault = written.faults.iter().any(|(name, _)| *name == field.name);
        if !written.carried.contains(field.name) && !has_fault {
            written.faults.push((field.name, "unsupported"));
        }
    }
    written
}

/// Returns an error if the value is outside the target's limits.
fn fits(rule: &Rule, field: &AnyField, value: &str) -> Result<(), Code> {
    match rule.place {
        Place::Baggage(_) => {
            values::check(rule.limits, values::plain(field.kind, value).as_bytes())
        }
        _ => values::check(rule.limits, value.as_bytes()),
    }
}

/// Writes a field to the place that its rule names.
fn place(
    rule: &Rule,
    field: &AnyField,
    value: &str,
    keep: bool,
    lines: &mut Vec<Line>,
    limits: &mut RequestLimits,
) -> Result<(), Code> {
    let Place::Baggage(key) = rule.place else {
        let is_known = |name: &str| rule.names.iter().any(|known| names::alike(known, name));
        if keep && has(lines, is_known) {
            return Err("already_set");
        }
        limits.take(&rule.names[0], &[value.into()])?;
        set(lines, &rule.names[0], value);
        return Ok(());
    };
    let plain = values::plain(field.kind, value);
    let mut members = items(lines, "baggage");
    if keep && members.iter().any(|item| has_key(item, key)) {
        return Err("already_set");
    }
    if members.len() >= 64 {
        return Err("too_many");
    }
    members.push(format!("{key}={}", values::escaped(&plain, " \",;\\=+")).into_bytes());
    let line = members.join(&b","[..]);
    if line.len() > 8192 {
        return Err("too_long");
    }
    set(lines, "baggage", line);
    Ok(())
}

/// Sets the header on one line.
fn set(lines: &mut Vec<Line>, name: &str, value: impl Into<Vec<u8>>) {
    *lines = drop_name(std::mem::take(lines), name);
    lines.push((name.into(), value.into()));
}

fn has(lines: &[Line], is_it: impl Fn(&str) -> bool) -> bool {
    by_name(lines).iter().any(|(name, _)| is_it(name))
}

impl WriteReport {
    fn note(&mut self, field: &'static str, outcome: Result<(), Code>) {
        match outcome {
            Ok(()) => {
                self.carried.insert(field);
            }
            Err(code) => self.faults.push((field, code)),
        }
    }
}
