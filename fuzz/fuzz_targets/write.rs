//! Any metadata and header lines: the crate writes the metadata as the model
//! does, and reads it back.

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
