//! Response to `GET /sessions`: HTML for browsers, JSON for programs.

use std::fmt::Write as _;

use http::{
    HeaderMap, HeaderName, HeaderValue, Response,
    header::{
        ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
        X_CONTENT_TYPE_OPTIONS,
    },
};
use http_body_util::Full;
use hyper::body::Bytes;

use super::sessions::{Sessions, Snapshot, now};

/// Returns the sessions as HTML if the request accepts it, else as JSON.
pub(crate) fn respond(sessions: &Sessions, request: &HeaderMap) -> Response<Full<Bytes>> {
    let snapshot = sessions.snapshot();
    let (media_type, body) = if wants_html(request) {
        ("text/html; charset=utf-8", html(&snapshot, now()))
    } else {
        let json = serde_json::to_string_pretty(&snapshot);
        // Serializing can't fail, because every key is a string.
        ("application/json", json.unwrap_or_default() + "\n")
    };
    let mut response = Response::new(Full::from(body));
    *response.headers_mut() = HEADERS
        .into_iter()
        .chain([(CONTENT_TYPE, media_type)])
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect();
    response
}

const HEADERS: [(HeaderName, &str); 5] = [
    (CACHE_CONTROL, "no-store"),
    // No scripts, no other origins, and no framing by other pages.
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (REFERRER_POLICY, "no-referrer"),
    (VARY, "accept"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

fn wants_html(request: &HeaderMap) -> bool {
    request
        .get_all(ACCEPT)
        .iter()
        .filter_map(|accept| accept.to_str().ok())
        .any(|accept| accept.to_ascii_lowercase().contains("text/html"))
}

/// Returns the page. `now` is in seconds since 1970.
fn html(snapshot: &Snapshot, now: u64) -> String {
    let all = || {
        let rows = snapshot.sessions.iter().map(|row| &row.totals);
        rows.chain([&snapshot.without_session])
    };
    let total = |count: fn(&_) -> u64| grouped(all().map(count).fold(0, u64::saturating_add));
    include_str!("page.html")
        .replace("{{sessions}}", &grouped(snapshot.sessions.len() as u64))
        .replace("{{requests}}", &total(|totals| totals.requests))
        .replace("{{input}}", &total(|totals| totals.input_tokens))
        .replace("{{output}}", &total(|totals| totals.output_tokens))
        .replace("{{without}}", &grouped(snapshot.without_session.requests))
        .replace("{{forgotten}}", &grouped(snapshot.forgotten_sessions))
        // Replaced last, because a session's id may contain `{{requests}}`.
        .replace("{{rows}}", &rows(snapshot, now))
}

fn rows(snapshot: &Snapshot, now: u64) -> String {
    if snapshot.sessions.is_empty() {
        let empty = "No session yet. Set an agent's base URL to this relay.";
        return format!(r#"<tr><td colspan="6" class="empty">{empty}</td></tr>"#);
    }
    let mut rows = String::new();
    for row in &snapshot.sessions {
        let totals = &row.totals;
        let id = escaped(&row.session);
        // Writing to a `String` can't fail.
        let _ = write!(
            rows,
            r#"<tr><td class="id" title="{id}">{id}</td><td>{}</td><td class="n">{}</td><td class="n">{}</td><td class="n">{}</td><td class="n">{}</td></tr>"#,
            escaped(&row.client),
            grouped(totals.requests),
            grouped(totals.input_tokens),
            grouped(totals.output_tokens),
            ago(now.saturating_sub(totals.last_used)),
        );
    }
    rows
}

/// Escapes the characters that have a meaning in HTML.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut html, character| {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
        html
    })
}

/// Formats a number with a narrow space between groups of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    digits
        .char_indices()
        .flat_map(|(at, digit)| {
            let starts_group = at > 0 && at % 3 == first;
            starts_group
                .then_some('\u{202f}')
                .into_iter()
                .chain([digit])
        })
        .collect()
}

fn ago(seconds: u64) -> String {
    match seconds {
        0..=1 => "now".to_owned(),
        2..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..86_400 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}
