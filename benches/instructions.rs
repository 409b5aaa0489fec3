//! Instructions by callgrind: they repeat exactly, whatever else the machine
//! does. `benches/README.md` says how to run this.

#![expect(missing_docs, reason = "gungraun's macros make items without")]

use std::hint::black_box;

use gungraun::{library_benchmark, library_benchmark_group, main};
use http::{HeaderMap, HeaderName, HeaderValue};
use tower_metadata_headers::{
    AgentId, Convention, Extracted, Extractor, Metadata, OrganizationId, ProjectId, SessionId,
    TaskId, conventions,
};

/// What Claude Code sends, around the headers of its own.
const SDK: [(&str, &str); 16] = [
    ("host", "gateway.internal:8787"),
    ("accept", "application/json"),
    ("accept-encoding", "gzip, deflate, br"),
    ("anthropic-beta", "claude-code-20250219"),
    ("anthropic-version", "2023-06-01"),
    ("authorization", "Bearer sk-test-0000000000000000"),
    ("content-type", "application/json"),
    ("content-length", "20482"),
    ("user-agent", "sdk/0.74.0"),
    ("x-app", "cli"),
    ("x-stainless-arch", "x64"),
    ("x-stainless-lang", "js"),
    ("x-stainless-os", "Linux"),
    ("x-stainless-retry-count", "0"),
    ("x-stainless-runtime", "node"),
    ("x-stainless-runtime-version", "v24.11.0"),
];

const KILO: [(&str, &str); 5] = [
    ("x-kilocode-taskid", "0190b2c4-7f1e-7c3a-9b55-3f1d1f6e2a10"),
    (
        "x-kilocode-parent-taskid",
        "0190b2c4-7f1e-7c3a-9b55-3f1d1f6e2a11",
    ),
    ("x-kilocode-mode", "code"),
    ("x-kilocode-version", "4.99.0"),
    ("x-kilo-request", "msg_01J5Z8K2M4NQRA6BCD8E9FGH0J"),
];

fn request(own: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(48);
    for (name, value) in SDK.iter().chain(own) {
        let name = HeaderName::from_static(name);
        // A failure would show as a request that lacks a header.
        let _ = headers.try_append(name, HeaderValue::from_static(value));
    }
    headers
}

fn one(own: &[(&'static str, &'static str)]) -> (Extractor, HeaderMap) {
    (Extractor::from(conventions::kilo_code()), request(own))
}

fn all(own: &[(&'static str, &'static str)]) -> (Extractor, HeaderMap) {
    (Extractor::new(conventions::all()), request(own))
}

fn clients(own: &[(&'static str, &'static str)]) -> (Extractor, HeaderMap) {
    (conventions::clients(), request(own))
}

#[library_benchmark]
#[bench::one_convention(one(&KILO))]
#[bench::all_clients(clients(&KILO))]
#[bench::all_conventions(all(&KILO))]
#[bench::nothing_of_ours_one_convention(one(&[]))]
#[bench::nothing_of_ours_all_clients(clients(&[]))]
#[bench::nothing_of_ours_all_conventions(all(&[]))]
fn read((extractor, headers): (Extractor, HeaderMap)) -> (Extracted, Extractor, HeaderMap) {
    let extracted = black_box(&extractor).read(black_box(&headers));
    // Given back, so that dropping them is not counted.
    (extracted, extractor, headers)
}

/// Five fields, written once before: later clones of their values cost the same.
fn five() -> Metadata {
    let id = "0190b2c4-7f1e-7c3a-9b55-3f1d1f6e2a10";
    let fields = (
        SessionId::try_from(id),
        TaskId::try_from(id),
        AgentId::try_from(id),
        ProjectId::try_from(id),
        OrganizationId::try_from(id),
    );
    let (Ok(session), Ok(task), Ok(agent), Ok(project), Ok(organization)) = fields else {
        return Metadata::new();
    };
    let metadata = Metadata::new()
        .with(session)
        .with(task)
        .with(agent)
        .with(project)
        .with(organization);
    if let Ok(convention) = Convention::vendor("warm") {
        convention.write(&metadata, &mut HeaderMap::new());
    }
    metadata
}

fn writing(metadata: Metadata) -> (Convention, Metadata, HeaderMap) {
    (conventions::kilo_code(), metadata, request(&[]))
}

/// The same by hand, with the names and values at hand: the floor.
fn by_hand() -> (Vec<(HeaderName, HeaderValue)>, HeaderMap) {
    let names = [
        "x-kilocode-taskid",
        "x-kilocode-parent-taskid",
        "x-kilocode-organizationid",
        "x-kilocode-projectid",
        "x-kilocode-machineid",
    ];
    let value = Vec::from("0190b2c4-7f1e-7c3a-9b55-3f1d1f6e2a10");
    let headers = names.into_iter().filter_map(|name| {
        let value = HeaderValue::try_from(value.clone()).ok()?;
        // The first clone makes its bytes shared.
        let _shared = value.clone();
        Some((HeaderName::from_static(name), value))
    });
    (headers.collect(), request(&[]))
}

#[library_benchmark]
#[bench::five_headers(by_hand())]
fn insert_by_hand(
    (values, mut headers): (Vec<(HeaderName, HeaderValue)>, HeaderMap),
) -> (Vec<(HeaderName, HeaderValue)>, HeaderMap) {
    for (name, value) in &values {
        let _ = black_box(&mut headers).try_insert(name, value.clone());
    }
    (values, headers)
}

#[library_benchmark]
#[bench::five_fields(writing(five()))]
#[bench::nothing(writing(Metadata::new()))]
fn write(
    (convention, metadata, mut headers): (Convention, Metadata, HeaderMap),
) -> (Convention, Metadata, HeaderMap) {
    convention.write(black_box(&metadata), black_box(&mut headers));
    (convention, metadata, headers)
}

library_benchmark_group!(name = reading, benchmarks = read);
library_benchmark_group!(name = writing_headers, benchmarks = [insert_by_hand, write]);

main!(library_benchmark_groups = [reading, writing_headers]);
