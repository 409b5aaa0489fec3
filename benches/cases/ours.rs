//! This crate.

use std::hint::black_box;

use tower_layer::Layer;
use tower_metadata_headers::{
    Convention, ConventionSet, Destinations, Metadata, MetadataHeadersLayer, RequestId, conventions,
};

use super::{Case, Inner, Request, calling, fields, request};

pub fn inject(n: usize) -> Case {
    let name = format!("inject {n}: ours");
    Case::new(name, move || carrying(fields::metadata(n)), writing)
}

/// Returns a function that makes requests with this metadata in their
/// extensions.
pub fn carrying(metadata: Metadata) -> impl FnMut() -> Request {
    extended(metadata)
}

pub fn extended<T: Clone + Send + Sync + 'static>(extension: T) -> impl FnMut() -> Request {
    let mut plain = request::plain();
    move || {
        let mut request = plain();
        request.extensions_mut().insert(extension.clone());
        request
    }
}

fn writing(inner: Inner) -> impl FnMut(Request) {
    calling(MetadataHeadersLayer::inject(fields::acme()).layer(inner))
}

pub fn inject_otherwise() -> [Case; 5] {
    [
        Case::new(
            "inject 5: ours, the last of 20 hosts",
            || carrying(fields::metadata(5)),
            |inner| calling(MetadataHeadersLayer::inject(twenty_hosts()).layer(inner)),
        ),
        Case::new(
            "inject 5: ours, Convention::write",
            || carrying(fields::metadata(5)),
            |inner| {
                let (acme, metadata) = (fields::acme(), fields::metadata(5));
                codec(inner, move |request| {
                    acme.write(black_box(&metadata), request.headers_mut());
                })
            },
        ),
        Case::new(
            "inject 0: ours, Convention::write",
            || carrying(Metadata::new()),
            |inner| {
                let acme = fields::acme();
                codec(inner, move |request| {
                    acme.write(black_box(&Metadata::new()), request.headers_mut());
                })
            },
        ),
        Case::new(
            "inject 0: ours, no metadata",
            || extended(String::new()),
            writing,
        ),
        Case::new(
            "inject 0: ours, empty metadata",
            || carrying(Metadata::new()),
            writing,
        ),
    ]
}

/// Returns twenty hosts in four conventions. Requests are sent to the last.
fn twenty_hosts() -> Destinations {
    let conventions = [
        conventions::opencode(),
        conventions::openrouter(),
        conventions::litellm(),
        fields::acme(),
    ];
    let conventions = conventions.iter().cycle().take(20).cloned();
    hosts(conventions.collect())
}

/// Returns a host for each of these conventions. Requests are sent to the last.
pub fn hosts(conventions: Vec<Convention>) -> Destinations {
    let last = conventions.len() - 1;
    let hosts = conventions.into_iter().enumerate();
    hosts.fold(Destinations::new(), |all, (at, convention)| {
        let host = if at == last {
            "api.example.com".to_owned()
        } else {
            format!("api.host-{at}.example.com")
        };
        all.host(&host, convention).unwrap()
    })
}

/// Returns the cases that insert the extension and write the headers.
pub fn path() -> [Case; 2] {
    [
        Case::new("path 5: ours", request::plain, |inner| {
            sending(fields::metadata(5), writing(inner))
        }),
        Case::new(
            "path 4+1: ours, a new request id",
            request::plain,
            |inner| {
                let shared = (0..5).filter(|&field| field != fields::REQUEST_ID);
                let metadata = fields::written(fields::only(shared));
                let mut write = writing(inner);
                move |mut request| {
                    let id = RequestId::from(black_box(fields::id(fields::REQUEST_ID)));
                    request.extensions_mut().insert(metadata.clone().with(id));
                    write(request);
                }
            },
        ),
    ]
}

/// Returns a function that sends requests with this metadata.
pub fn sending(metadata: Metadata, mut send: impl FnMut(Request)) -> impl FnMut(Request) {
    move |mut request| {
        request.extensions_mut().insert(metadata.clone());
        send(request);
    }
}

/// Returns five headers, one of which is untrusted identity.
fn with_untrusted_identity() -> Vec<(String, String)> {
    let fields = fields::FIELDS.iter().take(5);
    fields::with_ids(fields.map(|(name, _)| *name)).collect()
}

/// Five headers of Kilo Code.
pub const KILO: [&str; 5] = [
    "x-kilocode-taskid",
    "x-kilocode-parent-taskid",
    "x-kilocode-mode",
    "x-kilocode-version",
    "x-kilo-request",
];

