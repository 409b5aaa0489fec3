//! Headers that are nominated by `Connection`, which the next hop removes from a request
//! (RFC 9110, section 7.6.1). A sender that nominates one of ours could remove it.

use std::collections::HashSet;

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONNECTION, Entry},
};

/// Returns the nominated headers that are ours.
pub(crate) fn nominated(
    headers: &HeaderMap,
    is_ours: impl Fn(&HeaderName) -> bool,
) -> HashSet<HeaderName> {
    tokens(headers)
        .filter(|token| !is_usual(token))
        .filter_map(|token| HeaderName::from_bytes(token).ok())
        .filter(is_ours)
        .collect()
}

/// Removes the nominations of our headers, so that no hop removes them. Removes
/// `Connection` if no option is left.
pub(crate) fn unlist(headers: &mut HeaderMap, is_ours: impl Fn(&HeaderName) -> bool) {
    if !headers.contains_key(CONNECTION) {
        return;
    }
    let names_ours = |token: &&[u8]| {
        !is_usual(token) && HeaderName::from_bytes(token).is_ok_and(|name| is_ours(&name))
    };
    let count = tokens(headers).count();
    let rest: Vec<&[u8]> = tokens(headers).filter(|token| !names_ours(token)).collect();
    if rest.len() == count {
        return;
    }
    let rest = HeaderValue::from_bytes(&rest.join(&b", "[..]));
    match (rest, headers.try_entry(CONNECTION)) {
        (Ok(rest), Ok(Entry::Occupied(mut line))) if !rest.is_empty() => {
            line.insert(rest);
        }
        (_, Ok(Entry::Occupied(line))) => {
            line.remove_entry_mult();
        }
        _ => {}
    }
}

/// Returns an iterator over the connection options of all field lines.
fn tokens(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(|line| line.as_bytes().split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|token| !token.is_empty())
}

/// Returns true for the options of nearly every request, which nominate no header.
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
    fn left(lines: &[&'static [u8]], left: &[&str]) {
        let mut headers = HeaderMap::new();
        for line in lines {
            let line = HeaderValue::from_bytes(line).unwrap();
            headers.try_append(CONNECTION, line).unwrap();
        }
        unlist(&mut headers, |name| set().contains(name));
        let found: Vec<_> = headers.get_all(CONNECTION).iter().collect();
        assert_eq!(found, left, "{lines:?}");
    }

    #[test]
    fn takes_ours_back_and_leaves_the_rest() {
        left(&[b"close"], &["close"]);
        left(&[b"x-zoo-task-id"], &[]);
        left(&[b"keep-alive, X-Zoo-Task-ID"], &["keep-alive"]);
        left(&[b"close", b" ,x_zoo_task_id ,"], &["close"]);
        left(&[b"te", b"x-acme-new,te2"], &["te, te2"]);
        left(&[b"x-pochi-session-id,upgrade"], &["upgrade"]);
        // Nothing of ours, so the field lines are not even joined.
        left(&[b"te", b"x-other"], &["te", "x-other"]);
    }

    #[test]
    fn bears_what_is_no_token() {
        let mut headers = HeaderMap::new();
        let line = HeaderValue::from_bytes(b"\xff, two words, x-zoo-task-id").unwrap();
        headers.try_append(CONNECTION, line).unwrap();
        unlist(&mut headers, |name| set().contains(name));
        let left = headers.get(CONNECTION).map(HeaderValue::as_bytes);
        assert_eq!(left, Some(&b"\xff, two words"[..]));
    }
}
