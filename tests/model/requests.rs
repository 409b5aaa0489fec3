//! Requests that are hard to read: owned names and similar names, on one line
//! or several, with values at the limits.

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, RngSeed},
};

use crate::rules::{
    Line,
    config::{self, MEMBERS},
    fields,
};

/// Returns a configuration with the same cases on every run. A failure is
/// shrunk and printed, and not stored in a file.
pub(crate) fn cases(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(11),
        ..Config::default()
    }
}

/// Lines of one request.
pub(crate) fn lines() -> impl Strategy<Value = Vec<Line>> {
    let piece = prop_oneof![
        100 => header(),
        20 => baggage(),
        20 => connection(),
        1 => flood(),
    ];
    vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// Headers, or bytes, near the limits of a request.
fn flood() -> impl Strategy<Value = Vec<Line>> {
    (29_usize..34, select(&[1, 236, 237, 256][..])).prop_map(|(count, len)| {
        let names = (0..count).map(|at| format!("x-v{at:02}-session-id").into_bytes());
        names.map(|name| (name, b"s".repeat(len))).collect()
    })
}

/// Names of the conventions, and names of others.
fn known() -> impl Strategy<Value = String> {
    let rules = config::all()
        .iter()
        .flat_map(|convention| &convention.rules);
    let all: Vec<String> = rules.flat_map(|rule| rule.names.clone()).collect();
    // Names of acme, which has rules of each kind, and names of zoo.
    let (few, many): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|name| !name.starts_with("x-zoo-"));
    prop_oneof![
        8 => select(few),
        3 => Just("x-zoo-session-id".to_owned()),
        5 => select(many),
        2 => "x-[a-c]-session-id",
        1 => select(OTHERS).prop_map(str::to_owned),
    ]
}

/// Names with owned prefixes, names of vendors, and other names.
const OTHERS: &[&str] = &[
    "x-acme-new",
    "x-zoo-tenant-id",
    "x-zoo-plan-step",
    "x-parent-session-id",
    "x-a-parent-session-id",
    "x-mcp-session-id",
    "x-posthog-session-id",
    "x-claude-remote-session-id",
    "x-acme-session-id",
    "x-acme-parent-session-id",
    "x-request-session-id",
    "x-session-id",
    "x--session-id",
    "x---session-id",
    "x-acme",
    "x-acme-",
    "acme-sessions",
    "acme-sessio",
    "accept",
    "user-agent",
    "baggages",
];

/// A known name, or a name that differs from it a little.
fn name() -> impl Strategy<Value = Vec<u8>> {
    let one_separator = (known(), any::<Index>(), separator()).prop_map(|(name, at, separator)| {
        let hyphens: Vec<usize> = name.match_indices('-').map(|(at, _)| at).collect();
        let mut bytes = name.into_bytes();
        if !hyphens.is_empty() {
            bytes[hyphens[at.index(hyphens.len())]] = separator;
        }
        bytes
    });
    let all_separators = (known(), separator()).prop_map(|(name, separator)| {
        let change = |byte: u8| if byte == b'-' { separator } else { byte };
        name.bytes().map(change).collect()
    });
    let longer = (known(), any::<Index>(), select(&b"az09_-"[..])).prop_map(|(name, at, byte)| {
        let mut bytes = name.into_bytes();
        bytes.insert(at.index(bytes.len()), byte);
        bytes
    });
    prop_oneof![
        6 => known().prop_map(String::into_bytes),
        1 => known().prop_map(|name| name.to_ascii_uppercase().into_bytes()),
        3 => one_separator,
        1 => all_separators,
        1 => longer,
    ]
}

/// Every character of a token that is not a letter, a digit or a hyphen.
fn separator() -> impl Strategy<Value = u8> {
    select(&b"!#$%&'*+.^_`|~"[..])
}

/// A header, most often on one line.
fn header() -> impl Strategy<Value = Vec<Line>> {
    let values = prop_oneof![6 => vec(value(), 1), 1 => vec(value(), 2..4)];
    (name(), values).prop_map(|(name, values)| {
        let lines = values.into_iter();
        lines.map(|value| (name.clone(), value)).collect()
    })
}

