//! W3C Baggage (<https://www.w3.org/TR/baggage/>): a header that many share.
//! Members that are not ours are neither changed nor removed.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{Reason, field::percent};

const NAME: HeaderName = HeaderName::from_static("baggage");

/// Limits of what every platform must carry; more may be dropped on the way.
const MAX_LEN: usize = 8192;
const MAX_MEMBERS: usize = 64;

/// Members of baggage with one key.
pub(super) struct Found<'h> {
    /// The member's value, still encoded and without its properties.
    pub(super) value: Option<Result<&'h [u8], Reason>>,
    /// True if a member has the key in another spelling.
    pub(super) has_look_alike: bool,
}

/// Returns what baggage has under a key.
pub(super) fn find<'h>(headers: &'h HeaderMap, key: &str) -> Found<'h> {
    let mut found = Found {
        value: None,
        has_look_alike: false,
    };
    for member in members(headers) {
        match compare(member, key) {
            Match::None => {}
            Match::LookAlike => found.has_look_alike = true,
            Match::Exact(value) if found.value.is_none() => found.value = Some(Ok(value)),
            Match::Exact(_) => found.value = Some(Err(Reason::RepeatedMember)),
        }
    }
    found
}

/// Returns true if the baggage is within what every platform must carry.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Reason> {
    if len(headers) > MAX_LEN {
        return Err(Reason::TooLong { limit: MAX_LEN });
    }
    if members(headers).count() > MAX_MEMBERS {
        return Err(Reason::TooMany { limit: MAX_MEMBERS });
    }
    Ok(())
}

/// Returns the text of a member's value.
pub(super) fn decode(value: &[u8]) -> Result<String, Reason> {
    percent::decode(value)
}

/// Removes the members with these keys, in any spelling; the header too, if none
/// is left.
pub(super) fn remove(headers: &mut HeaderMap, keys: &[Cow<'static, str>]) {
    let ours = |member: &&[u8]| {
        let mut keys = keys.iter();
        keys.any(|key| !matches!(compare(member, key), Match::None))
    };
    if !members(headers).any(|member| ours(&member)) {
        return;
    }
    let rest: Vec<&[u8]> = members(headers).filter(|member| !ours(member)).collect();
    let rest = HeaderValue::from_bytes(&rest.join(&b','));
    let sensitive = is_sensitive(headers);
    headers.remove(NAME);
    if let Ok(mut rest) = rest
        && !rest.is_empty()
    {
        rest.set_sensitive(sensitive);
        // There is room: a line was just removed.
        let _ = headers.try_insert(NAME, rest);
    }
}

/// Adds a member.
pub(super) fn add(
    headers: &mut HeaderMap,
    key: &str,
    text: &str,
    sensitive: bool,
) -> Result<(), Reason> {
    let mut line = Vec::with_capacity(len(headers) + key.len() + text.len() + 2);
    for member in members(headers) {
        line.extend_from_slice(member);
        line.push(b',');
    }
    if members(headers).count() >= MAX_MEMBERS {
        return Err(Reason::TooMany { limit: MAX_MEMBERS });
    }
    let mut value = String::new();
    // The standard lets `=` and `+` stand as they are. OpenTelemetry for Rust cuts
    // a value at the one, and Python's reads the other as a space.
    percent::encode(text, b" \",;\\=+", &mut value);
    line.extend_from_slice(key.as_bytes());
    line.push(b'=');
    line.extend_from_slice(value.as_bytes());
    if line.len() > MAX_LEN {
        return Err(Reason::TooLong { limit: MAX_LEN });
    }
    let mut line = HeaderValue::from_bytes(&line).map_err(|_| Reason::InvalidField)?;
    line.set_sensitive(sensitive || is_sensitive(headers));
    match headers.try_insert(NAME, line) {
        Ok(_) => Ok(()),
        Err(_) => Err(Reason::HeaderMapFull),
    }
}

/// Returns true if there is a member with this key, in any spelling.
pub(super) fn has(headers: &HeaderMap, key: &str) -> bool {
    let mut members = members(headers);
    members.any(|member| !matches!(compare(member, key), Match::None))
}

fn is_sensitive(headers: &HeaderMap) -> bool {
    headers.get_all(NAME).iter().any(HeaderValue::is_sensitive)
}

fn len(headers: &HeaderMap) -> usize {
    let lines = headers.get_all(NAME).iter();
    lines
        .map(|line| line.len() + 1)
        .sum::<usize>()
        .saturating_sub(1)
}

/// Each member, with its properties, over all lines.
fn members(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers
        .get_all(NAME)
        .iter()
        .flat_map(|line| line.as_bytes().split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|member| !member.is_empty())
}

/// Comparison of a member's key with one of ours.
enum Match<'m> {
    None,
    /// The key in another spelling, which other readers take for it.
    LookAlike,
    /// The key, byte by byte, with the member's value.
    Exact(&'m [u8]),
}

fn compare<'m>(member: &'m [u8], key: &str) -> Match<'m> {
    let key = key.as_bytes();
    let at = member.iter().position(|&byte| byte == b'=');
    let Some((name, [_, value @ ..])) = at.and_then(|at| member.split_at_checked(at)) else {
        return Match::None;
    };
    let name = name.trim_ascii();
    if name == key {
        let end = value.iter().position(|&byte| byte == b';');
        let value = end.and_then(|end| value.get(..end)).unwrap_or(value);
        return Match::Exact(value.trim_ascii());
    }
    // Most keys read the same to everyone, and need no decoding.
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'%' | b'+');
    if name.len() >= key.len() && !name.iter().all(is_plain) && normalized(name) == key {
        return Match::LookAlike;
    }
    Match::None
}

/// Returns a key as the most lenient reader takes it: percent-decoded, with `+`
/// for a space, and without what any of them trims. Readers of Latin-1 trim 0xA0
/// and 0x85, and those of UTF-8 still more.
fn normalized(key: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(key.len());
    let mut rest = key;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        decoded.push(match (byte, percent::escaped_byte(tail)) {
            (b'%', Some((byte, tail))) => {
                rest = tail;
                byte
            }
            (b'+', _) => b' ',
            _ => *byte,
        });
    }
    let is_kept = |byte: &u8| byte.is_ascii_graphic();
    let start = decoded.iter().position(is_kept).unwrap_or(decoded.len());
    let end = decoded.iter().rposition(is_kept).map_or(start, |at| at + 1);
    decoded.get(start..end).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is_look_alike(member: &[u8], expected: bool) {
        let found = matches!(compare(member, "user.id"), Match::LookAlike);
        assert_eq!(found, expected, "{}", member.escape_ascii());
    }

    #[test]
    fn key_that_another_reader_takes_for_ours_is_a_look_alike() {
        for member in [
            &b"user%2Eid=forged"[..],
            b"user%2eid=forged",
            b"%75ser.id=forged",
            b"%20user.id%20=forged",
            b"+user.id=forged",
            b"\xa0user.id=forged",
            b"user.id\x85=forged",
            b"\xc2\xa0user.id\xe2\x80\x83=forged",
            b"user.id%C2%A0=forged",
        ] {
            is_look_alike(member, true);
        }
        for member in [
            &b"user.id=ours"[..],
            b" user.id\t= ours",
            b"user.ids=theirs",
            b"user%2Fid=theirs",
            b"user%2=theirs",
            b"a.user.id=theirs",
            b"user.id",
            b"user.id;a=theirs",
            b"",
            b"%",
        ] {
            is_look_alike(member, false);
        }
    }
}
