//! Check that compared cases have the same result.

use std::cell::RefCell;

use benches::cases::{self, Inner, Request, fields::FIELDS, ours::KILO};
use http::HeaderMap;
use tower_metadata_headers::Metadata;

thread_local! {
    static SEEN: RefCell<Option<Request>> = const { RefCell::new(None) };
}

/// Returns the request that the inner service gets at the second call.
fn received(name: &str) -> Request {
    let mut cases = cases::all().into_iter();
    let case = cases
        .find(|case| case.name == name)
        .unwrap_or_else(|| panic!("{name}"));
    let mut make = case.make();
    let mut run = case.run(Inner(|request| SEEN.set(Some(request))));
    run(make());
    run(make());
    SEEN.take().unwrap()
}

/// Returns the headers that are not the SDK's, sorted.
fn own(headers: &HeaderMap) -> Vec<String> {
    let own = headers.iter().skip(16);
    let mut own: Vec<String> = own
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    own.sort();
    own
}

#[test]
fn every_case_of_writing_writes_the_same() {
    let names = cases::all().into_iter().map(|case| case.name);
    let mut compared = 0;
    for name in names {
        let (kind, _) = name.split_once(": ").unwrap();
        let n = match kind.rsplit(' ').next() {
            _ if kind.starts_with("request id") => continue,
            Some("4+1") => 5,
            Some(n) => match n.parse::<usize>() {
                Ok(n) => n,
                Err(_) => continue,
            },
            None => continue,
        };
        if !kind.starts_with("inject") && !kind.starts_with("path") {
            continue;
        }
        let request = received(&name);
        let lines = own(request.headers());
        if name.contains("OpenTelemetry") {
            let members = lines[0].strip_prefix("baggage: ").unwrap();
            assert_eq!(members.split(',').count(), n, "{name}");
        } else {
            let floor = received(&format!("inject {}: floor", n.max(1)));
            let floor = if n == 0 {
                Vec::new()
            } else {
                own(floor.headers())
            };
            assert_eq!(floor.len(), n);
            assert_eq!(lines, floor, "{name}");
        }
        assert_eq!(request.headers().len(), 16 + lines.len(), "{name}");
        compared += 1;
    }
    assert!(compared > 4 * 4, "{compared}");
}

#[test]
fn every_convention_reads_the_same() {
    for name in ["one convention", "all clients", "all known"] {
        let request = received(&format!("extract 5: ours, {name}"));
        let metadata = request.extensions().get::<Metadata>().unwrap();
        // The client is a field too, which is identified by the headers.
        assert_eq!(metadata.len(), KILO.len() + 1, "{name}");

        let request = received(&format!("extract 0: ours, {name}"));
        let metadata = request.extensions().get::<Metadata>().unwrap();
        assert_eq!(metadata.len(), 0, "{name}");
    }
}

#[test]
fn the_fields_have_different_headers() {
    let mut names = FIELDS.map(|(name, _)| name);
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
}
