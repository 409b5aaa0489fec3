//! Any text as a request's URI: if a convention is found for it, `url` reads
//! the allowed host and port from it too.

#![no_main]

#[path = "../../tests/model/destinations/hosts.rs"]
mod destinations;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(text) = str::from_utf8(data) {
        destinations::is_allowed(text);
    }
});
