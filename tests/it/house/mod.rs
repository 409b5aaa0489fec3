//! Imports among the files of `src/`, and how long a file may be.

mod imports;
mod source;

use std::collections::BTreeSet;

use self::imports::{House, part};

/// The parts of `src/`, from the top down. A part imports only what is below it.
const ORDER: &[&str] = &[
    "serde",
    "axum",
    "tower_http",
    "layer",
    "tracing",
    "tokio",
    "destination",
    "hmac",
    "conventions",
    "convention",
    "read",
    "write",
    "rule",
    "header_set",
    "metadata",
    "fault",
    "limits",
    "fields",
    "field",
    "error",
    "encoding",
    "reason",
];

const MAX_LINES: usize = 350;

/// Files that are one list of data, and no easier to read in pieces.
const DATA: &[&str] = &["conventions/table.rs"];

#[test]
fn imports_of_files_form_no_circle() {
    assert_eq!(House::of_this_crate().circles(), [[""; 0]; 0]);
}

#[test]
fn imports_point_down() {
    let house = House::of_this_crate();
    let parts: BTreeSet<&str> = house.files().map(|source| part(&source.file)).collect();
    let listed = ORDER.iter().copied().chain(["lib"]).collect();
    assert_eq!(parts, listed, "`ORDER` lists every part of `src/`");
    assert_eq!(house.upward(ORDER), [""; 0]);
}

#[test]
fn files_stay_short() {
    let house = House::of_this_crate();
    let long = house.files().filter(|source| source.lines > MAX_LINES);
    let long: BTreeSet<&str> = long.map(|source| &*source.file).collect();
    let data = DATA.iter().copied().collect();
    assert_eq!(long, data, "over {MAX_LINES} lines");
}

mod controls {
    use super::*;

    #[test]
    fn files_that_import_each_other_are_a_circle() {
        let house = House::new([
            ("lib.rs", "mod a; mod b; mod c; mod d;"),
            ("a.rs", "use crate::b::B; struct A;"),
            ("b.rs", "struct B(crate::c::C);"),
            (
                "c.rs",
                "use super::{a::{self}, d as other}; struct C(a::A);",
            ),
            ("d.rs", "struct D;"),
        ]);
        assert_eq!(house.circles(), [["a.rs", "b.rs", "c.rs"]]);
    }

    #[test]
    fn an_import_of_a_part_above_points_up() {
        let house = House::new([
            ("top/mod.rs", "mod inner; use crate::low::Low;"),
            ("top/inner.rs", "pub struct Inner;"),
            (
                "low.rs",
                "use super::top::inner::Inner as Other; struct Low;",
            ),
        ]);
        let upward = house.upward(&["top", "low"]);
        assert_eq!(upward, ["low.rs imports top/inner.rs"]);
    }

    #[test]
    fn an_import_through_a_re_export_is_of_the_file_that_defines_the_name() {
        let house = House::new([
            ("lib.rs", "pub use self::a::{Glob, Made as Renamed};"),
            ("a/mod.rs", "pub use self::{one::*, two::Made}; struct Own;"),
            ("a/one.rs", "pub struct Glob;"),
            ("a/two.rs", "some_macro! { struct Made; }"),
            ("b.rs", "use crate::Glob; fn b(_: crate::Renamed) {}"),
            ("c.rs", "use crate::a; fn c(_: a::Own, _: a::Glob) {}"),
        ]);
        assert_eq!(house.imports("crate::b"), ["a/one.rs", "a/two.rs"]);
        assert_eq!(house.imports("crate::c"), ["a/mod.rs", "a/one.rs"]);
    }

    #[test]
    fn a_re_export_is_an_import_only_where_its_file_uses_the_name() {
        let house = House::new([
            (
                "a/mod.rs",
                "mod one; pub use self::one::{One, Two}; type Used = One;",
            ),
            ("a/one.rs", "pub struct One; pub struct Two;"),
            ("b/mod.rs", "mod one; pub(crate) use self::one::{One, Two};"),
            ("b/one.rs", "pub struct One; pub struct Two;"),
        ]);
        assert_eq!(house.imports("crate::a"), ["a/one.rs"]);
        assert_eq!(house.imports("crate::b"), [""; 0]);
    }

    #[test]
    fn a_macro_is_imported_where_it_is_called() {
        let house = House::new([
            ("lib.rs", "mod macros; mod a; mod b; mod c;"),
            ("macros.rs", "macro_rules! make { () => {} }"),
            ("a.rs", "make! {}"),
            ("b.rs", "crate::make!();"),
            ("c.rs", "fn make() {}"),
        ]);
        assert_eq!(house.imports("crate::a"), ["macros.rs"]);
        assert_eq!(house.imports("crate::b"), ["macros.rs"]);
        assert_eq!(house.imports("crate::c"), [""; 0]);
    }

    #[test]
    fn comments_literals_and_tests_import_nothing() {
        let source = r##"
            //! use crate::b::B;
            const TEXT: &str = "\" use crate::b::B;";
            const RAW: &str = r#"" use crate::b::B;"#;
            const QUOTES: [char; 2] = ['"', '\''];
            fn ends<'a>(text: &'a str) -> &'static str {} // crate::b::B
            #[cfg(test)]
            mod tests {
                use crate::b::B;
            }
            struct Last;
        "##;
        let house = House::new([("a.rs", source), ("b.rs", "struct B;")]);
        assert_eq!(house.imports("crate::a"), [""; 0]);
        let items: Vec<_> = house.files().flat_map(|source| &source.items).collect();
        assert_eq!(items, ["Last", "QUOTES", "RAW", "TEXT", "ends", "B"]);
    }
}
