//! Layers of tower-http that set headers, and its request id. Their values are
//! encoded once, which is the fastest use of these layers.

use std::hint::black_box;

use http::{HeaderName, HeaderValue, Request};
use tower_http::{
    request_id::{self, MakeRequestId, MakeRequestUuid, SetRequestIdLayer},
    set_header::{SetRequestHeaderLayer, request::SetMultipleRequestHeadersLayer},
};
use tower_layer::Layer;

use super::{
    Case, calling,
    fields::{self, FIELDS, Values},
    ours::{cloning, extended},
    request,
};

/// Calls a macro with the first fields.
macro_rules! with_fields {
    ($n:expr, $do:ident) => {
        match $n {
            1 => $do!(0),
            5 => $do!(0 1 2 3 4),
            8 => $do!(0 1 2 3 4 5 6 7),
            _ => $do!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15),
        }
    };
}

pub fn inject(n: usize) -> [Case; 2] {
    let make = move || extended(Values::new(n));
    macro_rules! stacked {
        ($($field:literal)+) => {
            Case::new(format!("inject {n}: tower-http, a layer each"), make, |inner| {
                calling(($(alone($field),)+).layer(inner))
            })
        };
    }
    [
        with_fields!(n, stacked),
        Case::new(
            format!("inject {n}: tower-http, one layer"),
            make,
            move |inner| calling(together(n).layer(inner)),
        ),
    ]
}

/// Returns the layer for one header.
fn alone<B>(
    field: usize,
) -> SetRequestHeaderLayer<impl FnMut(&Request<B>) -> Option<HeaderValue> + Clone> {
    SetRequestHeaderLayer::overriding(name(field), shared(field))
}

/// Returns one layer for the first headers.
pub fn together<B: 'static>(n: usize) -> SetMultipleRequestHeadersLayer<Request<B>> {
    let headers = (0..n).map(|field| (name(field), shared(field)).into());
    SetMultipleRequestHeadersLayer::overriding(headers.collect())
}

fn name(field: usize) -> HeaderName {
    HeaderName::from_static(FIELDS[field].0)
}

fn shared<B>(field: usize) -> impl FnMut(&Request<B>) -> Option<HeaderValue> + Clone {
    move |request: &Request<B>| {
        let values = request.extensions().get::<Values>()?;
        values.0.get(field).cloned()
    }
}

pub fn request_id() -> [Case; 2] {
    [
        Case::new("request id: tower-http, random", request::plain, |inner| {
            calling(SetRequestIdLayer::x_request_id(MakeRequestUuid).layer(inner))
        }),
        Case::new("request id: tower-http, encoded", request::plain, |inner| {
            let make = Encoded(Values::new(1));
            calling(SetRequestIdLayer::x_request_id(make).layer(inner))
        }),
    ]
}

#[derive(Clone)]
struct Encoded(Values);

impl MakeRequestId for Encoded {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<request_id::RequestId> {
        let value = self.0.0.first().cloned();
        value.map(request_id::RequestId::new)
    }
}

pub fn path() -> [Case; 2] {
    [
        Case::new("path 5: tower-http", request::plain, |inner| {
            let values = Values::new(5);
            let mut write = calling(together(5).layer(inner));
            move |mut request| {
                request.extensions_mut().insert(values.clone());
                write(request);
            }
        }),
        Case::new(
            "path 4+1: tower-http, a new request id",
            request::plain,
            |inner| {
                let values = Values::new(5);
                let mut write = calling(with_request_id().layer(inner));
                move |mut request| {
                    let id = fields::value(black_box(fields::id(fields::REQUEST_ID)));
                    request
                        .extensions_mut()
                        .insert(OneRequest(values.clone(), id));
                    write(request);
                }
            },
        ),
    ]
}

/// Values of a conversation, and the request's own id.
#[derive(Clone)]
struct OneRequest(Values, HeaderValue);

fn with_request_id<B: 'static>() -> SetMultipleRequestHeadersLayer<Request<B>> {
    let headers = (0..5).map(|field| {
        let value = move |request: &Request<B>| {
            let OneRequest(values, id) = request.extensions().get()?;
            match field {
                fields::REQUEST_ID => Some(id.clone()),
                _ => values.0.get(field).cloned(),
            }
        };
        (name(field), value).into()
    });
    SetMultipleRequestHeadersLayer::overriding(headers.collect())
}

pub fn clone() -> [Case; 2] {
    [
        Case::new("clone: tower-http, 5 layers", request::plain, |inner| {
            let one = alone::<()>;
            let layers = (one(0), one(1), one(2), one(3), one(4));
            cloning(layers.layer(inner), inner)
        }),
        Case::new(
            "clone: tower-http, one layer of 5",
            request::plain,
            |inner| cloning(together::<()>(5).layer(inner), inner),
        ),
    ]
}
