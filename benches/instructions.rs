//! Instructions by callgrind: they repeat exactly, whatever else the machine
//! does. `benches/README.md` says how to run this.

#![expect(missing_docs, reason = "gungraun's macros make items without")]

use std::hint::black_box;

use gungraun::{library_benchmark, library_benchmark_group, main};
use http::{HeaderMap, HeaderName, HeaderValue};
use tower_metadata_headers::{Extracted, Extractor, conventions};

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

library_benchmark_group!(name = reading, benchmarks = read);

main!(library_benchmark_groups = reading);
