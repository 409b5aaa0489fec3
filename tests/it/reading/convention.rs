//! Reading of one convention, and the set of all clients.

use tower_metadata_headers::{ConventionSet, conventions};

use crate::support::vectors;

/// `Convention::read` is equivalent to `ConventionSet::read` of a set with only
/// that convention.
#[test]
fn convention_reads_each_vector_as_a_set_of_it_alone_does() {
    let mut read = 0;
    for file in vectors::files() {
        for vector in &file.vectors {
            let name = vector.convention.as_ref().unwrap_or(&file.convention);
            let is_set = ["clients", "responses"].contains(&name.as_str());
            let Some(request) = vector.read.as_ref().filter(|_| !is_set) else {
                continue;
            };
            let Some(convention) = vectors::convention(name) else {
                continue;
            };
            let headers = request.request();
            let set = ConventionSet::from(convention.clone());
            assert_eq!(
                convention.read(&headers),
                set.read(&headers),
                "{}",
                vector.name
            );
            let trusted = convention.read_trusted(&headers);
            assert_eq!(trusted, set.read_trusted(&headers), "{}", vector.name);
            read += usize::from(!trusted.metadata.is_empty());
        }
    }
    assert!(read > 100, "control: {read} vectors");
}

/// Conventions of a client that `clients` reads under another name, or that
/// need a feature.
const NOT_AMONG_CLIENTS: [&str; 1] = ["codex-turn-metadata"];

#[test]
fn clients_read_every_convention_of_a_client() {
    let clients = conventions::clients();
    let is_read = |name: &str| clients.conventions().any(|known| known.name() == name);
    for convention in conventions::all().filter(|known| known.client().is_some()) {
        let is_left_out = NOT_AMONG_CLIENTS.contains(&convention.name());
        assert_ne!(
            is_read(convention.name()),
            is_left_out,
            "{}",
            convention.name()
        );
    }
}
