//! W3C Baggage (<https://www.w3.org/TR/baggage/>), a header that other software uses too.
//! Members that are not ours are neither changed nor removed.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Found, PartText, Parts, percent};
use crate::Reason;

pub(crate) const NAME: HeaderName = HeaderName::from_static("baggage");

/// Limits up to which the standard requires every platform to propagate baggage. Baggage
/// beyond them may be dropped on the way.
const MAX_LEN: usize = 8192;
const MAX_MEMBERS: usize = 64;

/// Returns the member of each part, in one pass over all members.
pub(crate) fn members<'h, T>(
    headers: &'h HeaderMap,
    parts: &Parts<T>,
) -> Result<Vec<Found<'h>>, Reason> {
    check(headers)?;
    let mut found: Vec<Found<'h>> = parts.named.iter().map(|_| Found::default()).collect();
    // A member without a value is not valid, and is ignored.
    for member in raw_members(headers).filter_map(Member::parse) {
        for (part, found) in parts.named.iter().zip(&mut found) {
            match member.compare(&part.name) {
                Match::None => {}
                Match::LookAlike => found.has_look_alike = true,
                Match::Exact if found.text.is_none() => found.text = Some(member.text()),
                Match::Exact => found.text = Some(Err(Reason::RepeatedMember)),
            }
        }
    }
    Ok(found)
}

/// Checks that the baggage is within the limits.
fn check(headers: &HeaderMap) -> Result<(), Reason> {
    if len(headers) > MAX_LEN {
        return Err(Reason::TooLong { limit: MAX_LEN });
    }
    if raw_members(headers).count() > MAX_MEMBERS {
        return Err(Reason::TooMany { limit: MAX_MEMBERS });
    }
    Ok(())
}

/// Removes the members with these keys, look-alikes included. Removes the header if no
/// member is left.
pub(crate) fn remove(headers: &mut HeaderMap, keys: &[Cow<'static, str>]) {
    let is_ours = |member: &&[u8]| keys.iter().any(|key| has_key(member, key));
    if !raw_members(headers).any(|member| is_ours(&member)) {
        return;
    }
    let others: Vec<&[u8]> = raw_members(headers)
        .filter(|member| !is_ours(member))
        .collect();
    let others = HeaderValue::from_bytes(&others.join(&b','));
    debug_assert!(others.is_ok(), "the bytes are from valid values");
    let sensitive = is_sensitive(headers);
    headers.remove(NAME);
    if let Ok(mut others) = others
        && !others.is_empty()
    {
        others.set_sensitive(sensitive);
        // This cannot fail: removing the header has left room for it.
        let _ = headers.try_insert(NAME, others);
    }
}

/// Adds a member, and joins all field lines to one.
pub(crate) fn add(
    headers: &mut HeaderMap,
    key: &str,
    text: &str,
    sensitive: bool,
) -> Result<(), Reason> {
    let mut line = Vec::with_capacity(len(headers) + key.len() + text.len() + 2);
    for member in raw_members(headers) {
        line.extend_from_slice(member);
        line.push(b',');
    }
    if raw_members(headers).count() >= MAX_MEMBERS {
        return Err(Reason::TooMany { limit: MAX_MEMBERS });
    }
    let mut value = String::new();
    // The standard allows `=` and `+` in a value. But OpenTelemetry for Rust cuts a value
    // at `=`, and OpenTelemetry for Python reads `+` as a space.
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

/// Returns true if a member has this key or a look-alike of it.
pub(crate) fn has(headers: &HeaderMap, key: &str) -> bool {
    raw_members(headers).any(|member| has_key(member, key))
}

fn is_sensitive(headers: &HeaderMap) -> bool {
    headers.get_all(NAME).iter().any(HeaderValue::is_sensitive)
}

/// Returns the length of all field lines, joined by commas.
fn len(headers: &HeaderMap) -> usize {
    headers
        .get_all(NAME)
        .iter()
        .map(|line| line.len() + 1)
        .sum::<usize>()
        .saturating_sub(1)
}

/// Returns an iterator over the members of all field lines, each with its properties.
fn raw_members(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers
        .get_all(NAME)
        .iter()
        .flat_map(|line| line.as_bytes().split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|member| !member.is_empty())
}

/// Member of baggage, split at its first `=`.
struct Member<'m> {
    key: &'m [u8],
    /// The value, percent-encoded and without properties.
    value: &'m [u8],
}

/// Match of a member's key with one of ours.
enum Match {
    None,
    /// Other bytes, which other readers decode to our key.
    LookAlike,
    /// The same bytes.
    Exact,
}

impl<'m> Member<'m> {
    /// Parses a member. Returns `None` if it has no value.
    fn parse(member: &'m [u8]) -> Option<Self> {
        let at = member.iter().position(|&byte| byte == b'=')?;
        let (key, [_, value @ ..]) = member.split_at_checked(at)? else {
            return None;
        };
        let end = value.iter().position(|&byte| byte == b';');
        // A value without properties has no `;`, and is taken whole.
        let value = end.and_then(|end| value.get(..end)).unwrap_or(value);
        Some(Self {
            key: key.trim_ascii(),
            value: value.trim_ascii(),
        })
    }

    fn compare(&self, key: &str) -> Match {
        let key = key.as_bytes();
        if self.key == key {
            return Match::Exact;
        }
        // Every reader decodes these bytes to themselves. Most keys have no others, so
        // they are not decoded here.
        let is_plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'%' | b'+');
        let is_look_alike = self.key.len() >= key.len()
            && !self.key.iter().all(is_plain)
            && normalize(self.key) == key;
        if is_look_alike {
            Match::LookAlike
        } else {
            Match::None
        }
    }

    fn text(&self) -> Result<PartText<'m>, Reason> {
        Ok(PartText {
            text: percent::decode(self.value)?,
            percent_encoded: Some(self.value),
        })
    }
}

/// Returns true if a member has this key or a look-alike of it.
fn has_key(member: &[u8], key: &str) -> bool {
    Member::parse(member).is_some_and(|member| !matches!(member.compare(key), Match::None))
}

/// Returns a key as the most lenient reader decodes it: percent-decoded, with `+` as a
/// space, and trimmed of all bytes that some reader trims. A reader of Latin-1 trims 0xA0
/// and 0x85, and a reader of UTF-8 trims even more.
fn normalize(key: &[u8]) -> Vec<u8> {
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
    // If every byte is trimmed, the key is empty.
    let is_kept = |byte: &u8| byte.is_ascii_graphic();
    let start = decoded.iter().position(is_kept).unwrap_or(decoded.len());
    let end = decoded.iter().rposition(is_kept).map_or(start, |at| at + 1);
    // `start <= end <= decoded.len()`, so the range exists.
    decoded.get(start..end).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_look_alike(member: &[u8], expected: bool) {
        let is_look_alike = Member::parse(member)
            .is_some_and(|member| matches!(member.compare("user.id"), Match::LookAlike));
        assert_eq!(is_look_alike, expected, "{}", member.escape_ascii());
    }

    #[test]
    fn key_that_another_reader_decodes_to_ours_is_a_look_alike() {
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
            assert_look_alike(member, true);
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
            assert_look_alike(member, false);
        }
    }
}
