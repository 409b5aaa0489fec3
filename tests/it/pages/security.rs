//! Check that each promise of `SECURITY.md` names a test that exists.

use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn each_promise_names_a_test_that_exists() {
    let page = include_str!("../../../SECURITY.md");
    let named = page.split('`').skip(1).step_by(2);
    let named: Vec<(&str, &str)> = named
        .filter(|code| {
            code.chars()
                .all(|char| char.is_ascii_alphanumeric() || "_:/".contains(char))
        })
        .filter_map(|code| code.split_once("::"))
        .filter(|(module, _)| module.chars().all(|char| !char.is_ascii_uppercase()))
        .collect();
    assert!(named.len() > 50, "control: the page names tests");
    let missing: BTreeSet<_> = named
        .iter()
        .filter(|(module, name)| !is_test(module, name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");

    let rows = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.contains("held by"));
    for row in rows {
        assert!(row.contains("::"), "without a test: {row}");
    }
}

#[test]
fn name_of_no_test_is_missing() {
    let name = "each_promise_names_a_test_that_exists";
    assert!(is_test("it/pages/security", name), "control");
    for (module, name) in [
        ("it/pages/security", "each_promise_is_held"),
        ("it/pages/security", "is_test"),
        ("it/pages/package", name),
        ("it/security", name),
        ("pages/security", name),
        ("security", name),
        ("it/../it/pages/security", name),
    ] {
        assert!(!is_test(module, name), "{module}::{name}");
    }
}

/// Returns true if a module of a test binary has a function of this name with a
/// test attribute. The module is named by its path below `tests`.
fn is_test(module: &str, name: &str) -> bool {
    let Some(source) = source(module) else {
        return false;
    };
    let mut is_marked = false;
    source.lines().map(str::trim).any(|line| {
        is_marked |= line == "#[test]" || line.starts_with("#[tokio::test");
        let function = line.strip_prefix("async ").unwrap_or(line);
        let Some(function) = function.strip_prefix("fn ") else {
            return false;
        };
        let is_named = function
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('('));
        std::mem::take(&mut is_marked) && is_named
    })
}

/// Returns the text of a module if each module above it declares the next.
fn source(module: &str) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| {
        let mut folders = ["tests", "examples/relay/tests"].into_iter();
        folders.find_map(|folder| fs::read_to_string(root.join(folder).join(path)).ok())
    };
    let Some((parent, child)) = module.rsplit_once('/') else {
        return read(&format!("{module}/main.rs")).or_else(|| read(&format!("{module}.rs")));
    };
    let declaration = format!("mod {child};");
    let is_declared = source(parent)?.lines().any(|line| line == declaration);
    let text = read(&format!("{module}.rs")).or_else(|| read(&format!("{module}/mod.rs")));
    text.filter(|_| is_declared)
}
