//! Typed values and metadata against models that are written down apart.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that finds nothing fails its test"
)]

#[path = "support/arbitrary.rs"]
mod arbitrary;
#[path = "support/fields.rs"]
mod fields;
#[path = "support/rules.rs"]
mod rules;

use std::{collections::BTreeMap, sync::LazyLock};

use http::HeaderMap;
use proptest::{collection::vec, prelude::*};
use tower_metadata_headers::{
    Class, Convention, Extractor, FieldKey, Id, Metadata, Rule, SessionId, Stability, Text,
};

use crate::{
    arbitrary::config,
    fields::{AnyField, Kind, PlanStep, TenantId},
};

/// A convention with a header for every field, those of the tests' own too.
static ACME: LazyLock<(Convention, Extractor)> = LazyLock::new(|| {
    let acme = Convention::vendor("acme").unwrap().to_builder();
    let acme = acme
        .rule(Rule::header::<PlanStep>("x-acme-plan-step"))
        .rule(Rule::header::<TenantId>("x-acme-tenant-id"))
        .build()
        .unwrap();
    (acme.clone(), Extractor::from(acme))
});

proptest! {
    #![proptest_config(config(2))]

    #[test]
    fn a_field_takes_a_text_just_where_the_rules_of_its_kind_do(text in arbitrary::string()) {
        for field in fields::all() {
            let wanted = rules::accepted(field.kind, &text);
            for parsed in (field.parse)(&text) {
                match parsed {
                    Ok(own) => prop_assert_eq!(Some(own), wanted.clone(), "{}", field.name),
                    Err(error) => {
                        prop_assert_eq!(None, wanted.clone(), "{}: {}", field.name, error);
                        prop_assert!(error.to_string().starts_with(field.name), "{}", error);
                    }
                }
            }
        }
    }

    #[test]
    fn a_value_comes_through_a_header_unchanged(
        id in arbitrary::id(),
        text in arbitrary::text(),
        tags in arbitrary::tags(),
    ) {
        let (acme, extractor) = &*ACME;
        for field in fields::all() {
            let value = match field.kind {
                Kind::Id => &id,
                Kind::Text => &text,
                Kind::Tags => &tags,
            };
            let metadata = (field.with)(Metadata::new(), value).unwrap();
            let own = (field.get)(&metadata);
            prop_assert_eq!(own.as_ref(), Some(value), "{}", field.name);

            let mut headers = HeaderMap::new();
            acme.write(&metadata, &mut headers);
            prop_assert!(!headers.is_empty());
            let found = extractor.read_trusted(&headers);
            prop_assert_eq!((field.get)(&found.metadata), own, "{}", field.name);
        }
    }

    #[test]
    fn metadata_is_a_map_whose_copies_go_their_own_ways(ops in vec(op(), 0..40)) {
        let mut pairs = vec![Pair::default()];
        for op in ops {
            let last = pairs.last_mut().unwrap();
            match op {
                Op::With(field, number) => last.with(field, number),
                Op::Insert(field, number) => last.insert(field, number)?,
                Op::Remove(field) => last.remove(field)?,
                Op::Merge(fallback) => {
                    let other = Pair::of(&fallback);
                    last.merge(&other);
                    pairs.push(other);
                }
                // Later changes are made to the copy.
                Op::Clone => {
                    let copy = last.clone();
                    pairs.push(copy);
                }
                // Later changes are made to the original.
                Op::Keep => {
                    let copy = last.clone();
                    pairs.insert(0, copy);
                }
            }
            pairs.last().unwrap().agree()?;
        }
        for one in &pairs {
            one.agree()?;
            for other in &pairs {
                prop_assert_eq!(one.metadata == other.metadata, one.model == other.model);
            }
        }
    }
}

#[test]
fn a_text_takes_each_character_just_where_the_rules_do() {
    for char in '\0'..=char::MAX {
        let is_taken = Text::try_from(format!("a{char}b")).is_ok();
        assert_eq!(is_taken, rules::is_shown(char), "{char:?}");
    }
}

#[test]
fn an_id_takes_each_byte_of_ascii_just_where_the_rules_do() {
    for char in '\0'..='\u{ff}' {
        let text = format!("a{char}b");
        let is_taken = Id::try_from(text.as_str()).is_ok();
        let wanted = rules::accepted(Kind::Id, &text).is_some();
        assert_eq!(is_taken, wanted, "{char:?}");
    }
}

#[test]
fn the_well_known_fields_are_those_that_are_tested_in_their_order() {
    let known: Vec<&str> = FieldKey::well_known().map(FieldKey::name).collect();
    let tested: Vec<&str> = fields::KNOWN.iter().map(|field| field.name).collect();
    assert_eq!(known, tested);
    for (key, field) in FieldKey::well_known().zip(fields::KNOWN) {
        assert_eq!(key, (field.key)());
        let is_identity = key.class() == Class::Identity;
        let is_volatile = key.stability() == Stability::Volatile;
        assert_eq!(
            (is_identity, is_volatile),
            (field.identity, field.volatile),
            "{key}"
        );
    }
}

