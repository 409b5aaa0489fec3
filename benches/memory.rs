//! Memory that conventions and layers keep, and its limits.

use allocation_counter::measure;
use benches::cases::{Inner, calling, fields, ours};
use tower_layer::Layer;
use tower_metadata_headers::{MetadataHeadersLayer, conventions};

/// In one test, because built-in conventions are built on first use.
#[test]
fn conventions_and_layers_keep_no_more_bytes_than_their_limits() {
    let mut above = Vec::new();
    println!("{:<44} {:>7} {:>7}", "", "bytes", "limit");
    for (name, bytes, limit) in [
        ("a convention", kept(fields::acme), 14_000),
        ("a layer that injects it, after a request", inject(), 21_500),
        ("all clients", kept(conventions::clients), 131_000),
        ("all clients again", kept(conventions::clients), 0),
    ] {
        println!("{name:<44} {bytes:>7} {limit:>7}");
        if bytes > limit {
            above.push(format!("{name}: {bytes}"));
        }
    }
    assert_eq!(above, [""; 0]);
}

fn inject() -> i64 {
    let mut make = ours::carrying(fields::metadata(5));
    kept(|| {
        let service = MetadataHeadersLayer::inject(fields::acme()).layer(Inner::DROP);
        calling(service.clone())(make());
        service
    })
}

/// Returns the bytes that a value keeps in the heap.
fn kept<T>(make: impl FnOnce() -> T) -> i64 {
    let mut value = None;
    let bytes = measure(|| value = Some(make())).bytes_current;
    drop(value);
    bytes
}
