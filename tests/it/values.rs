//! Typed values and metadata, compared with models that share no code with the
//! crate.

use std::{collections::BTreeMap, sync::LazyLock};

use http::HeaderMap;
use proptest::{collection::vec, prelude::*};
use tower_metadata_headers::{
    Charset, Class, Convention, ConventionSet, Fault, Faults, Field, FieldKey, Id, Metadata, Mode,
    Reason, Rule, SessionId, Stability, Tags, Text, TurnId, ValueLimits, conventions,
};

use crate::{
    model::values,
    support::{
        arbitrary::{self, config},
        fields::{self, AnyField, Kind, PlanStep, TenantId},
    },
};

/// Convention with a header for every field, and its reader. It has the tests'
/// own fields too.
static ACME: LazyLock<(Convention, ConventionSet)> = LazyLock::new(|| {
    let acme = Convention::vendor("acme").unwrap().to_builder();
    let acme = acme
        .rule(Rule::header::<PlanStep>("x-acme-plan-step"))
        .rule(Rule::header::<TenantId>("x-acme-tenant-id"))
        .build()
        .unwrap();
    (acme.clone(), ConventionSet::from(acme))
});

/// Returns the text of a field of this kind that is made of `text`, by the
/// model.
fn accepted(kind: Kind, text: &str) -> Option<String> {
    let written = values::from_text(kind, text).ok()?;
    Some(values::plain(kind, &written))
}

