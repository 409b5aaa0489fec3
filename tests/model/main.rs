//! The crate, compared with a model of its rules: for each request, it reads,
//! removes and writes the same as the model.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a failure here fails a test"
)]

mod destinations;
mod litellm;
mod requests;
mod rules;

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    future::{Ready, ready},
};

use futures_util::FutureExt;
use http::{Request, Response, StatusCode, Uri};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use tower::{Layer, Service, service_fn};
use tower_metadata_headers::{Destinations, Faults, HostPolicy, Metadata, MetadataHeadersLayer};

use crate::rules::{agree, config, fields, read, real, write};

const CASES: u32 = 2500;

proptest! {
    #![proptest_config(requests::cases(CASES))]

    #[test]
    fn any_request_is_read_and_stripped_as_the_model_does(lines in requests::lines()) {
        agree::reads(&lines);
    }

    #[test]
    fn metadata_is_written_to_any_request_as_the_model_does(
        lines in requests::lines(),
        texts in requests::texts(),
    ) {
        agree::writes(&real::metadata(&texts), &lines);
    }

    #[test]
    fn layers_read_and_write_as_the_model_does(
        lines in requests::lines(),
        texts in requests::texts(),
        trusted in any::<bool>(),
        strip in any::<bool>(),
        keep in any::<bool>(),
    ) {
        let lines = agree::possible(&lines);
        let mut request = Request::new(());
        *request.headers_mut() = real::headers(&lines);

        let model = read::read(config::all(), &lines, trusted);
        let extract = MetadataHeadersLayer::extract(real::extractor());
        let extract = extract.trust_identity_when(move |_| trusted);
        let extract = if strip { extract.strip() } else { extract };
        let inner = through(&extract, request.clone()).unwrap();
        let metadata = inner.extensions().get::<Metadata>().cloned().unwrap();
        let faults = inner.extensions().get::<Faults>().cloned().unwrap_or_default();
        let rejects = faults.iter().any(|fault| fault.reason().code() != "untrusted");
        agree::same(&metadata, &faults, &model);
        let left = if strip { write::removed(config::all(), &lines) } else { lines.clone() };
        agree::is(inner.headers(), &left);

        let reject = extract.reject_with(|rejection| {
            let mut response = Response::new(Request::new(()));
            *response.status_mut() = rejection.status();
            response
        });
        let answer = through(&reject, request.clone());
        prop_assert_eq!(answer.is_err(), rejects);

        let metadata = real::metadata(&texts);
        let inject = MetadataHeadersLayer::inject(real::acme());
        let inject = if keep { inject.if_not_present() } else { inject };
        request.extensions_mut().insert(metadata.clone());
        let sent = through(&inject, request).unwrap();
        let written = write::written(&config::all()[0], &real::fields(&metadata), &lines, keep, false);
        agree::is(sent.headers(), &written.lines);
    }
}

/// Returns the request that the inner service gets, or the status of the
/// layer's own response.
fn through<L>(layer: &L, request: Request<()>) -> Result<Request<()>, StatusCode>
where
    L: Layer<Echo>,
    L::Service: Service<Request<()>, Response = Response<Request<()>>, Error = Infallible>,
{
    let echo: Echo = service_fn(|request| ready(Ok(Response::new(request))));
    let answer = layer.layer(echo).call(request).now_or_never();
    let answer = answer.unwrap().unwrap();
    match answer.status() {
        StatusCode::OK => Ok(answer.into_body()),
        status => Err(status),
    }
}

type Echo =
    tower::util::ServiceFn<fn(Request<()>) -> Ready<Result<Response<Request<()>>, Infallible>>>;

/// If the requests had no faults, the comparison would check nothing. So each
/// field and each fault must occur often enough.
#[test]
fn generated_requests_cover_every_field_and_every_fault() {
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    let mut meet = |what: String| *met.entry(what).or_default() += 1;
    let mut runner = TestRunner::new(requests::cases(CASES));
    let requests = (requests::lines(), requests::texts());
    let extractor = real::extractor();
    for _ in 0..CASES {
        let (lines, texts) = requests.new_tree(&mut runner).unwrap().current();
        let headers = real::headers(&lines);
        let found = extractor.read_trusted(&headers);
        for (key, _) in found.metadata.iter() {
            meet(format!("read {key}"));
        }
        for faults in [found.faults, extractor.read(&headers).faults] {
            for (_, _, code) in real::faults(&faults) {
                meet(format!("read {code}"));
            }
        }
        let metadata = real::metadata(&texts);
        for convention in [real::acme(), real::zoo()] {
            let third = HostPolicy::new(convention.clone()).without_identity();
            let third = Destinations::from(third);
            let uri = Uri::from_static("https://a.example/");
            let written = [
                convention.write(&metadata, &mut headers.clone()),
                convention.write_if_not_present(&metadata, &mut headers.clone()),
                third.write(&uri, &metadata, &mut headers.clone()),
            ];
            for written in written {
                for key in written.fields() {
                    meet(format!("wrote {key}"));
                }
                for (_, _, code) in real::faults(&written.faults()) {
                    meet(format!("wrote {code}"));
                }
            }
        }
    }
    let read = fields::KNOWN.iter().map(|field| field.name);
    let read = read
        .chain(READ_FAULTS.split(' '))
        .map(|what| format!("read {what}"));
    let wrote = fields::all().map(|field| field.name);
    let wrote = wrote
        .chain(WRITE_FAULTS.split(' '))
        .map(|what| format!("wrote {what}"));
    let expected: BTreeSet<String> = read.chain(wrote).collect();
    assert_eq!(met.keys().cloned().collect::<BTreeSet<_>>(), expected);
    let rare: Vec<_> = met.iter().filter(|(_, count)| **count < 10).collect();
    assert!(rare.is_empty(), "{rare:?}");
}

/// Faults of reading.
const READ_FAULTS: &str = "conflict empty empty_item invalid_character invalid_escape invalid_utf8 look_alike \
                    nominated repeated repeated_member too_long too_many too_many_bytes \
                    too_many_headers too_short untrusted";

/// Faults of writing.
const WRITE_FAULTS: &str = "already_set invalid_character unsupported too_long too_many too_short \
                     withheld";
