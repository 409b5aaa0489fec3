//! Code by hand that reads and writes the headers with the least work: the
//! floor.

use http::{HeaderMap, HeaderName, HeaderValue};
use tower_metadata_headers::Metadata;

use super::{
    Case, Inner, Request, calling,
    fields::{self, Values},
    ours, request,
};

/// Returns the cases with prepared names and values.
pub fn inject(n: usize) -> [Case; 2] {
    [
        Case::new(format!("inject {n}: floor"), request::plain, move |inner| {
            let (names, values) = (fields::names(n), Values::new(n));
            let mut inner = calling(inner);
            move |mut request| {
                insert(request.headers_mut(), &names, &values.0);
                inner(request);
            }
        }),
        Case::new(
            format!("inject {n}: by hand, try_insert"),
            request::plain,
            move |inner| {
                let (names, values) = (fields::names(n), Values::new(n));
                let mut inner = calling(inner);
                move |mut request| {
                    for (name, value) in names.iter().zip(values.0.iter()) {
                        let headers = request.headers_mut();
                        headers.try_insert(name, value.clone()).unwrap();
                    }
                    inner(request);
                }
            },
        ),
    ]
}

/// Returns the case with five values that are put in an extension, and then
/// written to headers.
pub fn path() -> Case {
    Case::new("path 5: floor", request::plain, |inner| {
        sending(fields::names(5), Values::new(5), inner)
    })
}

/// Returns a function that sends requests with these values.
pub fn sending(names: Vec<HeaderName>, values: Values, inner: Inner) -> impl FnMut(Request) {
    let mut inner = calling(inner);
    move |mut request| {
        request.extensions_mut().insert(values.clone());
        write(&mut request, &names);
        inner(request);
    }
}

/// Writes the values in a request's extensions.
pub fn write<B>(request: &mut http::Request<B>, names: &[HeaderName]) {
    if let Some(values) = request.extensions().get::<Values>().cloned() {
        insert(request.headers_mut(), names, &values.0);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the floor is what most programs call; these maps have room"
)]
pub fn insert(headers: &mut HeaderMap, names: &[HeaderName], values: &[HeaderValue]) {
    for (name, value) in names.iter().zip(values) {
        headers.insert(name, value.clone());
    }
}

/// Metadata of a request, read by hand.
#[derive(Clone, Debug)]
pub struct Read(pub [Option<HeaderValue>; 5]);

pub fn extract() -> [Case; 2] {
    [
        Case::new(
            "extract 5: floor",
            || request::with_headers(ours::kilo()),
            reading,
        ),
        Case::new("extract 0: an extension alone", request::plain, |inner| {
            let mut inner = calling(inner);
            move |mut request: Request| {
                request.extensions_mut().insert(Metadata::new());
                inner(request);
            }
        }),
    ]
}

fn reading(inner: Inner) -> impl FnMut(Request) {
    let names = ours::KILO.map(HeaderName::from_static);
    let mut inner = calling(inner);
    move |mut request| {
        let headers = request.headers();
        let read = Read(names.each_ref().map(|name| headers.get(name).cloned()));
        request.extensions_mut().insert(read);
        inner(request);
    }
}
