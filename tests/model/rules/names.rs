//! Classification of header names by a set of conventions.

use super::{
    Line,
    config::{Convention, Rule},
    items,
};

#[derive(Debug)]
pub(crate) enum Name<'c> {
    /// The exact name of a rule. The number is its position among all names.
    Rule(usize, &'c Rule),
    /// A name that differs from a rule's name in separators only.
    LookAlike(usize, &'c Rule),
    /// A name that differs from an owned prefix or a vendor's name in
    /// separators only.
    LookAlikeOfMany,
    /// A name with an owned prefix that is not a rule's name.
    Family,
    /// `x-<vendor>-session-id`.
    Vendor(&'c str),
    /// Any other name.
    Other,
}

/// Classifies a lower-case name by the rules that match.
pub(crate) fn what<'c>(
    conventions: &'c [Convention],
    counts: fn(&Rule) -> bool,
    name: &'c str,
) -> Name<'c> {
    let rules = conventions.iter().flat_map(|convention| &convention.rules);
    let names = rules.flat_map(|rule| rule.names.iter().map(move |known| (known, rule)));
    let mut names = names.enumerate().filter(|(_, (_, rule))| counts(rule));
    if let Some((at, (_, rule))) = names.clone().find(|(_, (known, _))| *known == name) {
        return Name::Rule(at, rule);
    }
    if let Some((at, (_, rule))) = names.find(|(_, (known, _))| alike(known, name)) {
        return Name::LookAlike(at, rule);
    }
    let session = match conventions.iter().any(|convention| convention.any_vendor) {
        true => vendor(name),
        false => Name::Other,
    };
    if matches!(session, Name::Vendor(_)) {
        return session;
    }
    for family in conventions
        .iter()
        .flat_map(|convention| &convention.families)
    {
        if name.starts_with(family) {
            return Name::Family;
        }
        if name
            .get(..family.len())
            .is_some_and(|start| alike(start, family))
        {
            return Name::LookAlikeOfMany;
        }
    }
    session
}

/// Returns true if the conventions own a header or a look-alike of it.
pub(crate) fn is_owned(conventions: &[Convention], name: &str) -> bool {
    !matches!(what(conventions, Rule::is_owned, name), Name::Other)
}

fn vendor(name: &str) -> Name<'_> {
    const END: &str = "-session-id";
    let Some(len) = name.len().checked_sub(2 + END.len()).filter(|&len| len > 0) else {
        return Name::Other;
    };
    let (start, rest) = name.split_at(2);
    let (vendor, end) = rest.split_at(len);
    if !alike(start, "x-") || !alike(end, END) || is_no_client(vendor) {
        Name::Other
    } else if name.bytes().all(|byte| fold(byte) == byte) {
        Name::Vendor(vendor)
    } else {
        Name::LookAlikeOfMany
    }
}

/// Returns true for MCP's transport session, names that have another owner, and
/// sessions of analytics scripts.
fn is_no_client(vendor: &str) -> bool {
    const ANALYTICS: &str = "amplitude bugsnag datadog dd dynatrace fullstory hotjar logrocket \
                             matomo mixpanel newrelic posthog rudderstack segment sentry";
    const OTHERS: &str = "amz amzn auth b3 cache client content correlation envoy forwarded goog \
                          http ms original real request session stainless";
    let folded: String = vendor.bytes().map(|byte| char::from(fold(byte))).collect();
    let first = folded.split('-').next();
    let mut others = OTHERS.split(' ').chain(ANALYTICS.split(' '));
    folded == "mcp"
        || folded.ends_with("-mcp")
        || folded == "claude-remote"
        || others.any(|other| Some(other) == first)
}

/// Returns true if two names differ in separators only.
pub(crate) fn alike(one: &str, other: &str) -> bool {
    let (one, other) = (one.bytes().map(fold), other.bytes().map(fold));
    one.eq(other)
}

/// Maps each character that is not a letter or a digit to `-`.
fn fold(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() {
        byte.to_ascii_lowercase()
    } else {
        b'-'
    }
}

/// Returns the header names that `Connection` nominates, in lower case.
pub(crate) fn nominated(lines: &[Line]) -> Vec<String> {
    items(lines, "connection")
        .iter()
        .filter_map(|item| token(item))
        .collect()
}

/// Returns a header's name in lower case if it is valid, and not an option of
/// every connection.
pub(crate) fn token(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?.to_ascii_lowercase();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_name = !text.is_empty() && text.len() < 65_536 && text.bytes().all(is_token);
    (is_name && text != "close" && text != "keep-alive").then_some(text)
}
