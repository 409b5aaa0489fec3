//! Values: the texts that each kind allows, and the form in which each is
//! written.

use super::{Code, config::ValueLimits, fields::Kind};

/// Checks a header's value, and returns it as it would be written.
pub(crate) fn from_header(kind: Kind, value: &[u8]) -> Result<String, Code> {
    let value = trimmed(value);
    match kind {
        Kind::Id => id(value),
        // An escape has three bytes for one.
        Kind::Text if value.len() > 3 * 256 => Err("too_long"),
        Kind::Text => text(&unescaped(value)?).map(|text| escaped(&text, "")),
        Kind::Tags if value.len() > 2048 => Err("too_long"),
        Kind::Tags if value.is_empty() => Err("empty"),
        Kind::Tags => tags(value.split(|&byte| byte == b',').map(unescaped)),
    }
}

/// Checks a text that is not from a header, and returns it as it would be
/// written.
pub(crate) fn from_text(kind: Kind, value: &str) -> Result<String, Code> {
    match kind {
        Kind::Id => id(value.as_bytes()),
        Kind::Text => text(value).map(|text| escaped(&text, "")),
        Kind::Tags if value.trim().is_empty() => Err("empty"),
        Kind::Tags => tags(value.split(',').map(|tag| Ok(tag.to_owned()))),
    }
}

/// Returns the text that a value encodes.
pub(crate) fn plain(kind: Kind, written: &str) -> String {
    match kind {
        Kind::Id => written.to_owned(),
        Kind::Text | Kind::Tags => unescaped(written.as_bytes()).expect("well written"),
    }
}

/// Checks the additional limits of a header's reader.
pub(crate) fn check(limits: ValueLimits, value: &[u8]) -> Result<(), Code> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if value.len() < limits.least {
        Err("too_short")
    } else if value.len() > limits.most {
        Err("too_long")
    } else if limits.word && !value.iter().all(is_word) {
        Err("invalid_character")
    } else {
        Ok(())
    }
}

/// Returns the value without optional whitespace (OWS).
pub(crate) fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

fn id(value: &[u8]) -> Result<String, Code> {
    let is_allowed = |byte: &u8| byte.is_ascii_graphic() && !br#"",;\"#.contains(byte);
    match value.len() {
        0 => Err("empty"),
        1..=256 if value.iter().all(is_allowed) => Ok(String::from_utf8_lossy(value).into_owned()),
        1..=256 => Err("invalid_character"),
        _ => Err("too_long"),
    }
}

fn text(text: &str) -> Result<String, Code> {
    if text.len() > 256 {
        Err("too_long")
    } else if !all_show(text) {
        Err("invalid_character")
    } else if text.trim().is_empty() {
        Err("empty")
    } else {
        Ok(text.to_owned())
    }
}

/// Checks the items in order, and stops at the first invalid item.
fn tags(items: impl Iterator<Item = Result<String, Code>>) -> Result<String, Code> {
    let mut tags = Vec::new();
    for item in items {
        let item = item?;
        if tags.len() == 32 {
            return Err("too_many");
        }
        if item.trim().is_empty() {
            return Err("empty_item");
        }
        let tag = text(item.trim())?;
        if tag.contains(',') {
            return Err("invalid_character");
        }
        tags.push(tag);
    }
    let written = escaped(&tags.join(","), "");
    if written.len() > 2048 {
        return Err("too_long");
    }
    Ok(written)
}

/// Returns true if each character is visible, or joins or varies the one before
/// it.
fn all_show(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (0..chars.len()).all(|index| shows(&chars, index))
}

/// Returns true if a character is allowed at its position.
pub(crate) fn shows(chars: &[char], index: usize) -> bool {
    let at = |at: usize| chars.get(at).copied().unwrap_or('\0');
    let before = at(index.wrapping_sub(1));
    let joins = matches!(before, '\u{200c}' | '\u{200d}');
    let varies = matches!(before, '\u{fe00}'..='\u{fe0f}');
    let is_key = before.is_ascii_digit() || before == '#' || before == '*';
    match at(index) {
        '\u{200c}' | '\u{200d}' => !before.is_ascii() && !joins,
        '\u{fe0f}' if is_key => at(index + 1) == '\u{20e3}',
        '\u{fe00}'..='\u{fe0f}' => !before.is_ascii() && !joins && !varies,
        char => is_shown(char),
    }
}

/// Returns false for controls, line breaks, non-characters, characters that
/// change the text direction, and invisible characters.
fn is_shown(char: char) -> bool {
    let code = u32::from(char);
    let breaks = [0x2028, 0x2029].contains(&code);
    let turns = [0x61c, 0x200e, 0x200f].contains(&code)
        || (0x202a..=0x202e).contains(&code)
        || (0x2066..=0x2069).contains(&code);
    let is_none = (0xfdd0..=0xfdef).contains(&code) || [0xfffe, 0xffff].contains(&(code & 0xffff));
    let hides = [0xad, 0x34f, 0x17b4, 0x17b5, 0x200b, 0x3164, 0xfeff, 0xffa0].contains(&code)
        || (0x115f..=0x1160).contains(&code)
        || (0x180b..=0x180f).contains(&code)
        || (0x2060..=0x206f).contains(&code)
        || (0xfff0..=0xfffb).contains(&code)
        || (0x1bca0..=0x1bca3).contains(&code)
        || (0x1d173..=0x1d17a).contains(&code)
        || code >> 12 == 0xe0;
    !char.is_control() && !breaks && !turns && !hides && !is_none
}

/// Escapes all characters but visible ASCII and inner spaces. `%` and the
/// characters in `named` are escaped too.
pub(crate) fn escaped(text: &str, named: &str) -> String {
    let last = text.len().wrapping_sub(1);
    let escape = |(at, byte): (usize, u8)| {
        let is_inner_space = byte == b' ' && at != 0 && at != last;
        let stays = (byte.is_ascii_graphic() || is_inner_space) && byte != b'%';
        if stays && !named.as_bytes().contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().enumerate().map(escape).collect()
}

pub(crate) fn unescaped(value: &[u8]) -> Result<String, Code> {
    let mut bytes = Vec::new();
    let mut rest = value.iter();
    while let Some(&byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next(), rest.next()].map(|digit| {
                    let digit = digit.copied().map(char::from);
                    digit.and_then(|digit| digit.to_digit(16))
                });
                let [Some(high), Some(low)] = digits else {
                    return Err("invalid_escape");
                };
                u8::try_from(high * 16 + low).expect("two digits")
            }
            b' '..=b'~' => byte,
            _ => return Err("invalid_character"),
        });
    }
    String::from_utf8(bytes).map_err(|_| "invalid_utf8")
}
