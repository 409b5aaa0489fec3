//! Checks of the names, parts and limits in a convention.

use std::borrow::Cow;

use http::HeaderName;

use super::{
    InvalidConvention, InvalidConventionKind, Rule, Subject,
    reserved::{self, Reserved},
};
use crate::{
    encoding::Encoding,
    field::{check_key, is_words},
    limits::ValueLimits,
};

/// Maximum length of a header's name, in bytes.
pub(crate) const MAX_HEADER_LEN: usize = 160;

/// Returns true if two rules may have the same name or look-alikes: the names of one rule,
/// two members of one object, a name that one rule only reads and the other only writes, or a
/// name that the earlier rule reads in some requests only.
pub(crate) fn may_share(one: &Rule, other: &Rule, is_same_name: bool) -> bool {
    let only_reads = |rule: &Rule| rule.read && !rule.written;
    let only_writes = |rule: &Rule| rule.written && !rule.read;
    let conditions = |rule: &Rule| (rule.agents.clone(), rule.only_with.clone());
    match (&one.encoding, &other.encoding) {
        #[cfg(feature = "json")]
        (Encoding::JsonObject(member), Encoding::JsonObject(other_member)) => {
            one.header == other.header && member != other_member
        }
        (Encoding::Baggage(key), Encoding::Baggage(other_key)) => key != other_key,
        (
            Encoding::Plain(()) | Encoding::Literal(()),
            Encoding::Plain(()) | Encoding::Literal(()),
        ) if is_same_name
            && ((only_reads(one) && only_writes(other))
                || (only_writes(one) && only_reads(other))) =>
        {
            true
        }
        (
            Encoding::Plain(()) | Encoding::Literal(()),
            Encoding::Plain(()) | Encoding::Literal(()),
        ) if one.read
            && other.read
            && !(one.written && other.written)
            && one.is_conditional()
            && conditions(one) != conditions(other) =>
        {
            true
        }
        _ => std::ptr::eq(one, other),
    }
}

pub(crate) fn checked_name(name: &str) -> Result<Cow<'static, str>, InvalidConvention> {
    words(Subject::Name, name, 64)
}

/// Checks a name of words joined by hyphens, and converts it to lower case.
pub(crate) fn words(
    subject: Subject,
    name: &str,
    limit: usize,
) -> Result<Cow<'static, str>, InvalidConvention> {
    let lower = name.to_ascii_lowercase();
    let kind = if lower.is_empty() {
        InvalidConventionKind::Empty
    } else if lower.len() > limit {
        InvalidConventionKind::TooLong { limit }
    } else if !is_words(lower.as_bytes()) {
        InvalidConventionKind::InvalidWords
    } else {
        return Ok(lower.into());
    };
    Err(InvalidConvention::new(subject, name, kind))
}

/// Checks the header names of a rule, and converts them to lower case.
///
/// A rule with a header by which proxies assert identity becomes identity.
pub(crate) fn check_names(rule: &mut Rule) -> Result<(), InvalidConvention> {
    let invalid = |name: &str, kind| InvalidConvention::new(Subject::Header, name, kind);
    if rule.encoding.is_shared() {
        // A standard defines the header, which has no other name.
        let alias = rule.aliases.first();
        return alias.map_or(Ok(()), |alias| {
            Err(invalid(alias, InvalidConventionKind::Alias))
        });
    }
    let header = std::mem::take(&mut rule.header);
    rule.header = if rule.written {
        written_name(header)?
    } else {
        token(header)?
    };
    for name in rule.aliases.iter_mut().chain(&mut rule.only_with) {
        *name = token(std::mem::take(name))?;
    }
    let mut asserts_identity = false;
    for (index, name) in rule.names().enumerate() {
        let is_asserted = rule.asserts_identity && index == 0;
        let kind = match Reserved::of(name) {
            None => continue,
            Some(Reserved::Unwritten) if !rule.written => continue,
            Some(Reserved::Identity) if !rule.written || is_asserted => {
                asserts_identity = true;
                continue;
            }
            Some(Reserved::Never) => InvalidConventionKind::Reserved,
            Some(Reserved::Unwritten) => InvalidConventionKind::ReservedForReading,
            Some(Reserved::Identity) => InvalidConventionKind::AssertsIdentity,
        };
        return Err(invalid(name, kind));
    }
    rule.identity |= asserts_identity;
    Ok(())
}

/// Checks the name of a header that is written without a rule, and converts it to lower case.
pub(crate) fn unreserved_name(
    name: Cow<'static, str>,
) -> Result<Cow<'static, str>, InvalidConvention> {
    let name = written_name(name)?;
    if Reserved::of(&name).is_some() {
        let kind = InvalidConventionKind::ReservedForReading;
        return Err(InvalidConvention::new(Subject::Header, &name, kind));
    }
    Ok(name)
}

