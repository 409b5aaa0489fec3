//! Code that formats names and values for each request, as programs do without
//! such a crate.

use http::{HeaderName, HeaderValue};
use uuid::Uuid;

use super::{Case, calling, fields, request};

/// Ids as a program has them.
#[derive(Clone, Debug)]
pub struct Ids(pub Vec<(&'static str, Uuid)>);

impl Ids {
    pub fn new(n: usize) -> Self {
        let fields = fields::FIELDS.iter().take(n).enumerate();
        Self(
            fields
                .map(|(at, (name, _))| (name.trim_start_matches("x-acme-"), fields::id(at)))
                .collect(),
        )
    }
}

pub fn inject(n: usize) -> Case {
    Case::new(
        format!("inject {n}: format!"),
        move || {
            let (ids, mut plain) = (Ids::new(n), request::plain());
            move || {
                let mut request = plain();
                request.extensions_mut().insert(ids.clone());
                request
            }
        },
        |inner| {
            let mut inner = calling(inner);
            move |mut request| {
                write(&mut request, "acme");
                inner(request);
            }
        },
    )
}

pub fn path() -> Case {
    Case::new("path 5: format!", request::plain, |inner| {
        let ids = Ids::new(5);
        let mut inner = calling(inner);
        move |mut request| {
            request.extensions_mut().insert(ids.clone());
            write(&mut request, "acme");
            inner(request);
        }
    })
}

pub fn write<B>(request: &mut http::Request<B>, vendor: &str) {
    let Some(Ids(ids)) = request.extensions().get::<Ids>().cloned() else {
        return;
    };
    for (field, id) in ids {
        let name = format!("x-{vendor}-{field}");
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        let value = HeaderValue::from_str(&id.to_string()).unwrap();
        request.headers_mut().try_insert(name, value).unwrap();
    }
}
