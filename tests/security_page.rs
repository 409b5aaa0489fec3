//! Each promise of the page on security names tests that there are.

use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn each_promise_is_held_by_a_test() {
    let page = include_str!("../SECURITY.md");
    let named = page.split('`').skip(1).step_by(2);
    let named: Vec<(&str, &str)> = named
        .filter(|code| {
            code.chars()
                .all(|char| char.is_ascii_alphanumeric() || "_:/".contains(char))
        })
        .filter_map(|code| code.split_once("::"))
        .filter(|(file, _)| file.chars().all(|char| !char.is_ascii_uppercase()))
        .collect();
    assert!(named.len() > 50, "control: the page names tests");
    let missing: BTreeSet<_> = named.iter().filter(|test| !exists(test)).collect();
    assert!(missing.is_empty(), "{missing:?}");

    let rows = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.contains("held by"));
    for row in rows {
        assert!(row.contains("::"), "without a test: {row}");
    }
}

/// Whether a file has a test of this name.
fn exists((file, name): &&(&str, &str)) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("tests").join(file).with_extension("rs");
    let text = fs::read_to_string(path).unwrap_or_default();
    let is_test = |attribute: &str| text.contains(&format!("{attribute}\nfn {name}("));
    let is_async = |attribute: &str| text.contains(&format!("{attribute}\nasync fn {name}("));
    is_test("#[test]") || is_async("#[tokio::test]") || text.contains(&format!("    fn {name}("))
}
