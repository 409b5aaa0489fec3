//! Any header lines, which the crate reads and removes as the model does.

#![no_main]

mod input;
#[path = "../../tests/model/rules/mod.rs"]
mod model;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    model::agree::reads(&input::lines(data));
});

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    input::mutate(data, size, max_size, seed)
});