/// Returns Kilo Code's headers with values.
pub fn kilo() -> Vec<(String, String)> {
    fields::with_ids(KILO).collect()
}

pub fn one() -> ConventionSet {
    ConventionSet::from(conventions::kilo_code())
}

pub fn known() -> ConventionSet {
    ConventionSet::new(conventions::all())
}

pub fn extract() -> [Case; 7] {
    [
        extracting("extract 5: ours, one convention", kilo, one),
        extracting("extract 5: ours, all clients", kilo, conventions::clients),
        extracting("extract 5: ours, all known", kilo, known),
        extracting(
            "extract 5: ours, one untrusted",
            with_untrusted_identity,
            || ConventionSet::from(fields::acme()),
        ),
        extracting("extract 0: ours, one convention", Vec::new, one),
        extracting(
            "extract 0: ours, all clients",
            Vec::new,
            conventions::clients,
        ),
        extracting("extract 0: ours, all known", Vec::new, known),
    ]
}

/// Returns the cases of a trusted request with ten headers, without metadata of an earlier
/// layer and with one field of it.
pub fn extract_trusted() -> [Case; 2] {
    [
        trusting("extract 10: ours, trusted", || {
            request::with_headers(ten_headers())
        }),
        trusting("extract 10: ours, behind authentication", || {
            let mut make = request::with_headers(ten_headers());
            let metadata = fields::only([15]);
            move || {
                let mut request = make();
                request.extensions_mut().insert(metadata.clone());
                request
            }
        }),
    ]
}

fn ten_headers() -> Vec<(String, String)> {
    let fields = fields::FIELDS.iter().take(10);
    fields::with_ids(fields.map(|(name, _)| *name)).collect()
}

fn trusting<M: FnMut() -> Request + 'static>(name: &str, make: fn() -> M) -> Case {
    Case::new(name, make, |inner| {
        let layer = MetadataHeadersLayer::extract(fields::acme()).trust_identity_when(|_| true);
        calling(layer.layer(inner))
    })
}

fn extracting(
    name: &str,
    headers: fn() -> Vec<(String, String)>,
    extractor: fn() -> ConventionSet,
) -> Case {
    Case::new(
        name,
        move || request::with_headers(headers()),
        move |inner| calling(MetadataHeadersLayer::extract(extractor()).layer(inner)),
    )
}

/// Returns the cases that read a `HeaderMap`.
pub fn read() -> [Case; 6] {
    [
        reading("read 5: ours, one convention", kilo, one),
        reading("read 5: ours, all clients", kilo, conventions::clients),
        reading("read 5: ours, all known", kilo, known),
        reading("read 0: ours, one convention", Vec::new, one),
        reading("read 0: ours, all clients", Vec::new, conventions::clients),
        reading("read 0: ours, all known", Vec::new, known),
    ]
}

fn reading(
    name: &str,
    headers: fn() -> Vec<(String, String)>,
    extractor: fn() -> ConventionSet,
) -> Case {
    Case::new(
        name,
        move || request::with_headers(headers()),
        move |inner| {
            let extractor = extractor();
            codec(inner, move |request| {
                black_box(extractor.read(black_box(request.headers())));
            })
        },
    )
}

/// Returns the case that looks up a name that is similar to many names and
/// equal to none.
pub fn look_up() -> Case {
    Case::new("look up: ours, an unknown name", request::plain, |inner| {
        codec(inner, |_| {
            drop(black_box(Convention::by_name(black_box("open-gateway"))))
        })
    })
}

fn codec(inner: Inner, mut work: impl FnMut(&mut Request)) -> impl FnMut(Request) {
    let mut inner = calling(inner);
    move |mut request| {
        work(&mut request);
        inner(request);
    }
}

/// Returns the cases of a client that clones its service for each call.
pub fn clone() -> [Case; 2] {
    [
        Case::new("clone: ours, inject", request::plain, |inner| {
            cloning(
                MetadataHeadersLayer::inject(fields::acme()).layer(inner),
                inner,
            )
        }),
        Case::new("clone: ours, extract", request::plain, |inner| {
            cloning(
                MetadataHeadersLayer::extract(conventions::clients()).layer(inner),
                inner,
            )
        }),
    ]
}

/// Returns a function that clones a service, and drops the clone.
pub fn cloning<S: Clone>(service: S, inner: Inner) -> impl FnMut(Request) {
    codec(inner, move |_| drop(black_box(service.clone())))
}
