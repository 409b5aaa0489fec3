//! Our cases and their floors under gungraun, which compares each run with the
//! previous one, and leaves profiles for `callgrind_annotate`.
//!
//! Its counts are of one call with the cost of the baseline. `bin/limits.rs`
//! checks the limits, which are differences and ratios.

#![expect(clippy::unwrap_used, reason = "a missing case ends the program")]

use std::hint::black_box;

use benches::cases::{self, Inner, Request, Run};
use gungraun::{library_benchmark, library_benchmark_group, main};

/// Number of calls before the call that is counted.
const CALLS_BEFORE: usize = 64;

fn ready(name: &str) -> (Run, Request) {
    let mut cases = cases::all().into_iter();
    let case = cases.find(|case| case.name == name).unwrap();
    let (mut make, mut run) = (case.make(), case.run(Inner::DROP));
    for request in (0..CALLS_BEFORE).map(|_| make()).collect::<Vec<_>>() {
        run(request);
    }
    (run, make())
}

#[library_benchmark(setup = ready)]
#[bench::inject_1_floor("inject 1: floor")]
#[bench::inject_5_floor("inject 5: floor")]
#[bench::inject_8_floor("inject 8: floor")]
#[bench::inject_16_floor("inject 16: floor")]
#[bench::path_5_floor("path 5: floor")]
#[bench::extract_5_floor("extract 5: floor")]
#[bench::extract_0_an_extension_alone("extract 0: an extension alone")]
#[bench::inject_1_ours("inject 1: ours")]
#[bench::inject_5_ours("inject 5: ours")]
#[bench::inject_8_ours("inject 8: ours")]
#[bench::inject_16_ours("inject 16: ours")]
#[bench::inject_5_ours_the_last_of_20_hosts("inject 5: ours, the last of 20 hosts")]
#[bench::inject_5_ours_write("inject 5: ours, Convention::write")]
#[bench::inject_0_ours_write("inject 0: ours, Convention::write")]
#[bench::inject_0_ours_no_metadata("inject 0: ours, no metadata")]
#[bench::inject_0_ours_empty_metadata("inject 0: ours, empty metadata")]
#[bench::path_5_ours("path 5: ours")]
#[bench::path_4_and_1_ours_a_new_request_id("path 4+1: ours, a new request id")]
#[bench::extract_5_ours_one_convention("extract 5: ours, one convention")]
#[bench::extract_5_ours_all_clients("extract 5: ours, all clients")]
#[bench::extract_5_ours_all_known("extract 5: ours, all known")]
#[bench::extract_0_ours_one_convention("extract 0: ours, one convention")]
#[bench::extract_0_ours_all_clients("extract 0: ours, all clients")]
#[bench::extract_0_ours_all_known("extract 0: ours, all known")]
#[bench::read_5_ours_one_convention("read 5: ours, one convention")]
#[bench::read_5_ours_all_clients("read 5: ours, all clients")]
#[bench::read_5_ours_all_known("read 5: ours, all known")]
#[bench::read_0_ours_one_convention("read 0: ours, one convention")]
#[bench::read_0_ours_all_clients("read 0: ours, all clients")]
#[bench::read_0_ours_all_known("read 0: ours, all known")]
#[bench::look_up_ours_an_unknown_name("look up: ours, an unknown name")]
#[bench::clone_ours_inject("clone: ours, inject")]
#[bench::clone_ours_extract("clone: ours, extract")]
fn case((mut run, request): (Run, Request)) -> Run {
    run(black_box(request));
    // Returned, so that dropping it is not counted.
    run
}

library_benchmark_group!(name = calls, benchmarks = case);

main!(library_benchmark_groups = calls);