/// Few different values, so that some are equal, and any odd values.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let usual = select(&["aaaa", "bbbb", "ses_1", "ci,web", "code"][..]);
    let usual = usual.prop_map(str::to_owned);
    let odd = prop_oneof![
        8 => select(ODD).prop_map(str::to_owned),
        2 => (select(LENGTHS), "[a-z]").prop_map(|(len, char)| char.repeat(len)),
        2 => select(LENGTHS).prop_map(|len| "%41".repeat(len / 3)),
        1 => (126_usize..131).prop_map(|len| "%C3%A9".repeat(len)),
        6 => select(&["a,,b", ",b", "a, ,b"][..]).prop_map(str::to_owned),
        2 => (30_usize..36).prop_map(|tags| vec!["t"; tags].join(",")),
        4 => (select(AROUND), char(), select(AROUND)).prop_map(beside),
    ];
    prop_oneof![
        8 => usual.clone().prop_map(String::into_bytes),
        1 => usual.prop_map(|value| format!(" \t{value}\t ").into_bytes()),
        5 => odd.prop_map(String::into_bytes),
        1 => vec(byte(), 0..12),
    ]
}

/// Returns a character between two others, escaped.
fn beside((before, char, after): (&str, char, &str)) -> String {
    let escape = |byte| format!("%{byte:02x}");
    let text = format!("{before}{char}{after}");
    text.bytes().map(escape).collect()
}

/// Characters beside which a joiner or a selector is valid or invalid.
const AROUND: &[&str] = &[
    "", "", "a", "\u{e9}", "\u{200d}", "\u{fe0f}", "1", "\u{20e3}",
];

/// Characters at the limits of a text.
fn char() -> impl Strategy<Value = char> {
    let chars = "\u{1f} ~\u{7f}\u{80}\u{9f}\u{a0}\u{61b}\u{61c}\u{200d}\u{200e}\u{200f}\u{2010}\
                 \u{2027}\u{2028}\u{2029}\u{202a}\u{202e}\u{202f}\u{2065}\u{2066}\u{2069}\u{206a}\
                 \u{fdcf}\u{fdd0}\u{fdef}\u{fdf0}\u{fffd}\u{fffe}\u{ffff}\u{10000}\u{1fffd}\
                 \u{1fffe}\u{10ffff}\u{ac}\u{ad}\u{ae}\u{34f}\u{115f}\u{1160}\u{17b5}\u{180a}\u{180b}\
                 \u{180f}\u{1810}\u{200a}\u{200b}\u{200c}\u{205f}\u{2060}\u{206f}\u{2070}\u{3164}\
                 \u{fe00}\u{fe0f}\u{fe10}\u{feff}\u{ffa0}\u{ffef}\u{fff0}\u{1bca0}\u{1bca4}\u{1d173}\
                 \u{1d17b}\u{dffff}\u{e0000}\u{e0fff}\u{e1000}";
    select(chars.chars().collect::<Vec<_>>())
}

/// Lengths at the limits of ids, texts and tags.
const LENGTHS: &[usize] = &[
    3, 4, 12, 13, 16, 17, 255, 256, 257, 767, 768, 769, 2047, 2048, 2049,
];

const ODD: &[&str] = &[
    "", " ", "\t", ",", "a,", ",a", "a,,b", "a, ,b", "%20,b", "a, b", "a;b", "a\\b", "\"a\"",
    "a b", "%", "%4", "%zz", "%20", "%20a%20", "%41", "%61aaa", "%ff", "%C3", "%fe%ff", "%C0%AF",
    "%00", "%0d%0a", "%250a", "%C2%A0", "%2C", "Zo%C3%AB", "zo%c3%ab", "100%25", "{}", "a=b",
    "\u{e9}", "\u{202e}",
];

/// Bytes that a header's value may have, and some that it may not.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        4 => b' '..=b'~',
        2 => Just(b'%'),
        2 => prop_oneof![b'0'..=b'9', b'A'..=b'F'],
        1 => any::<u8>(),
    ]
}

