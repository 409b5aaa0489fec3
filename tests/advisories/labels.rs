//! Metric labels. If a client chooses their values, they fill memory.

use std::{
    collections::BTreeSet,
    convert::Infallible,
    future::{Ready, ready},
    sync::{Arc, Mutex},
};

use axum::{Extension, Router, extract::Request};
use tower::{Layer, Service, service_fn, util::ServiceFn};
use tower_metadata_headers::{Faults, FieldKey, Metadata, MetadataHeadersLayer, conventions};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::{
    common::RequestExt,
    support::{ask, field, first, user},
};

/// Random numbers with a fixed seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    /// Returns a request with names and values that no other request has.
    fn request(&mut self) -> http::Request<()> {
        let mut request = http::Request::new(());
        for _ in 0..=self.below(4) {
            let number = self.below(usize::MAX);
            let name = match self.below(4) {
                0 => format!("x-v{number}-session-id"),
                1 => format!("x-v{number}_session_id"),
                2 => format!("x_zoo_{number}"),
                _ => self
                    .one(&[
                        "x-zoo-session-id",
                        "x-zoo-mode",
                        "x-kilocode-organizationid",
                        "x-kilocode-taskid",
                        "x-litellm-tags",
                        "baggage",
                        "traceparent",
                        "user-agent",
                        "x.kilocode.taskid",
                    ])
                    .to_owned(),
            };
            let odd = self.one(&[
                "",
                "",
                ",",
                "%zz",
                "%0a",
                "session.id=a,session.id=",
                "\u{e9}",
            ]);
            let value = match self.below(8) {
                0 => String::new(),
                1 => "a".repeat(300),
                _ => format!("{odd}{number}"),
            };
            request = request.line(&name, &value);
            if self.below(8) == 0 {
                request = request.line("connection", &name);
            }
        }
        request
    }
}

type Echo = ServiceFn<fn(http::Request<()>) -> Ready<Result<http::Request<()>, Infallible>>>;

/// The instrumentation of Go's `net/http` had labels that a client chooses, and
/// kept each value forever (CVE-2023-45142, GHSA-rcjv-mgp8-qvmr). This crate
/// has fields, fault codes and one kind of event.
#[test]
fn cve_2023_45142_100_000_requests_are_counted_by_a_closed_set() {
    let mut by_header = BTreeSet::new();
    let mut ours = BTreeSet::new();
    let mut early = 0;
    let echo: Echo = service_fn(|request| ready(Ok(request)));
    let mut layered = MetadataHeadersLayer::extract(conventions::clients()).layer(echo);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let events = events(|| {
        for number in 0..100_000 {
            let request = random.request();
            let (name, value) = request.headers().iter().next().unwrap();
            by_header.insert((name.to_string(), value.as_bytes().to_vec()));

            let request = layered.call(request).into_inner().unwrap();
            let faults = request.extensions().get::<Faults>();
            for fault in faults.into_iter().flatten() {
                let field = fault.field().map(FieldKey::name);
                ours.insert((field, fault.reason().code()));
            }
            for (key, _) in request.extensions().get::<Metadata>().unwrap().iter() {
                ours.insert((Some(key.name()), "came"));
            }
            if number == 20_000 {
                early = ours.len();
            }
        }
    });
    assert!(by_header.len() > 90_000, "{}", by_header.len());
    assert!(ours.len() > 20, "{ours:?}");
    assert_eq!(ours.len(), early, "{ours:?}");
    let one: &[&str] = if cfg!(feature = "tracing") {
        &[r#"tower_metadata_headers::tracing ["message", "count", "faults"]"#]
    } else {
        &[]
    };
    assert_eq!(events, one);
}

/// Returns the kinds of events that this closure logs, by target and fields.
fn events(work: impl FnOnce()) -> Vec<String> {
    let kinds = Kinds::default();
    let subscriber = tracing_subscriber::registry().with(kinds.clone());
    tracing::subscriber::with_default(subscriber, work);
    let kinds = kinds.0.lock().unwrap();
    kinds.iter().cloned().collect()
}

#[derive(Clone, Default)]
struct Kinds(Arc<Mutex<BTreeSet<String>>>);

impl<S: Subscriber> tracing_subscriber::Layer<S> for Kinds {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let fields: Vec<_> = event.fields().map(|field| field.name()).collect();
        let kind = format!("{} {fields:?}", event.metadata().target());
        self.0.lock().unwrap().insert(kind);
    }
}

/// LiteLLM's metrics had a label with the user's id, and grew with every
/// invented user (BerriAI/litellm#12159).
#[tokio::test]
async fn litellm_issue_12159_invented_users_make_no_labels() {
    let by_claim = Router::new()
        .fallback(async |request: Request| first(request.headers(), "x-litellm-customer-id"));
    // The user comes from authentication, and not from the header.
    let by_user = Router::new()
        .fallback(async |request: Request| field(&request, "user-id"))
        .layer(MetadataHeadersLayer::extract(conventions::litellm()))
        .layer(Extension(user("customer-a")));
    for (app, labels) in [(by_claim, 20), (by_user, 1)] {
        let mut counted = BTreeSet::new();
        for number in 0..20 {
            let made_up = format!("user-{number}");
            let sent = [("x-litellm-customer-id", &*made_up)];
            counted.insert(ask(app.clone(), &sent).await);
        }
        assert_eq!(counted.len(), labels);
    }
}
