//! Any text as a configuration file: it is an error, or it is written back to a file that
//! is read as the same configuration and works.

#![no_main]

use http::{HeaderMap, Uri};
use tower_metadata_headers::{Metadata, SessionId, serde::Configuration};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(text) = str::from_utf8(data)
        && let Ok(configuration) = toml::from_str::<Configuration>(text)
    {
        let written = toml::to_string(&configuration).expect("a configuration is a table");
        let read: Configuration = toml::from_str(&written).expect("a file that was written");
        assert_eq!(read.conventions(), configuration.conventions());
        assert_eq!(read.read(), configuration.read());
        let again = toml::to_string(&read).expect("a configuration is a table");
        assert_eq!(again, written);
        works(&configuration);
    }
});

/// Writes with each destination, and reads what was written.
fn works(configuration: &Configuration) {
    let session = SessionId::try_from("5d1c7a6e-3f2b-4a89-9c0d-1e2f3a4b5c6d").expect("an id");
    let metadata = Metadata::new().with(session);
    for (host, _) in configuration.destinations().hosts() {
        let host = host.trim_end_matches(":*").replace('*', "a");
        let uri: Uri = format!("https://{host}/").parse().expect("a host");
        let mut headers = HeaderMap::new();
        let written = configuration
            .destinations()
            .write(&uri, &metadata, &mut headers);
        assert!(!headers.is_empty() || !written.faults().is_empty());
        if let Some(read) = configuration.read() {
            let _ = read.read(&headers);
        }
    }
}
