//! Text of a request in the receiver's log.

use std::sync::{Arc, Mutex};

use axum::{Router, extract::Request};
use http_body_util::BodyExt;
use tower_http::trace::{DefaultMakeSpan, TraceLayer};
use tower_metadata_headers::{Metadata, MetadataHeadersLayer, Mode, conventions};
use tracing::level_filters::LevelFilter;

use crate::{
    common::{CANARY, log::Log},
    support::{ask, first, unescaped},
};

/// Terminal escapes, line breaks, and a character that reverses the text after
/// it.
const HOSTILE: [&str; 6] = [
    "%1b[2J%1b]0;owned%07",
    "%C2%9b2J",
    "a%0aINFO admin logged in",
    "a%0d%0aINFO admin logged in",
    "%E2%80%AEnimda",
    "a\tb",
];

/// Log that prints each text unescaped on a line.
#[derive(Clone, Default)]
struct Careless(Arc<Mutex<String>>);

impl Careless {
    fn log(&self, text: &str) {
        self.0.lock().unwrap().push_str(&format!("mode={text}\n"));
    }

    fn hostile_chars(&self) -> usize {
        let text = self.0.lock().unwrap();
        let hostile = |c: &char| c.is_control() && *c != '\n' || *c == '\u{202e}';
        text.chars().filter(hostile).count()
            + text
                .lines()
                .filter(|line| !line.starts_with("mode="))
                .count()
    }
}

/// Tracing-subscriber printed a client's escape sequences to the terminal
/// (RUSTSEC-2025-0055, CVE-2025-58160).
#[tokio::test]
async fn rustsec_2025_0055_no_text_of_metadata_steers_a_terminal() {
    for value in HOSTILE {
        let log = Careless::default();
        let careless = log.clone();
        let naive = Router::new().fallback(async move |request: Request| {
            careless.log(&unescaped(&first(request.headers(), "x-zoo-mode")));
        });
        ask(naive, &[("x-zoo-mode", value)]).await;
        assert!(log.hostile_chars() > 0, "{value}");

        let log = Careless::default();
        let careless = log.clone();
        let ours = Router::new()
            .fallback(async move |request: Request| {
                let metadata = request.extensions().get::<Metadata>().unwrap();
                let mode = metadata.get::<Mode>();
                careless.log(mode.as_ref().map_or("none", Mode::as_str));
                careless.log(&format!("{metadata:?}").replace('\n', "broken"));
            })
            .layer(MetadataHeadersLayer::extract(conventions::clients()));
        ask(ours, &[("x-zoo-mode", value)]).await;
        assert_eq!(log.hostile_chars(), 0, "{value}");
    }
}

/// The same holds for the event that this crate logs for a rejected request.
#[cfg(feature = "tracing")]
#[tokio::test]
async fn cve_2025_58160_our_own_event_has_no_value_in_it() {
    // A gateway that logs the reason with the header's value.
    let naive = Router::new().fallback(async |request: Request| {
        let mode = first(request.headers(), "x-zoo-mode");
        tracing::info!("{mode} is no mode");
    });
    let app = async |_: Request| "";
    let extract = MetadataHeadersLayer::extract(conventions::clients());
    let ours = Router::new().fallback(app).layer(extract);
    for value in HOSTILE {
        let value = format!("{CANARY}{value}");
        for (app, shows) in [(naive.clone(), true), (ours.clone(), false)] {
            let log = Log::start(LevelFilter::DEBUG);
            let sent = [
                ("x-zoo-mode", &*value),
                ("x-zoo-session-id", "a,b"),
                ("x_zoo_session_id", &value),
            ];
            ask(app, &sent).await;
            let lines = log.lines_with("mode").concat();
            assert!(!lines.is_empty());
            assert_eq!(lines.contains(CANARY), shows, "{lines}");
            let is_printable = |c: char| c == '\n' || !c.is_control();
            assert!(shows || log.text().chars().all(is_printable), "{lines}");
        }
    }
}

/// Tower-http's spans show every header that is not marked as sensitive
/// (`DefaultMakeSpan::include_headers`).
#[tokio::test]
async fn tower_http_include_headers_shows_no_identity() {
    let value = format!("{CANARY}-organization");
    let sent = [("x-kilocode-organizationid", value.as_str())];
    let trace =
        || TraceLayer::new_for_http().make_span_with(DefaultMakeSpan::new().include_headers(true));
    let naive = Router::new().fallback(arrives).layer(trace());
    let ours = naive
        .clone()
        .layer(MetadataHeadersLayer::extract(conventions::clients()));
    for (app, shows) in [(naive, true), (ours, false)] {
        let log = Log::start(LevelFilter::DEBUG);
        // The header is still on the request.
        assert_eq!(ask(app, &sent).await, value);
        assert!(log.text().contains("x-kilocode-organizationid"));
        assert_eq!(log.text().contains(CANARY), shows);
    }
}

async fn arrives(request: Request) -> String {
    let (parts, body) = request.into_parts();
    body.collect().await.unwrap();
    first(&parts.headers, "x-kilocode-organizationid")
}
