//! Inputs are text, so that seeds and crashes can be read: a line for each
//! header, as in HTTP/1.1, and a line for each field of metadata.

#![allow(dead_code, reason = "each target uses only some items")]

use crate::model::{Line, config, fields};

/// Returns each line as a header's name and value.
pub(crate) fn lines(input: &[u8]) -> Vec<Line> {
    let lines = input.split(|&byte| byte == b'\n').filter_map(split);
    lines
        .map(|(name, value)| (name.to_vec(), value.to_vec()))
        .collect()
}

/// Returns each line as a field's name and text.
pub(crate) fn texts(input: &[u8]) -> Vec<(String, String)> {
    let lines = lines(input).into_iter();
    lines
        .filter_map(|(name, text)| {
            Some((String::from_utf8(name).ok()?, String::from_utf8(text).ok()?))
        })
        .collect()
}

/// Returns the parts before and after the first empty line.
pub(crate) fn parts(input: &[u8]) -> (&[u8], &[u8]) {
    let at = input.windows(2).position(|two| two == b"\n\n");
    at.map_or((input, b""), |at| (&input[..at], &input[at + 2..]))
}

/// Splits a line at its colon, which may be followed by one space.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = line.iter().position(|&byte| byte == b':')?;
    let value = &line[at + 1..];
    Some((&line[..at], value.strip_prefix(b" ").unwrap_or(value)))
}

/// Mutates an input with knowledge of the names: another name of the table,
/// another separator, a line repeated, a line removed, or a header nominated in
/// `Connection`. In half of the calls, libFuzzer mutates instead.
pub(crate) fn mutate(data: &mut [u8], size: usize, most: usize, seed: u32) -> usize {
    let mut dice = Dice(seed | 1);
    if dice.roll(2) == 0 {
        return libfuzzer_sys::fuzzer_mutate(data, size, most);
    }
    let mut lines: Vec<Vec<u8>> = data[..size]
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    let at = dice.roll(lines.len());
    let (mut name, value) = match split(&lines[at]) {
        Some((name, value)) => (name.to_vec(), value.to_vec()),
        None => (dice.name(), dice.value()),
    };
    match dice.roll(7) {
        0 => lines.insert(at, line(&dice.name(), &dice.value())),
        1 => lines[at] = line(&dice.name(), &value),
        2 => lines[at] = line(&name, &dice.value()),
        3 => lines.insert(dice.roll(at + 1), line(&name, &value)),
        4 => {
            lines.remove(at);
        }
        5 => {
            let hyphens = name.iter_mut().filter(|byte| **byte == b'-');
            if let Some(hyphen) = hyphens.collect::<Vec<_>>().get_mut(dice.roll(6)) {
                **hyphen = dice.separator();
            }
            lines[at] = line(&name, &value);
        }
        _ => lines.push(line(b"connection", &name)),
    }
    let made = lines.join(&b'\n');
    let len = made.len().min(most);
    data[..len].copy_from_slice(&made[..len]);
    len
}

fn line(name: &[u8], value: &[u8]) -> Vec<u8> {
    [name, b": ", value].concat()
}

/// Every character of a token that is not a letter or a digit.
const SEPARATORS: &[u8] = b"-!#$%&'*+.^_`|~";

const VALUES: &[&str] = &[
    "a",
    "b",
    "abcd",
    "a,b",
    "a b",
    " a ",
    "",
    "%",
    "%20",
    "%41",
    "%ff",
    "%E2%80%AE",
    "Zo%C3%AB",
    "acme.task=a",
    "acme.user=b,acme.user=b",
    "acme.client = a%20b ; p",
    "x-acme-mode",
];

/// Random numbers, equal for the same seed.
struct Dice(u32);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % sides.max(1)
    }

    fn separator(&mut self) -> u8 {
        SEPARATORS[self.roll(SEPARATORS.len())]
    }

    fn value(&mut self) -> Vec<u8> {
        VALUES[self.roll(VALUES.len())].into()
    }

    /// Returns the name of a header of the model's conventions, or of a field.
    fn name(&mut self) -> Vec<u8> {
        let rules = config::all()
            .iter()
            .flat_map(|convention| &convention.rules);
        let names = rules.flat_map(|rule| rule.names.iter().cloned());
        let others = [
            "connection",
            "x-a-session-id",
            "x-b-session-id",
            "x-acme-new",
            "x-zoo-new",
        ];
        let others = others.map(str::to_owned);
        let fields = fields::all().map(|field| field.name.to_owned());
        let all: Vec<String> = names.chain(others).chain(fields).collect();
        all[self.roll(all.len())].clone().into_bytes()
    }
}
