//! Headers that are nominated by `Connection`. The next hop removes them from a request
//! (RFC 9110, section 7.6.1), so an attacker could nominate our headers to suppress them.

use std::collections::HashSet;

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONNECTION, Entry},
};

/// Returns our headers that are nominated by `Connection`.
pub(crate) fn nominated(
    headers: &HeaderMap,
    is_ours: impl Fn(&HeaderName) -> bool,
) -> HashSet<HeaderName> {
    tokens(headers)
        .filter(|token| !is_usual(token))
        // A token that is not a header name nominates no header.
        .filter_map(|token| HeaderName::from_bytes(token).ok())
        .filter(is_ours)
        .collect()
}

/// Removes our headers from `Connection`, so that the next hop does not remove them.
/// Removes `Connection` too, if no token is left.
pub(crate) fn unlist(headers: &mut HeaderMap, is_ours: impl Fn(&HeaderName) -> bool) {
    if !headers.contains_key(CONNECTION) {
        return;
    }
    let nominates_ours = |token: &&[u8]| {
        !is_usual(token) && HeaderName::from_bytes(token).is_ok_and(|name| is_ours(&name))
    };
    let count = tokens(headers).count();
    let others: Vec<&[u8]> = tokens(headers)
        .filter(|token| !nominates_ours(token))
        .collect();
    if others.len() == count {
        return;
    }
    let others = HeaderValue::from_bytes(&others.join(&b", "[..]));
    debug_assert!(others.is_ok(), "the bytes are from valid values");
    match (others, headers.try_entry(CONNECTION)) {
        (Ok(others), Ok(Entry::Occupied(mut line))) if !others.is_empty() => {
            line.insert(others);
        }
        (_, Ok(Entry::Occupied(line))) => {
            line.remove_entry_mult();
        }
        // The header exists, so this is a full map. No header can be written to it, and
        // the write reports that.
        _ => {}
    }
}

/// Returns an iterator over the tokens of all field lines of `Connection`.
fn tokens(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(|line| line.as_bytes().split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|token| !token.is_empty())
}

/// Returns true for the tokens of most requests, which nominate no header and so need no
/// parsing.
fn is_usual(token: &[u8]) -> bool {
    token.eq_ignore_ascii_case(b"keep-alive") || token.eq_ignore_ascii_case(b"close")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header_set::{HeaderSet, vendors::VendorPattern};

    fn set() -> HeaderSet<(), ()> {
        HeaderSet::new(
            vec![("x-zoo-task-id".into(), ())],
            vec![("x-acme-".into(), ())],
            vec![VendorPattern::AGENTS],
            Vec::new(),
        )
    }

    #[track_caller]
    fn assert_unlisted(lines: &[&'static [u8]], expected: &[&str]) {
        let mut headers = HeaderMap::new();
        for line in lines {
            let line = HeaderValue::from_bytes(line).unwrap();
            headers.try_append(CONNECTION, line).unwrap();
        }
        unlist(&mut headers, |name| set().contains(name));
        let unlisted: Vec<_> = headers.get_all(CONNECTION).iter().collect();
        assert_eq!(unlisted, expected, "{lines:?}");
    }

    #[test]
    fn unlist_removes_our_headers_and_keeps_other_tokens() {
        assert_unlisted(&[b"close"], &["close"]);
        assert_unlisted(&[b"x-zoo-task-id"], &[]);
        assert_unlisted(&[b"keep-alive, X-Zoo-Task-ID"], &["keep-alive"]);
        assert_unlisted(&[b"close", b" ,x_zoo_task_id ,"], &["close"]);
        assert_unlisted(&[b"te", b"x-acme-new,te2"], &["te, te2"]);
        assert_unlisted(&[b"x-pochi-session-id,upgrade"], &["upgrade"]);
        // If no header is ours, the field lines are not even joined.
        assert_unlisted(&[b"te", b"x-other"], &["te", "x-other"]);
    }

    #[test]
    fn unlist_keeps_invalid_tokens() {
        let mut headers = HeaderMap::new();
        let line = HeaderValue::from_bytes(b"\xff, two words, x-zoo-task-id").unwrap();
        headers.try_append(CONNECTION, line).unwrap();
        unlist(&mut headers, |name| set().contains(name));
        let unlisted = headers.get(CONNECTION).map(HeaderValue::as_bytes);
        assert_eq!(unlisted, Some(&b"\xff, two words"[..]));
    }
}
