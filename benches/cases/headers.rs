//! The `headers` crate: a type for each header.

use headers::{Error, Header, HeaderMapExt};
use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use super::{
    Case, calling,
    fields::{self, FIELDS},
    ours::{KILO, extended, kilo},
    request,
};

/// UUID in the header with this index, as written and as read.
struct WriteReport<const FIELD: usize>(Uuid);
struct Read<const FIELD: usize>(Uuid);

static WRITTEN: [HeaderName; 5] = [
    HeaderName::from_static(FIELDS[0].0),
    HeaderName::from_static(FIELDS[1].0),
    HeaderName::from_static(FIELDS[2].0),
    HeaderName::from_static(FIELDS[3].0),
    HeaderName::from_static(FIELDS[4].0),
];

static READ: [HeaderName; 5] = [
    HeaderName::from_static(KILO[0]),
    HeaderName::from_static(KILO[1]),
    HeaderName::from_static(KILO[2]),
    HeaderName::from_static(KILO[3]),
    HeaderName::from_static(KILO[4]),
];

impl<const FIELD: usize> Header for WriteReport<FIELD> {
    fn name() -> &'static HeaderName {
        &WRITTEN[FIELD]
    }

    fn decode<'i, I>(values: &mut I) -> Result<Self, Error>
    where
        I: Iterator<Item = &'i HeaderValue>,
    {
        decode(values).map(Self)
    }

    fn encode<E: Extend<HeaderValue>>(&self, values: &mut E) {
        values.extend([fields::value(self.0)]);
    }
}

impl<const FIELD: usize> Header for Read<FIELD> {
    fn name() -> &'static HeaderName {
        &READ[FIELD]
    }

    fn decode<'i, I>(values: &mut I) -> Result<Self, Error>
    where
        I: Iterator<Item = &'i HeaderValue>,
    {
        decode(values).map(Self)
    }

    fn encode<E: Extend<HeaderValue>>(&self, values: &mut E) {
        values.extend([fields::value(self.0)]);
    }
}

fn decode<'i>(values: &mut impl Iterator<Item = &'i HeaderValue>) -> Result<Uuid, Error> {
    let value = values.next().ok_or_else(Error::invalid)?;
    Uuid::try_parse_ascii(value.as_bytes()).map_err(|_| Error::invalid())
}

/// Five ids of a request, in one extension.
#[derive(Clone)]
struct Ids([Option<Uuid>; 5]);

pub fn inject() -> Case {
    let ids = || Ids([0, 1, 2, 3, 4].map(|field| Some(fields::id(field))));
    Case::new(
        "inject 5: headers",
        move || extended(ids()),
        |inner| {
            let mut inner = calling(inner);
            move |mut request| {
                if let Some(&Ids([Some(a), Some(b), Some(c), Some(d), Some(e)])) =
                    request.extensions().get()
                {
                    let headers = request.headers_mut();
                    headers.typed_insert(WriteReport::<0>(a));
                    headers.typed_insert(WriteReport::<1>(b));
                    headers.typed_insert(WriteReport::<2>(c));
                    headers.typed_insert(WriteReport::<3>(d));
                    headers.typed_insert(WriteReport::<4>(e));
                }
                inner(request);
            }
        },
    )
}

pub fn extract() -> Case {
    Case::new(
        "extract 5: headers",
        || request::with_headers(kilo()),
        |inner| {
            let mut inner = calling(inner);
            move |mut request| {
                let headers = request.headers();
                let ids = Ids([
                    get::<0>(headers),
                    get::<1>(headers),
                    get::<2>(headers),
                    get::<3>(headers),
                    get::<4>(headers),
                ]);
                request.extensions_mut().insert(ids);
                inner(request);
            }
        },
    )
}

fn get<const FIELD: usize>(headers: &HeaderMap) -> Option<Uuid> {
    headers.typed_get::<Read<FIELD>>().map(|Read(id)| id)
}
