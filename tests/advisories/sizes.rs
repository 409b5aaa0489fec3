//! Baggage that is expensive to read.

use axum::{Router, extract::Request};
use http::HeaderMap;
use tower_metadata_headers::{Fault, Faults, MetadataHeadersLayer, Reason, conventions};

use crate::support::{ask, field};

/// Returns the number of members that a reader with a limit for each line or
/// member parses.
fn parsed(headers: &HeaderMap, is_fine: impl Fn(&str) -> bool) -> usize {
    let lines = headers.get_all("baggage").iter();
    let lines = lines.map(|line| line.to_str().unwrap());
    let members = lines
        .filter(|line| is_fine(line))
        .flat_map(|line| line.split(','));
    members.count()
}

/// Returns an app that responds with the session and the faults.
fn ours() -> Router {
    Router::new()
        .fallback(async |request: Request| {
            let faults = request.extensions().get::<Faults>().cloned();
            let faults = faults.unwrap_or_default();
            let reasons: Vec<Reason> = faults.iter().map(Fault::reason).collect();
            format!("{} {reasons:?}", field(&request, "session-id"))
        })
        .layer(MetadataHeadersLayer::extract(conventions::clients()))
}

const MEMBER: &str = "session.id=ses_1";

/// OpenTelemetry for Go limited each line of baggage, and not their sum
/// (CVE-2026-29181, GHSA-mh2q-q3fh-2475).
#[tokio::test]
async fn cve_2026_29181_many_lines_of_baggage_have_one_limit() {
    let line = format!("{MEMBER}{}", ",a=b".repeat(900));
    let sent = [("baggage", line.as_str()); 3];
    let naive = Router::new().fallback(async |request: Request| {
        parsed(request.headers(), |line| line.len() <= 8192).to_string()
    });
    assert_eq!(ask(naive, &sent).await, "2703");
    let refused = "none [TooLong { limit: 8192 }]";
    assert_eq!(ask(ours(), &sent).await, refused);

    // The number of members has a limit too.
    let lines = [MEMBER].into_iter().chain(["a=b"; 64]);
    let many: Vec<_> = lines.map(|line| ("baggage", line)).collect();
    assert_eq!(ask(ours(), &many).await, "none [TooMany { limit: 64 }]");
    assert_eq!(ask(ours(), &many[..64]).await, "ses_1 []", "control");
}

/// The fix of CVE-2026-29181 limited the number of members, and no longer the
/// bytes of a line (CVE-2026-41178, GHSA-5wrp-cwcj-q835).
#[tokio::test]
async fn cve_2026_41178_one_line_of_baggage_has_a_limit_too() {
    let long = |len: usize| format!("{MEMBER},a={}", "b".repeat(len - MEMBER.len() - 3));
    let naive = Router::new().fallback(async |request: Request| {
        let few = |line: &str| line.split(',').count() <= 64;
        parsed(request.headers(), few).to_string()
    });
    assert_eq!(ask(naive, &[("baggage", &long(12_000))]).await, "2");

    for (len, read) in [
        (8_192, "ses_1 []"),
        (8_193, "none [TooLong { limit: 8192 }]"),
        (12_000, "none [TooLong { limit: 8192 }]"),
    ] {
        assert_eq!(ask(ours(), &[("baggage", &long(len))]).await, read);
    }
}
