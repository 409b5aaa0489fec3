//! A client's header that remains if the gateway has no value to write.

use std::collections::BTreeSet;

use axum::{Extension, Router};
use http::HeaderMap;
use tower_metadata_headers::{Convention, MetadataHeadersLayer, conventions};

use crate::{
    common::{NONE, session, zoo},
    support::{bare, edit, forwarded, nothing, set, with},
};

/// Returns the names that a convention writes, without those that other
/// conventions share.
fn names(convention: &Convention) -> BTreeSet<String> {
    let names = convention.writes().map(|(name, _)| name.to_owned());
    names.filter(|name| name != "baggage").collect()
}

fn spoofs(names: &BTreeSet<String>) -> Vec<(&str, &str)> {
    names.iter().map(|name| (name.as_str(), "forged")).collect()
}

fn all_arrive(names: &BTreeSet<String>) -> Vec<String> {
    names.iter().map(|name| format!("{name}: forged")).collect()
}

/// Caddy's `forward_auth` set a header only if the authentication's response
/// had it, and otherwise left the client's header (GHSA-7r4p-vjf4-gxv4).
#[tokio::test]
async fn ghsa_7r4p_vjf4_gxv4_forged_header_is_removed_without_a_value_to_write() {
    let names = names(&zoo());
    let copy = edit(|headers: &mut HeaderMap| set(headers, "x-zoo-session-id", "ses_1"));
    let mut left = all_arrive(&names);
    left.retain(|line| !line.starts_with("x-zoo-session-id"));
    left.push("x-zoo-session-id: ses_1".into());
    left.sort();
    assert!(left.contains(&"x-zoo-user-id: forged".to_owned()));
    assert_eq!(forwarded(copy, bare, &spoofs(&names)).await, left);

    let inject = |version| with(MetadataHeadersLayer::inject(zoo()), version);
    let known = |routes: Router| routes.layer(Extension(session("ses_1")));
    assert_eq!(
        forwarded(known, inject, &spoofs(&names)).await,
        ["x-zoo-session-id: ses_1"],
    );
    assert_eq!(forwarded(nothing, inject, &spoofs(&names)).await, NONE);
}

/// A test of Linkerd spoofs one header and checks another, so since a rename it
/// can't fail (linkerd2-proxy, `identity_header_stripping`). Here every name is
/// from the convention, and a control shows that every spoofed header arrives.
#[tokio::test]
async fn linkerd_identity_header_stripping_every_written_name_is_removed() {
    // Removes the names of a list from before a rename.
    let outdated = edit(|headers: &mut HeaderMap| {
        headers.remove("x-zoo-client-id");
    });
    let identity = [("x-zoo-user-id", "forged")];
    let arrives = ["x-zoo-user-id: forged"];
    assert_eq!(forwarded(outdated, bare, &identity).await, arrives);

    let mut count = 0;
    for convention in conventions::all().chain([zoo()]) {
        let names = names(&convention);
        let arrived = forwarded(nothing, bare, &spoofs(&names)).await;
        assert_eq!(arrived, all_arrive(&names), "control");

        let inject = |version| with(MetadataHeadersLayer::inject(convention.clone()), version);
        let arrived = forwarded(nothing, inject, &spoofs(&names)).await;
        assert_eq!(arrived, NONE, "{}", convention.name());
        count += names.len();
    }
    assert!(count > 100, "only {count} names");
}