/// `Connection` with names that are on the request or might be.
fn connection() -> impl Strategy<Value = Vec<Line>> {
    let option = prop_oneof![
        6 => name(),
        2 => Just(b"close".to_vec()),
        1 => Just(b" keep-alive ".to_vec()),
        1 => Just(b"baggage".to_vec()),
        1 => Just(b"two words".to_vec()),
        1 => Just(Vec::new()),
        1 => vec(byte(), 0..4),
    ];
    lines_of(b"connection", option)
}

/// Characters around a key, some of which other readers trim.
const FRAMES: &[(&[u8], &[u8])] = &[(b"\xa0", b""), (b"", b"\x85"), (b"%20", b"+"), (b"x", b"")];

/// Members of ours and of others, and text that is not a member.
fn baggage() -> impl Strategy<Value = Vec<Line>> {
    let key = prop_oneof![
        8 => select(&MEMBERS[..]),
        1 => select(&["acme.other", "Acme.User", "acme_user", ""][..]),
    ];
    // Keys that other readers may take for ours, and keys that none does.
    let frame = Just((&b""[..], &b""[..]));
    let frames = select(FRAMES);
    let frame = prop_oneof![9 => frame, 1 => frames];
    let key =
        (key, frame, any::<Index>(), 0_u8..10).prop_map(|(key, (before, after), at, turn)| {
            let mut key = key.to_owned();
            if turn == 0 && !key.is_empty() {
                let at = at.index(key.len());
                let escape = format!("%{:02x}", key.as_bytes()[at]);
                key.replace_range(at..=at, &escape);
            }
            [before, key.as_bytes(), after].concat()
        });
    let member = (
        key,
        value(),
        select(&["=", " = ", "", "=="][..]),
        select(&["", ";p=1", " ; p"][..]),
    );
    let member = member.prop_map(|(key, value, equals, properties)| {
        [
            key.as_slice(),
            equals.as_bytes(),
            &value,
            properties.as_bytes(),
        ]
        .concat()
    });
    let many = (60_usize..68).prop_map(|len| vec!["k=v"; len].join(",").into_bytes());
    let long = select(&[8190_usize, 8192, 8193][..]).prop_map(|len| b"v".repeat(len));
    lines_of(b"baggage", prop_oneof![40 => member, 1 => many, 1 => long])
}

/// Up to two lines with a list each.
fn lines_of(
    name: &'static [u8],
    item: impl Strategy<Value = Vec<u8>>,
) -> impl Strategy<Value = Vec<Line>> {
    let line = vec(item, 1..4).prop_map(move |items| (name.to_vec(), items.join(&b","[..])));
    vec(line, 1..3)
}

/// Names and texts of fields, some of them invalid.
pub(crate) fn texts() -> impl Strategy<Value = Vec<(String, String)>> {
    let names: Vec<&str> = fields::all().map(|field| field.name).collect();
    let text = prop_oneof![
        4 => select(&["aaaa", "bbbb", "ses_1"][..]).prop_map(str::to_owned),
        4 => select(TEXTS).prop_map(str::to_owned),
        1 => select(LENGTHS).prop_map(|len| "a".repeat(len)),
        2 => char().prop_map(|char| format!("a{char}")),
        1 => vec(any::<char>(), 0..8).prop_map(String::from_iter),
    ];
    let any = vec(
        (select(names.clone()).prop_map(str::to_owned), text.clone()),
        0..8,
    );
    let all = vec(text, names.len()).prop_map(move |texts| {
        let names = names.iter().map(|&name| name.to_owned());
        names.zip(texts).collect()
    });
    prop_oneof![6 => any, 1 => all]
}

const TEXTS: &[&str] = &[
    " a ",
    "a b",
    "Zoë",
    "100%",
    "%41",
    "a,b",
    "ci,nightly build",
    "é,ü",
    "\u{1f600}",
    "a=b",
    "git@h:o/r.git",
    "\u{3000}a",
    "a\u{200d}b",
    "abc",
    "abcdefghijklm",
    "abcdefghijklmnopq",
];
