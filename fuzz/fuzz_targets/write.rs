//! Any metadata is written to any header lines as the model does, and read
//! back.

#![no_main]

mod input;
#[path = "../../tests/model/rules/mod.rs"]
mod model;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let (fields, lines) = input::parts(data);
    let metadata = model::real::metadata(&input::texts(fields));
    model::agree::writes(&metadata, &input::lines(lines));
});

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    input::mutate(data, size, max_size, seed)
});
