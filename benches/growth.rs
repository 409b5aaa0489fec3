//! Cases that show how the cost grows.

use tower_layer::Layer;
use tower_metadata_headers::{Convention, ConventionSet, MetadataHeadersLayer, conventions};

use crate::cases::{
    Case, Inner, Request, by_hand, calling,
    fields::{self, Values},
    ours::{self, KILO},
    request,
};

/// Point of a line.
pub struct Point {
    /// Quantity that the line's cost grows with.
    pub axis: &'static str,
    pub line: &'static str,
    pub size: usize,
    pub case: Case,
}

pub fn points() -> Vec<Point> {
    let mut points = Vec::new();
    let mut add = |axis, line, size, case: fn(String, usize) -> Case| {
        let name = format!("{axis}/{line}/{size}");
        let case = case(name, size);
        points.push(Point {
            axis,
            line,
            size,
            case,
        });
    };
    for size in [1, 2, 3, 5, 8, 12, 16] {
        add("fields", "inject", size, |name, size| {
            inject(name, size, request::SIZE)
        });
        add("fields", "by hand", size, |name, size| {
            insert(name, size, request::SIZE)
        });
    }
    for size in [5, 10, 20, 30, 40, 50, 60] {
        add("headers", "inject 5", size, |name, size| {
            inject(name, 5, size)
        });
        add("headers", "extract 5", size, |name, size| {
            extract(name, &KILO, size, 25)
        });
        add("headers", "extract none", size, |name, size| {
            extract(name, &[], size, 25)
        });
        add("headers", "by hand", size, |name, size| {
            insert(name, 5, size)
        });
    }
    for size in [1, 3, 10, 30, 100, 300, 1_000] {
        add("conventions", "extract 5", size, |name, size| {
            extract(name, &KILO, request::SIZE, size)
        });
        add("conventions", "extract none", size, |name, size| {
            extract(name, &[], request::SIZE, size)
        });
    }
    for size in [1, 3, 10, 30, 100, 300, 1_000] {
        add("destinations", "inject 5", size, |name, size| {
            let make = || carrying(5, request::SIZE);
            Case::new(name, make, move |inner| {
                let hosts = ours::hosts(vec![fields::acme(); size]);
                calling(MetadataHeadersLayer::inject(hosts).layer(inner))
            })
        });
    }
    points
}

/// Returns the case that writes this number of fields to a request with this
/// number of headers.
fn inject(name: String, fields: usize, headers: usize) -> Case {
    let make = move || carrying(fields, headers);
    Case::new(name, make, |inner| {
        calling(MetadataHeadersLayer::inject(fields::acme()).layer(inner))
    })
}

fn carrying(fields: usize, headers: usize) -> impl FnMut() -> Request {
    let (metadata, mut plain) = (fields::metadata(fields), request::of_size(headers, &[]));
    move || {
        let mut request = plain();
        request.extensions_mut().insert(metadata.clone());
        request
    }
}

fn insert(name: String, fields: usize, headers: usize) -> Case {
    let make = move || request::of_size(headers, &[]);
    Case::new(name, make, move |inner: Inner| {
        let (names, Values(values)) = (fields::names(fields), Values::new(fields));
        let mut inner = calling(inner);
        move |mut request: Request| {
            by_hand::insert(request.headers_mut(), &names, &values);
            inner(request);
        }
    })
}

/// Returns the case that reads this number of headers, with `own` among them,
/// in this number of conventions. The first convention is Kilo Code's, because
/// the headers are Kilo Code's. After those of the crate come those of other vendors.
fn extract(name: String, own: &'static [&'static str], headers: usize, conventions: usize) -> Case {
    let make = move || request::of_size(headers, own);
    Case::new(name, make, move |inner| {
        let first = conventions::kilo_code();
        let others = conventions::all().filter(|other| other.name() != "kilo-code");
        // Their headers have the first letters of those of an SDK, so none is excluded early.
        let vendors = (0..).map(|at| Convention::vendor(&format!("st{at}")).unwrap());
        let all = [first].into_iter().chain(others).chain(vendors);
        let all = all.take(conventions);
        let layer = MetadataHeadersLayer::extract(all.collect::<ConventionSet>());
        calling(layer.layer(inner))
    })
}
