//! What a value must be, written down once more and apart from the crate:
//! a model to test it against.

use super::fields::Kind;

/// The text that a field of this kind has when it is made of `text`, or `None`
/// where that can't be.
pub(crate) fn accepted(kind: Kind, text: &str) -> Option<String> {
    match kind {
        Kind::Id => is_id(text).then(|| text.to_owned()),
        Kind::Text => is_text(text).then(|| text.to_owned()),
        Kind::Tags => tags(text),
    }
}

/// 1 to 256 of W3C Baggage's characters of a value.
fn is_id(text: &str) -> bool {
    let is_baggage = |char: char| char.is_ascii_graphic() && !"\",;\\".contains(char);
    (1..=256).contains(&text.len()) && text.chars().all(is_baggage)
}

/// 1 to 256 bytes of characters that show in one line, not all of them space.
fn is_text(text: &str) -> bool {
    text.len() <= 256 && joined(text) == text && !text.chars().all(char::is_whitespace)
}

/// The text without the characters that it can't have where they stand.
pub(crate) fn joined(text: &str) -> String {
    let mut kept: Vec<char> = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    for (at, &char) in chars.iter().enumerate() {
        let last = kept.last().copied().unwrap_or('a');
        let joins = "\u{200c}\u{200d}".contains(last);
        let selects = ('\u{fe00}'..='\u{fe0f}').contains(&last);
        let keycap = "0123456789#*".contains(last) && chars.get(at + 1) == Some(&'\u{20e3}');
        let fits = match char {
            '\u{200c}' | '\u{200d}' => !last.is_ascii() && !joins,
            '\u{fe0f}' if keycap => true,
            '\u{fe00}'..='\u{fe0f}' => !last.is_ascii() && !joins && !selects,
            _ => is_shown(char),
        };
        if fits {
            kept.push(char);
        }
    }
    kept.into_iter().collect()
}

/// No control, line separator, bidirectional control, invisible character or
/// non-character.
pub(crate) fn is_shown(char: char) -> bool {
    const INVISIBLE: &[(u32, u32)] = &[
        (0xad, 0xad),
        (0x34f, 0x34f),
        (0x61c, 0x61c),
        (0x115f, 0x1160),
        (0x17b4, 0x17b5),
        (0x180b, 0x180f),
        (0x200b, 0x200d),
        (0x2060, 0x206f),
        (0x3164, 0x3164),
        (0xfe00, 0xfe0f),
        (0xfeff, 0xfeff),
        (0xffa0, 0xffa0),
        (0xfff0, 0xfffb),
        (0x1bca0, 0x1bca3),
        (0x1d173, 0x1d17a),
        (0xe0000, 0xe0fff),
    ];
    const LINES: &str = "\u{2028}\u{2029}";
    const BIDI: &str = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
    let code = u32::from(char);
    let is_no_character =
        (0xfdd0..=0xfdef).contains(&code) || [0xfffe, 0xffff].contains(&(code % 0x1_0000));
    let is_invisible = INVISIBLE
        .iter()
        .any(|&(first, last)| (first..=last).contains(&code));
    !char.is_control()
        && !LINES.contains(char)
        && !BIDI.contains(char)
        && !is_invisible
        && !is_no_character
}

/// 1 to 32 texts, each without space around it, that take no more than 2,048
/// bytes in a header.
fn tags(text: &str) -> Option<String> {
    let tags: Vec<&str> = text.split(',').map(str::trim).collect();
    let joined = tags.join(",");
    let fits = tags.len() <= 32 && encoded_len(&joined) <= 2048;
    (fits && tags.into_iter().all(is_text)).then_some(joined)
}

/// How long a text without space at its ends is once percent-encoded.
pub(crate) fn encoded_len(text: &str) -> usize {
    let len = |byte: u8| match byte {
        b'%' => 3,
        b' '..=b'~' => 1,
        _ => 3,
    };
    text.bytes().map(len).sum()
}

/// Whether this can be a vendor's name, but for those that are reserved.
pub(crate) fn is_vendor(name: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|char| char.is_ascii_alphanumeric());
    name.len() <= 64 && name.split('-').all(is_word)
}

/// Whether LiteLLM takes this from a header named `x-<vendor>-session-id`.
pub(crate) fn is_session_to_litellm(text: &str) -> bool {
    let allowed = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '-';
    text.len() >= 8 && text.chars().all(allowed)
}

/// What the reader of a header accepts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    least: usize,
    most: usize,
    form: Form,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Any,
    /// Letters, digits and these.
    Made(&'static str),
    Uuid,
}

const ANY: Bounds = Bounds {
    least: 0,
    most: usize::MAX,
    form: Form::Any,
};

