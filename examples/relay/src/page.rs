//! Response to `GET /sessions`: HTML for browsers, JSON for programs.

use std::{collections::BTreeSet, sync::LazyLock};

use askama::Template;
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response,
    header::{
        ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
        X_CONTENT_TYPE_OPTIONS,
    },
};
use http_body_util::Full;
use hyper::body::Bytes;
use sha2::{Digest, Sha256};

use super::sessions::{Sessions, Snapshot, Totals, now};

/// Returns the sessions as HTML if the request accepts it, else as JSON.
///
/// The query `?client=` selects the sessions of one client.
pub(crate) fn respond<B>(sessions: &Sessions, request: &Request<B>) -> Response<Full<Bytes>> {
    let mut snapshot = sessions.snapshot();
    let mut clients = snapshot.clients();
    let selected = selected_client(request.uri().query());
    if let Some(client) = &selected {
        snapshot.sessions.retain(|row| row.client == *client);
        // So that the page shows the filter, even if none of its sessions is left.
        clients.insert(client.clone());
    }
    let (media_type, body) = if wants_html(request.headers()) {
        let page = Page::new(&snapshot, &clients, selected.as_deref());
        // Rendering can't fail, because writing to a `String` can't.
        (
            "text/html; charset=utf-8",
            page.render().unwrap_or_default(),
        )
    } else {
        // Serializing can't fail, because every key is a string.
        let json = serde_json::to_string_pretty(&snapshot).unwrap_or_default();
        ("application/json", json + "\n")
    };
    let mut response = Response::new(Full::from(body));
    *response.headers_mut() = headers(media_type);
    response
}

fn headers(media_type: &'static str) -> HeaderMap {
    let fixed: [(HeaderName, &str); 5] = [
        (CONTENT_TYPE, media_type),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (VARY, "accept"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    fixed
        .into_iter()
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .chain([(CONTENT_SECURITY_POLICY, CONTENT_POLICY.clone())])
        .collect()
}

const SCRIPT: &str = include_str!("../templates/sessions.js");

/// Allows the page's own script and no other, not even one from this origin, where the
/// upstream's responses are. Forbids framing by other pages.
static CONTENT_POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = BASE64_STANDARD.encode(Sha256::digest(SCRIPT));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{hash}'; style-src 'unsafe-inline'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let strict = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    // Base64 is valid in a header.
    HeaderValue::try_from(policy).unwrap_or(strict)
});

fn wants_html(request: &HeaderMap) -> bool {
    request
        .get_all(ACCEPT)
        .iter()
        .filter_map(|accept| accept.to_str().ok())
        .any(|accept| accept.to_ascii_lowercase().contains("text/html"))
}

/// Returns the first `client` of a query. An empty one selects all clients.
fn selected_client(query: Option<&str>) -> Option<String> {
    let query = query.unwrap_or_default();
    let (_, client) =
        form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "client")?;
    (!client.is_empty()).then(|| client.into_owned())
}

/// The page. Its template escapes every value.
#[derive(Template)]
#[template(path = "sessions.html")]
struct Page<'a> {
    snapshot: &'a Snapshot,
    /// Clients to select from.
    clients: &'a BTreeSet<String>,
    selected: Option<&'a str>,
    /// Sum of the requests that the page shows.
    total: Totals,
    /// The time in seconds since 1970.
    now: u64,
    script: &'static str,
}

impl<'a> Page<'a> {
    fn new(
        snapshot: &'a Snapshot,
        clients: &'a BTreeSet<String>,
        selected: Option<&'a str>,
    ) -> Self {
        let without_session = match selected {
            None => snapshot.without_session,
            Some(_) => Totals::default(),
        };
        let rows = snapshot.sessions.iter().map(|row| row.totals);
        Self {
            snapshot,
            clients,
            selected,
            total: rows.fold(without_session, Totals::plus),
            now: now(),
            script: SCRIPT,
        }
    }
}

/// Filters of the template.
#[expect(unreachable_pub, reason = "`filter_fn` makes public items")]
mod filters {
    use askama::{Result, Values, filter_fn};

    /// Puts a narrow space between groups of three digits.
    #[filter_fn]
    pub(super) fn count(number: impl ToString, _: &dyn Values) -> Result<String> {
        let digits = number.to_string();
        let first = digits.len() % 3;
        let mut grouped = String::new();
        for (at, digit) in digits.char_indices() {
            if at > 0 && at % 3 == first {
                grouped.push('\u{202f}');
            }
            grouped.push(digit);
        }
        Ok(grouped)
    }

    /// Returns how long ago a time was. Both times are in seconds since 1970.
    #[filter_fn]
    pub(super) fn age(time: &u64, _: &dyn Values, now: &u64) -> Result<String> {
        Ok(match now.saturating_sub(*time) {
            0..=1 => "now".to_owned(),
            seconds @ 2..60 => format!("{seconds} s ago"),
            seconds @ 60..3_600 => format!("{} min ago", seconds / 60),
            seconds @ 3_600..86_400 => format!("{} h ago", seconds / 3_600),
            seconds => format!("{} d ago", seconds / 86_400),
        })
    }
}
