//! Properties of a request that is forwarded in another convention.

use std::collections::BTreeSet;

use http::{HeaderMap, HeaderName};
use tower_metadata_headers::{Convention, Metadata, Rule, SessionId, WriteReport};

use super::session_headers::session_headers;
use crate::support::{targets, vectors::Read};

fn names(headers: &HeaderMap) -> BTreeSet<&str> {
    headers.keys().map(HeaderName::as_str).collect()
}

/// Returns the reason why a target does not accept a session.
pub(crate) fn why_not(
    target: &Convention,
    session: &SessionId,
) -> Option<(&'static str, &'static str)> {
    session_headers(target).into_iter().find_map(|(header, _)| {
        let bounds = targets::bounds(target.name(), header)?;
        Some((header, bounds.refuses(session.as_str())?))
    })
}

/// Asserts that the report has the reason why the session was not written.
pub(crate) fn says_why(pair: &str, written: &WriteReport<'_>, header: &str, reason: &str) {
    let faults = written.faults();
    let mut faults = faults.iter();
    let about = |name: &str| ["session-id", "conversation-id", "task-id"].contains(&name);
    assert!(
        faults.any(|fault| {
            fault.header_name().is_some_and(|name| name == header)
                && fault.field().is_some_and(|field| about(field.name()))
                && fault.reason().code() == reason
        }),
        "{pair}: {}",
        written.faults()
    );
}

/// Asserts that of the client's headers, only those that the target writes
/// remain.
pub(crate) fn leaves_only_the_targets(
    pair: &str,
    read: &Read,
    target: &Convention,
    metadata: &Metadata,
    headers: &HeaderMap,
) {
    let mut ours = HeaderMap::new();
    target.write(metadata, &mut ours);
    let stripped = read.stripped();
    let mut rest = stripped.clone();
    target.remove_from(&mut rest);
    for name in names(&stripped).difference(&names(&rest)) {
        let mut own = target.rules().flat_map(Rule::headers);
        assert!(own.any(|own| own == *name), "{pair}: {name} is gone");
    }
    let wanted: BTreeSet<&str> = names(&rest).union(&names(&ours)).copied().collect();
    assert_eq!(names(headers), wanted, "{pair}");
    for (name, value) in &rest {
        if name != "baggage" {
            assert_eq!(headers.get(name), Some(value), "{pair}: {name}");
        }
    }
    for (name, value) in &ours {
        assert_eq!(headers.get_all(name).iter().count(), 1, "{pair}: {name}");
        if name != "baggage" {
            assert_eq!(headers.get(name), Some(value), "{pair}: {name}");
        }
    }
    // Of baggage, the members of others and of the target remain.
    let members = |headers: &HeaderMap| -> BTreeSet<String> {
        let lines = headers.get_all("baggage").iter();
        lines
            .flat_map(|line| line.to_str().unwrap().split(','))
            .map(str::to_owned)
            .collect()
    };
    let wanted = &members(&rest) | &members(&ours);
    assert_eq!(members(headers), wanted, "{pair}");
}
