//! Files of the package.

use std::path::Path;

/// A link to a file outside the package is broken on crates.io.
#[test]
fn every_relative_link_of_the_readme_is_to_a_file_of_the_package() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let (_, include) = manifest.split_once("include = [").unwrap();
    let (include, _) = include.split_once(']').unwrap();
    let included: Vec<&str> = include.split('"').skip(1).step_by(2).collect();

    let readme = include_str!("../../../README.md");
    let links = readme.split("](").skip(1);
    let links: Vec<&str> = links
        .filter_map(|rest| Some(rest.split_once(')')?.0))
        .collect();
    let relative = links.iter().filter(|link| !link.contains("://"));
    assert!(relative.clone().count() >= 3, "control: {links:?}");
    for link in relative {
        assert!(root.join(link).is_file(), "{link}");
        let is_included = included.contains(&format!("/{link}").as_str());
        assert!(is_included, "{link} is not in the package");
    }
}
