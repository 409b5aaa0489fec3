//! OpenTelemetry's baggage, with the fields as members of one header.

use opentelemetry::{Context, KeyValue, baggage::BaggageExt, propagation::TextMapPropagator};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::propagation::BaggagePropagator;

use super::{
    Case, calling,
    ours::{KILO, extended},
    request,
    today::Ids,
};

pub fn inject(n: usize) -> [Case; 2] {
    [
        Case::new(
            format!("inject {n}: OpenTelemetry"),
            move || extended(context(&Ids::new(n))),
            |inner| {
                let mut inner = calling(inner);
                move |mut request| {
                    write(&mut request);
                    inner(request);
                }
            },
        ),
        Case::new(
            format!("inject {n}: OpenTelemetry, a new context"),
            move || extended(Ids::new(n)),
            |inner| {
                let mut inner = calling(inner);
                move |mut request| {
                    if let Some(context) = request.extensions().get().map(context) {
                        request.extensions_mut().insert(context);
                    }
                    write(&mut request);
                    inner(request);
                }
            },
        ),
    ]
}

/// Returns the case with a new context for each request, because its ids are
/// new.
pub fn path() -> Case {
    Case::new("path 5: OpenTelemetry", request::plain, |inner| {
        let ids = Ids::new(5);
        let mut inner = calling(inner);
        move |mut request| {
            request.extensions_mut().insert(context(&ids));
            write(&mut request);
            inner(request);
        }
    })
}

pub fn context(Ids(ids): &Ids) -> Context {
    let members = ids.iter();
    let members = members.map(|(name, id)| KeyValue::new(*name, id.to_string()));
    Context::new().with_baggage(members)
}

/// Writes the context in a request's extensions.
pub fn write<B>(request: &mut http::Request<B>) {
    if let Some(context) = request.extensions().get::<Context>().cloned() {
        let mut headers = HeaderInjector(request.headers_mut());
        BaggagePropagator::new().inject_context(&context, &mut headers);
    }
}

pub fn extract() -> Case {
    let baggage = || {
        let members = Ids::new(KILO.len()).0.into_iter();
        let members: Vec<String> = members.map(|(name, id)| format!("{name}={id}")).collect();
        vec![("baggage".to_owned(), members.join(","))]
    };
    Case::new(
        "extract 5: OpenTelemetry",
        move || request::with_headers(baggage()),
        |inner| {
            let mut inner = calling(inner);
            move |mut request| {
                let headers = HeaderExtractor(request.headers());
                let context = BaggagePropagator::new().extract(&headers);
                request.extensions_mut().insert(context);
                inner(request);
            }
        },
    )
}
