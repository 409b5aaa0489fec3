//! W3C Baggage (<https://www.w3.org/TR/baggage/>): a header that many share.
//! Members that are not ours are neither changed nor removed.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{Reason, field::percent};

const NAME: HeaderName = HeaderName::from_static("baggage");

/// What every platform must carry; more may be dropped on the way.
const MAX_LEN: usize = 8192;
const MAX_MEMBERS: usize = 64;

/// The values of the members with this key, still encoded and without their
/// properties.
pub(super) fn values<'h>(headers: &'h HeaderMap, key: &str) -> impl Iterator<Item = &'h [u8]> {
    members(headers).filter_map(move |member| {
        let (name, value) = split(member)?;
        (name == key.as_bytes()).then_some(value)
    })
}

/// Whether the baggage is within what every platform must carry.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Reason> {
    if len(headers) > MAX_LEN {
        return Err(Reason::TooLong { limit: MAX_LEN });
    }
    if members(headers).count() > MAX_MEMBERS {
        return Err(Reason::TooMany { limit: MAX_MEMBERS });
    }
    Ok(())
}

/// The text of a member's value.
pub(super) fn decode(value: &[u8]) -> Result<String, Reason> {
    percent::decode(value)
}

/// Removes the members with these keys; the header too, if none is left.
pub(super) fn remove(headers: &mut HeaderMap, keys: &[Cow<'static, str>]) {
    let ours = |member: &&[u8]| {
        split(member).is_some_and(|(name, _)| keys.iter().any(|key| key.as_bytes() == name))
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
    percent::encode(text, b" \",;\\", &mut value);
    line.extend_from_slice(key.as_bytes());
    line.push(b'=');
    line.extend_from_slice(value.as_bytes());
    if line.len() > MAX_LEN {
        return Err(Reason::TooLong { limit: MAX_LEN });
    }
    let mut line = HeaderValue::from_bytes(&line).map_err(|_| Reason::Refused)?;
    line.set_sensitive(sensitive || is_sensitive(headers));
    match headers.try_insert(NAME, line) {
        Ok(_) => Ok(()),
        Err(_) => Err(Reason::Full),
    }
}

/// Whether there is a member with this key.
pub(super) fn has(headers: &HeaderMap, key: &str) -> bool {
    values(headers, key).next().is_some()
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

/// A member's key and its value, without properties.
fn split(member: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = member.iter().position(|&byte| byte == b'=')?;
    let (key, value) = member.split_at_checked(at)?;
    let value = value.get(1..)?;
    let end = value.iter().position(|&byte| byte == b';');
    let value = end.and_then(|end| value.get(..end)).unwrap_or(value);
    Some((key.trim_ascii(), value.trim_ascii()))
}