/// Checks a header's name without a rule, and converts it to lower case.
pub(crate) fn owned_name(name: Cow<'static, str>) -> Result<Cow<'static, str>, InvalidConvention> {
    let name = token(name)?;
    // Without such a header, a request would be broken, or without its credentials.
    if Reserved::of(&name) == Some(Reserved::Never) {
        let kind = InvalidConventionKind::Reserved;
        return Err(InvalidConvention::new(Subject::Header, &name, kind));
    }
    Ok(name)
}

fn written_name(name: Cow<'static, str>) -> Result<Cow<'static, str>, InvalidConvention> {
    if is_words(name.as_bytes()) {
        return token(name);
    }
    token(words(Subject::Header, &name, MAX_HEADER_LEN)?)
}

/// Checks a header's name, and converts it to lower case. A static name in lower case stays
/// static, so that a clone of it does not allocate.
fn token(name: Cow<'static, str>) -> Result<Cow<'static, str>, InvalidConvention> {
    let kind = if name.is_empty() {
        InvalidConventionKind::Empty
    } else if name.len() > MAX_HEADER_LEN {
        InvalidConventionKind::TooLong {
            limit: MAX_HEADER_LEN,
        }
    } else {
        match HeaderName::from_bytes(name.as_bytes()) {
            Err(_) => InvalidConventionKind::InvalidHeaderName,
            Ok(parsed) if parsed.as_str() == name => return Ok(name),
            Ok(parsed) => return Ok(parsed.as_str().to_owned().into()),
        }
    };
    Err(InvalidConvention::new(Subject::Header, &name, kind))
}

pub(crate) fn checked_prefix(prefix: &str) -> Result<Cow<'static, str>, InvalidConvention> {
    let Some(name) = prefix.strip_suffix('-') else {
        let kind = InvalidConventionKind::InvalidPrefix;
        return Err(InvalidConvention::new(Subject::Prefix, prefix, kind));
    };
    let name = words(Subject::Prefix, name, MAX_HEADER_LEN)?;
    // A single word such as `x-` would match the headers of other owners.
    if !name.contains('-') || reserved::has_reserved(&format!("{name}-")) {
        let kind = InvalidConventionKind::Reserved;
        return Err(InvalidConvention::new(Subject::Prefix, prefix, kind));
    }
    Ok(format!("{name}-").into())
}

/// Checks the name of a field inside a header's value.
pub(crate) fn check_member(rule: &Rule) -> Result<(), InvalidConvention> {
    let Some(name) = rule.member_name() else {
        return Ok(());
    };
    let is_token = || HeaderName::from_bytes(name.as_bytes()).is_ok();
    let kind = if name.is_empty() {
        InvalidConventionKind::Empty
    } else if name.len() > 64 {
        InvalidConventionKind::TooLong { limit: 64 }
    } else if matches!(rule.encoding, Encoding::Property(_)) && check_key(name).is_err() {
        InvalidConventionKind::InvalidPropertyKey
    } else if matches!(rule.encoding, Encoding::Baggage(_)) && !is_token() {
        InvalidConventionKind::InvalidHeaderName
    } else {
        return Ok(());
    };
    Err(InvalidConvention::new(Subject::Member, name, kind))
}

/// Checks that the limits on a header's values accept some value.
pub(crate) fn check_limits(header: &str, limits: ValueLimits) -> Result<(), InvalidConvention> {
    if limits.accept_some_length() {
        return Ok(());
    }
    let kind = InvalidConventionKind::ValueLimits;
    Err(InvalidConvention::new(Subject::Header, header, kind))
}

/// Checks prefixes of `User-Agent`.
pub(crate) fn check_user_agents(
    prefixes: &[Cow<'static, str>],
    min: usize,
) -> Result<(), InvalidConvention> {
    for prefix in prefixes {
        let kind = if prefix.len() < min {
            InvalidConventionKind::TooShort { limit: min }
        } else if prefix.len() > MAX_HEADER_LEN {
            InvalidConventionKind::TooLong {
                limit: MAX_HEADER_LEN,
            }
        } else if !prefix.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            InvalidConventionKind::InvalidUserAgent
        } else {
            continue;
        };
        return Err(InvalidConvention::new(Subject::UserAgent, prefix, kind));
    }
    Ok(())
}

/// Returns the name as a `HeaderName`. A static name stays static, so that a clone of it
/// does not touch a reference count, for which the requests of all threads would contend.
/// Any other name is freed with its owner.
#[expect(clippy::ptr_arg, reason = "only a `Cow` shows if the name is static")]
pub(crate) fn header_name(name: &Cow<'static, str>) -> Result<HeaderName, InvalidConvention> {
    let Ok(parsed) = HeaderName::from_bytes(name.as_bytes()) else {
        let kind = InvalidConventionKind::InvalidHeaderName;
        return Err(InvalidConvention::new(Subject::Header, name, kind));
    };
    Ok(match name {
        Cow::Borrowed(text) if parsed.as_str() == *text => HeaderName::from_static(text),
        _ => parsed,
    })
}