proptest! {
    #![proptest_config(config(2))]

    #[test]
    fn field_accepts_a_text_exactly_if_the_model_does(text in arbitrary::string()) {
        for field in fields::all() {
            let wanted = accepted(field.kind, &text);
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
    fn value_is_unchanged_after_writing_and_reading(
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
    fn metadata_is_a_map_with_independent_clones(ops in vec(op(), 0..40)) {
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
                // Later operations change the copy.
                Op::Clone => {
                    let copy = last.clone();
                    pairs.push(copy);
                }
                // Later operations change the original.
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
fn text_accepts_a_character_exactly_if_the_model_does() {
    for char in '\0'..=char::MAX {
        let text = format!("a{char}b");
        let is_taken = Text::try_from(text.as_str()).is_ok();
        let wanted = accepted(Kind::Text, &text).is_some();
        assert_eq!(is_taken, wanted, "{char:?}");
    }
}

/// Joiners and selectors are part of emoji, Persian words and keycaps.
/// Elsewhere they are invisible.
#[test]
fn text_takes_an_invisible_character_only_where_it_changes_what_is_seen() {
    for good in [
        "\u{2764}\u{fe0f}",
        "\u{2764}\u{fe0f}\u{200d}\u{1f525}",
        "\u{1f469}\u{200d}\u{1f4bb}",
        "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
        "1\u{fe0f}\u{20e3} #\u{fe0f}\u{20e3} *\u{fe0f}\u{20e3}",
    ] {
        assert_eq!(
            Text::try_from(good).map(|text| text.to_string()),
            Ok(good.into())
        );
        assert_eq!(accepted(Kind::Text, good).as_deref(), Some(good));
    }
    for (bad, at) in [
        ("plan\u{200b}", 4),
        ("pl\u{ad}an", 2),
        ("\u{feff}plan", 0),
        ("plan\u{e0001}", 4),
        ("plan\u{200d}", 4),
        ("plan\u{fe0f}", 4),
        ("\u{200c}plan", 0),
        ("1\u{fe0f}", 1),
        ("1\u{fe0e}\u{20e3}", 1),
        ("\u{e9}\u{200d}\u{200d}", 5),
        ("\u{2764}\u{fe0f}\u{fe0f}", 6),
        ("\u{2764}\u{200d}\u{fe0f}", 6),
    ] {
        let reason = Text::try_from(bad).unwrap_err().reason();
        assert_eq!(reason, Reason::InvalidCharacter { at }, "{bad:?}");
        assert_eq!(accepted(Kind::Text, bad), None, "{bad:?}");
    }
}

#[test]
fn empty_item_of_tags_is_invalid_and_an_empty_list_is_empty() {
    let reason = |text: &str| Tags::try_from(text).unwrap_err().reason();
    for text in ["a,,b", ",", "a,", ",a", "a, ,b"] {
        assert_eq!(reason(text), Reason::EmptyItem, "{text:?}");
        let read = read::<Tags>(text).err();
        assert_eq!(read, Some(Reason::EmptyItem), "{text:?}");
    }
    for text in ["", " "] {
        assert_eq!(reason(text), Reason::Empty, "{text:?}");
        assert_eq!(read::<Tags>(text), Err(Reason::Empty), "{text:?}");
    }
    let acme = Convention::builder("acme")
        .rule(Rule::read_only::<Tags>("acme-field"))
        .rule(Rule::read_only::<Tags>("acme-weak"))
        .build()
        .unwrap();
    for (value, expected) in [("", Some("weak")), ("a,,b", None)] {
        let mut headers = HeaderMap::new();
        headers
            .try_append("acme-field", value.parse().unwrap())
            .unwrap();
        headers
            .try_append("acme-weak", "weak".parse().unwrap())
            .unwrap();
        let found = ConventionSet::from(acme.clone()).read_trusted(&headers);
        let tags = found.metadata.get::<Tags>();
        assert_eq!(tags.as_ref().map(Tags::as_str), expected, "{value:?}");
    }
    let none = Tags::new([""; 0]).unwrap_err();
    let empty = Tags::new(["a", ""]).unwrap_err();
    assert_eq!(
        (none.reason(), empty.reason()),
        (Reason::Empty, Reason::EmptyItem)
    );
}

/// LiteLLM selects a model and a budget by the tags.
#[test]
fn tags_are_read_only_from_a_trusted_request_and_hidden_in_debug() {
    let mut headers = HeaderMap::new();
    headers
        .try_append("x-litellm-tags", "paid,team-admin".parse().unwrap())
        .unwrap();
    let litellm = ConventionSet::from(conventions::litellm());
    let found = litellm.read(&headers);
    assert!(found.metadata.is_empty());
    assert_eq!(
        found.faults.to_string(),
        "tags: request is not trusted with identity (x-litellm-tags)"
    );
    let trusted = litellm.read_trusted(&headers).metadata;
    let tags = trusted.get::<Tags>().unwrap();
    assert_eq!(tags.as_str(), "paid,team-admin");
    let shown = format!("{tags:?} {tags:#?} {trusted:?} {trusted:#?}");
    assert!(!shown.contains("paid"), "{shown}");

    let mut written = HeaderMap::new();
    conventions::litellm().write(&trusted, &mut written);
    assert_eq!(written["x-litellm-tags"], "paid,team-admin");
    assert!(written["x-litellm-tags"].is_sensitive());
}

/// Returns the field's value in a header that only this test has, or the
/// fault's reason.
fn read<F: Field>(value: &str) -> Result<F, Reason> {
    let acme = Convention::builder("acme").rule(Rule::header::<F>("acme-field"));
    read_in(acme.build().unwrap(), "acme-field", value)
}

fn read_in<F: Field>(convention: Convention, header: &str, value: &str) -> Result<F, Reason> {
    let mut headers = HeaderMap::new();
    let name = http::HeaderName::from_bytes(header.as_bytes()).unwrap();
    headers.try_append(name, value.parse().unwrap()).unwrap();
    let found = ConventionSet::from(convention).read_trusted(&headers);
    let reason = found.faults.iter().next().map(Fault::reason);
    found.metadata.get::<F>().ok_or_else(|| reason.unwrap())
}

#[test]
fn offset_of_a_header_counts_from_the_start_of_its_value_as_it_was_sent() {
    let character = |at| Reason::InvalidCharacter { at };
    let escape = |at| Reason::InvalidEscape { at };
    for (value, offset) in [("ab,", 2), (",", 0), (" \tab\"c ", 2), ("a b", 1)] {
        assert_eq!(at::<SessionId>(value), character(offset), "{value:?}");
    }
    for (value, reason) in [
        ("ab%0a", character(2)),
        ("%C3%A9%0a", character(6)),
        ("  %C3%A9b%0a", character(7)),
        ("%25%e2%80%a8", character(3)),
        ("a\tb", character(1)),
        ("%41%zz", escape(3)),
        (" a%4", escape(1)),
    ] {
        assert_eq!(at::<Mode>(value), reason, "{value:?}");
    }
    for (value, reason) in [
        ("ci,ab%0ac", character(5)),
        ("ci,  ab%0ac", character(7)),
        ("ci,%20%20ab%0ac", character(11)),
        ("%C3%A9,b%2Cc", character(8)),
        (" ci,a%zz", escape(4)),
        ("ci,a\tb", character(4)),
    ] {
        assert_eq!(at::<Tags>(value), reason, "{value:?}");
    }
}

fn at<F: Field>(value: &str) -> Reason {
    read::<F>(value).err().unwrap()
}

#[test]
fn offset_of_baggage_counts_from_the_start_of_the_members_value_as_it_was_sent() {
    let read = |value: &str| {
        let acme = Convention::builder("acme")
            .rule(Rule::baggage::<SessionId>("session"))
            .rule(Rule::baggage::<Mode>("mode"))
            .rule(
                Rule::baggage::<TurnId>("turn").limits(ValueLimits::new().charset(Charset::Word)),
            );
        let acme = acme.build().unwrap();
        let session = read_in::<SessionId>(acme, "baggage", value);
        session.err().unwrap()
    };
    for (value, reason) in [
        ("other=x,session=ab%2Cc", Reason::InvalidCharacter { at: 2 }),
        ("session=%61%62%2C", Reason::InvalidCharacter { at: 6 }),
        ("session = %61%zz;p=1", Reason::InvalidEscape { at: 3 }),
        ("mode=%C3%A9%0a", Reason::InvalidCharacter { at: 6 }),
        ("turn=%61.", Reason::InvalidCharacter { at: 3 }),
    ] {
        assert_eq!(read(value), reason, "{value:?}");
    }
}

#[cfg(feature = "json")]
#[test]
fn offset_of_a_json_string_counts_from_the_start_of_its_text() {
    let acme = || {
        let acme = Convention::builder("acme")
            .rule(Rule::member::<Mode>("acme-metadata", "mode"))
            .rule(Rule::json_string::<Tags>("acme-tags"));
        acme.build().unwrap()
    };
    let mode = read_in::<Mode>(acme(), "acme-metadata", r#"{"mode":"\u0061\u00e9\n"}"#);
    assert_eq!(mode.err(), Some(Reason::InvalidCharacter { at: 3 }));
    let tags = read_in::<Tags>(acme(), "acme-tags", r#""a, b\nc""#);
    assert_eq!(tags.err(), Some(Reason::InvalidCharacter { at: 4 }));
}

#[test]
fn offset_of_a_text_counts_from_its_start() {
    let character = |at| Reason::InvalidCharacter { at };
    let tags = |text: &str| Tags::try_from(text).unwrap_err().reason();
    assert_eq!(Id::try_from("a,b").unwrap_err().reason(), character(1));
    assert_eq!(
        Text::try_from("\u{e9}\n").unwrap_err().reason(),
        character(2)
    );
    assert_eq!(tags("\u{e9}, a\nb"), character(5));
    assert_eq!(tags("a,b ,  c\u{200b}"), character(8));
    // The offset counts in the joined list.
    let list = Tags::new(["ab", "c,d"]).unwrap_err().reason();
    assert_eq!(list, character(4));
}

#[test]
fn id_accepts_a_character_exactly_if_the_model_does() {
    for char in '\0'..='\u{ff}' {
        let text = format!("a{char}b");
        let is_taken = Id::try_from(text.as_str()).is_ok();
        let wanted = accepted(Kind::Id, &text).is_some();
        assert_eq!(is_taken, wanted, "{char:?}");
    }
}

#[test]
fn well_known_fields_are_those_of_the_tests_in_order() {
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

/// Text that only values of identity contain.
const SECRET: &str = "canary";

/// Returns one of a few texts of a field.
fn text(field: &AnyField, number: u8) -> String {
    match field.kind {
        Kind::Id if field.identity => format!("{SECRET}-{number}"),
        Kind::Id => format!("id-{number}"),
        Kind::Text => format!("Prüfung {number}"),
        Kind::Tags => format!("{SECRET},b {number}"),
    }
}

/// Metadata, and a map as its model.
#[derive(Clone, Debug, Default)]
struct Pair {
    metadata: Metadata,
    /// Texts by the index of the field.
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

        // In the order of the table: the well-known fields, then the others by
        // name.
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

#[test]
fn field_equals_its_text_and_converts_into_a_string() {
    let session = SessionId::try_from("ses_1").unwrap();
    assert!(session == "ses_1" && session != *"ses_2");
    assert_eq!(session.as_ref(), "ses_1");
    let id = Id::from(session.clone());
    assert!(id == "ses_1" && id != *"ses_2");
    assert_eq!(String::from(id), "ses_1");
    assert_eq!(String::from(session), "ses_1");

    let mode = Mode::try_from("pläne").unwrap();
    assert!(mode == "pläne" && mode != *"plan");
    let text = Text::from(mode.clone());
    assert!(text == "pläne" && text != *"plan");
    assert_eq!(String::from(text), "pläne");
    assert_eq!(String::from(mode), "pläne");
}

#[test]
fn faults_that_are_collected_are_limited_and_counted() {
    let mut headers = HeaderMap::new();
    for value in ["a", "b"] {
        let value = http::HeaderValue::from_static(value);
        headers.try_append("x-zoo-task-id", value).unwrap();
    }
    let faults = conventions::clients().read(&headers).faults;
    let fault = faults.iter().next().unwrap();
    let many: Faults = std::iter::repeat_n(fault.clone(), 100).collect();
    assert_eq!(many.iter().count(), Faults::MAX);
    assert_eq!(many.len(), 100);
}