#[derive(Clone, Debug)]
enum Op {
    With(usize, u8),
    Insert(usize, u8),
    Remove(usize),
    Merge(Vec<(usize, u8)>),
    Clone,
    Keep,
}

fn op() -> impl Strategy<Value = Op> {
    let count = fields::all().count();
    let field = move || 0..count;
    let number = 0..4_u8;
    prop_oneof![
        4 => (field(), number.clone()).prop_map(|(field, number)| Op::With(field, number)),
        4 => (field(), number.clone()).prop_map(|(field, number)| Op::Insert(field, number)),
        4 => field().prop_map(Op::Remove),
        1 => vec((field(), number), 0..6).prop_map(Op::Merge),
        1 => Just(Op::Clone),
        1 => Just(Op::Keep),
    ]
}

fn field(index: usize) -> &'static AnyField {
    fields::all().nth(index).unwrap()
}

/// What only an identity's value holds.
const SECRET: &str = "canary";

/// One of a few texts of a field.
fn text(field: &AnyField, number: u8) -> String {
    match field.kind {
        Kind::Id if field.identity => format!("{SECRET}-{number}"),
        Kind::Id => format!("id-{number}"),
        Kind::Text => format!("Prüfung {number}"),
        Kind::Tags => format!("a,b {number}"),
    }
}

/// Metadata, and the map that it should be.
#[derive(Clone, Debug, Default)]
struct Pair {
    metadata: Metadata,
    /// By the index of the field.
    model: BTreeMap<usize, String>,
}

impl Pair {
    fn of(values: &[(usize, u8)]) -> Self {
        let mut pair = Self::default();
        for &(index, number) in values {
            pair.with(index, number);
        }
        pair
    }

    fn with(&mut self, index: usize, number: u8) {
        let field = field(index);
        let text = text(field, number);
        let metadata = std::mem::take(&mut self.metadata);
        self.metadata = (field.with)(metadata, &text).unwrap();
        self.model.insert(index, text);
    }

    fn insert(&mut self, index: usize, number: u8) -> Result<(), TestCaseError> {
        let field = field(index);
        let text = text(field, number);
        let old = (field.insert)(&mut self.metadata, &text).unwrap();
        prop_assert_eq!(old, self.model.insert(index, text));
        Ok(())
    }

    fn remove(&mut self, index: usize) -> Result<(), TestCaseError> {
        let old = (field(index).remove)(&mut self.metadata);
        prop_assert_eq!(old, self.model.remove(&index));
        Ok(())
    }

    fn merge(&mut self, fallback: &Self) {
        self.metadata.merge(&fallback.metadata);
        for (index, text) in &fallback.model {
            self.model.entry(*index).or_insert_with(|| text.clone());
        }
    }

    fn agree(&self) -> Result<(), TestCaseError> {
        let Self { metadata, model } = self;
        prop_assert_eq!(metadata.len(), model.len());
        prop_assert_eq!(metadata.is_empty(), model.is_empty());
        for (index, field) in fields::all().enumerate() {
            prop_assert_eq!((field.get)(metadata), model.get(&index).cloned());
            prop_assert_eq!((field.contains)(metadata), model.contains_key(&index));
        }

        // In the order of the table: the well-known ones, then the others by name.
        let names: Vec<&str> = metadata.iter().map(|(key, _)| key.name()).collect();
        let wanted: Vec<&str> = model.keys().map(|&index| field(index).name).collect();
        prop_assert_eq!(names, wanted);

        let session = [0, 1, 2].iter().find_map(|index| model.get(index));
        let found = metadata.session();
        prop_assert_eq!(
            found.as_ref().map(SessionId::as_str),
            session.map(String::as_str)
        );

        self.hides_identity()
    }

    fn hides_identity(&self) -> Result<(), TestCaseError> {
        let debug = format!("{:?} {:#?}", self.metadata, self.metadata);
        prop_assert!(!debug.contains(SECRET), "{}", debug);
        for (key, shown) in self.metadata.iter() {
            let field = fields::named(key.name()).unwrap();
            let line = format!("{shown} {shown:?}");
            prop_assert_eq!(line.contains("hidden"), field.identity, "{}", line);
            prop_assert_eq!(shown.expose().contains(SECRET), field.identity, "{}", line);
            prop_assert!(!line.contains(SECRET), "{}", line);
            prop_assert!(debug.contains(key.name()), "{}", debug);
        }
        Ok(())
    }
}
