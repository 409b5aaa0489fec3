//! Arbitrary values and metadata.

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngSeed},
};
use tower_metadata_headers::Metadata;

use super::fields::{AnyField, Kind};
use crate::model::values;

/// Returns a configuration with the same cases on every run. A failure is
/// shrunk and printed, and not stored in a file.
pub(crate) fn config(seed: u64) -> Config {
    Config {
        cases: 512,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    }
}

/// Ids: the whole alphabet, all lengths, and the forms of real ids.
pub(crate) fn id() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        4 => "[!#-+\\--:<-\\[\\]-~]{1,40}",
        1 => "[!#-+\\--:<-\\[\\]-~]{256}",
        2 => "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        1 => "ses_[0-9A-HJKMNP-TV-Z]{26}",
        1 => "[!#-+\\--:<-\\[\\]-~]{1,256}",
    ]
}

fn char() -> impl Strategy<Value = char> + Clone {
    prop_oneof![
        8 => prop::char::range(' ', '~'),
        2 => Just('%'),
        2 => Just(' '),
        1 => prop::char::range('\u{5d0}', '\u{5ea}'),
        1 => prop::char::range('\u{627}', '\u{64a}'),
        1 => prop::char::range('\u{1f600}', '\u{1f64f}'),
        1 => prop_oneof![Just('\u{200c}'), Just('\u{200d}'), Just('\u{fe0f}'), Just('\u{20e3}')],
        2 => any::<char>(),
    ]
}

/// Texts: any allowed characters, at any position.
pub(crate) fn text() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        4 => short_text(),
        // The maximum length, by repetition.
        1 => short_text().prop_map(|text| text.chars().cycle().take(256).collect()),
    ]
    .prop_map(|text: String| joined(&shortened(&text, 256)))
    .prop_filter("more than space", |text| !text.trim().is_empty())
}

fn short_text() -> impl Strategy<Value = String> + Clone {
    vec(char(), 1..16)
        .prop_map(|chars| joined(&String::from_iter(chars)))
        .prop_filter("more than space", |text| !text.trim().is_empty())
}

/// Returns the text without characters that are invalid at their position.
fn joined(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut kept: Vec<char> = Vec::new();
    for (at, &char) in chars.iter().enumerate() {
        let index = kept.len();
        kept.push(char);
        kept.extend(chars.get(at + 1));
        let shows = values::shows(&kept, index);
        kept.truncate(index + usize::from(shows));
    }
    kept.into_iter().collect()
}

/// Returns the first characters, up to this number of bytes.
fn shortened(text: &str, limit: usize) -> String {
    let mut len = 0;
    let fits = |char: &char| {
        len += char.len_utf8();
        len <= limit
    };
    text.chars().take_while(fits).collect()
}

/// Tags: 1 to 32, joined by commas.
pub(crate) fn tags() -> impl Strategy<Value = String> + Clone {
    let tag = prop_oneof![8 => short_text(), 1 => text()]
        .prop_map(|text| joined(text.replace(',', "").trim()).trim().to_owned())
        .prop_filter("a tag", |tag| !tag.is_empty() && joined(tag) == *tag);
    let tags = prop_oneof![4 => vec(tag.clone(), 1..5), 1 => vec(tag, 1..=32)];
    tags.prop_map(|mut tags: Vec<String>| {
        while values::escaped(&tags.join(","), "").len() > 2048 {
            tags.pop();
        }
        tags.join(",")
    })
}

pub(crate) fn value(kind: Kind) -> BoxedStrategy<String> {
    match kind {
        Kind::Id => id().boxed(),
        Kind::Text => text().boxed(),
        Kind::Tags => tags().boxed(),
    }
}

/// Metadata with any of these fields, or all of them.
pub(crate) fn metadata(
    fields: impl Iterator<Item = &'static AnyField>,
) -> impl Strategy<Value = Metadata> {
    let fields: Vec<&AnyField> = fields.collect();
    let some = |share: f64| -> Vec<_> {
        let fields = fields.iter();
        fields
            .map(|field| prop::option::weighted(share, value(field.kind)))
            .collect()
    };
    let all: Vec<_> = fields
        .iter()
        .map(|field| value(field.kind).prop_map(Some))
        .collect();
    prop_oneof![3 => some(0.4), 1 => some(0.1), 1 => all].prop_map(move |values| {
        let present = fields.iter().zip(&values);
        present.fold(Metadata::new(), |metadata, (field, value)| match value {
            Some(text) => (field.with)(metadata, text).expect("a valid value"),
            None => metadata,
        })
    })
}

/// Strings: arbitrary ones, and ones that are almost a value.
pub(crate) fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => vec(any::<char>(), 0..40).prop_map(String::from_iter),
        2 => "[ -~]{0,40}",
        1 => "[a-z]{250,262}",
        1 => "[a-z ]{0,8}(,[a-zé ]{0,8}){0,40}",
        2 => text(),
        2 => id(),
        2 => tags(),
        1 => (text(), any::<char>(), text()).prop_map(|(start, char, end)| format!("{start}{char}{end}")),
        1 => "\\s{0,4}",
    ]
}