/// What a convention's header accepts, where it does not accept everything;
/// from the sources, apart from the crate's table.
pub(crate) fn bounds(convention: &str, header: &str) -> Option<Bounds> {
    let most = |most| Bounds { most, ..ANY };
    Some(match (convention, header) {
        (
            "litellm" | "litellm-spend-logs",
            "session-id" | "session_id" | "thread-id" | "conversation_id" | "x-session-id",
        ) => Bounds {
            least: 8,
            form: Form::Made("_-"),
            ..ANY
        },
        ("portkey", "x-portkey-metadata")
        | ("truefoundry", "x-tfy-metadata")
        | ("sglang", "x-smg-routing-key") => most(128),
        ("bifrost", "x-bf-session-id") => most(255),
        ("openrouter", "x-session-id") => most(256),
        ("openai", "x-client-request-id") => most(512),
        ("bedrock", "x-amzn-bedrock-request-metadata") => Bounds {
            form: Form::Made(" ._:/=+$@-"),
            ..most(256)
        },
        ("helicone", "helicone-request-id") => Bounds {
            form: Form::Uuid,
            ..ANY
        },
        _ => return None,
    })
}

impl Bounds {
    /// Why a value is not accepted.
    pub(crate) fn refuses(&self, value: &str) -> Option<&'static str> {
        if value.len() < self.least {
            return Some("too_short");
        }
        if value.len() > self.most {
            return Some("too_long");
        }
        let made = |also: &str| {
            value
                .chars()
                .all(|char| char.is_ascii_alphanumeric() || also.contains(char))
        };
        match self.form {
            Form::Any => None,
            Form::Made(also) => (!made(also)).then_some("invalid_character"),
            Form::Uuid => (!is_uuid_1_to_5(value)).then_some("not_a_uuid"),
        }
    }

    /// Ids that are only just accepted.
    pub(crate) fn inside(&self) -> Vec<String> {
        let mut inside = vec![UUID.to_owned()];
        if matches!(self.form, Form::Uuid) {
            inside.push(UUID.to_ascii_uppercase());
            inside.push(UUID.replace("-4", "-1"));
            return inside;
        }
        if self.least > 0 {
            inside.push("a".repeat(self.least));
        }
        inside.push("a".repeat(self.most.min(256)));
        if let Form::Made(also) = self.form {
            inside.push(format!("aZ09{also}aZ09").replace(' ', ""));
        }
        inside
    }

    /// Ids that are not quite accepted, each with the reason. Some are longer
    /// than any id, and so can only come in a header.
    pub(crate) fn outside(&self) -> Vec<(String, &'static str)> {
        let mut outside = Vec::new();
        if self.least > 0 {
            outside.push(("a".repeat(self.least - 1), "too_short"));
        }
        if self.most < usize::MAX {
            outside.push(("a".repeat(self.most + 1), "too_long"));
        }
        match self.form {
            Form::Any => {}
            Form::Made(_) => outside.push(("run*42*researcher".to_owned(), "invalid_character")),
            Form::Uuid => {
                for other in [
                    "01a1fb2c-5e70-7d40-8b6f-3e2a1c5d9f04",
                    "5d1c7a6e3f2b4a899c0d1e2f3a4b5c6d",
                    "5d1c7a6e-3f2b-4a89-9c0d-1e2f3a4b5c6",
                    "5d1c7a6e-3f2b-4a89-7c0d-1e2f3a4b5c6d",
                ] {
                    outside.push((other.to_owned(), "not_a_uuid"));
                }
            }
        }
        outside
    }
}

/// An id that every reader accepts.
pub(crate) const UUID: &str = "5d1c7a6e-3f2b-4a89-9c0d-1e2f3a4b5c6d";

fn is_uuid_1_to_5(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let is_hex = |group: &&str| group.chars().all(|char| char.is_ascii_hexdigit());
    let lens: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let starts = |at: usize, with: &str| {
        groups
            .get(at)
            .is_some_and(|group: &&str| group.starts_with(|char| with.contains(char)))
    };
    lens == [8, 4, 4, 4, 12]
        && groups.iter().all(is_hex)
        && starts(2, "12345")
        && starts(3, "89abAB")
}

/// What the names of headers begin with that a convention gives to every
/// field without a header of its own.
pub(crate) fn rest(convention: &str) -> Option<&'static str> {
    match convention {
        "helicone" => Some("helicone-property-"),
        "bifrost" => Some("x-bf-dim-"),
        "llm-gateway" => Some("x-llmgateway-"),
        _ => None,
    }
}

/// The header with the JSON object that has a member for every field without a
/// place of its own.
pub(crate) fn rest_object(convention: &str) -> Option<&'static str> {
    match convention {
        "litellm-spend-logs" => Some("x-litellm-spend-logs-metadata"),
        "portkey" => Some("x-portkey-metadata"),
        "cloudflare-ai-gateway" => Some("cf-aig-metadata"),
        "databricks" => Some("databricks-ai-gateway-request-tags"),
        "truefoundry" => Some("x-tfy-metadata"),
        _ => None,
    }
}

/// The most members that are written of a convention's JSON object.
pub(crate) fn most_members(convention: &str) -> usize {
    match convention {
        "cloudflare-ai-gateway" => 5,
        _ => usize::MAX,
    }
}

/// How many bytes a text has as a JSON string, with its quotes, where all that
/// is not ASCII is escaped. It has no control characters.
pub(crate) fn json_len(text: &str) -> usize {
    let len = |char: char| match char {
        '"' | '\\' => 2,
        char if char.is_ascii() => 1,
        char => 6 * char.len_utf16(),
    };
    text.chars().map(len).sum::<usize>() + 2
}
