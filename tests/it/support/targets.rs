//! The values that targets accept, written down from their sources and apart
//! from the crate's table.

/// Returns true if this can be a vendor's name, but for those that are
/// reserved.
pub(crate) fn is_vendor(name: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|char| char.is_ascii_alphanumeric());
    name.len() <= 64 && name.split('-').all(is_word)
}

/// Returns true if LiteLLM takes this from a header named
/// `x-<vendor>-session-id`.
pub(crate) fn is_session_to_litellm(text: &str) -> bool {
    let allowed = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '-';
    text.len() >= 8 && text.chars().all(allowed)
}

/// The values that the reader of a header accepts.
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

/// Returns the values that a convention's header accepts, if it does not accept
/// all; from the sources, apart from the crate's table.
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
    /// Returns the reason for which a value is not accepted.
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

/// Returns the prefix of the headers that a convention gives to every field
/// without a header of its own.
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
pub(crate) fn max_members(convention: &str) -> usize {
    match convention {
        "cloudflare-ai-gateway" => 5,
        _ => usize::MAX,
    }
}

/// Returns the length in bytes of a text as a JSON string, with its quotes and
/// with all escaped that is not ASCII. It has no control characters.
pub(crate) fn json_len(text: &str) -> usize {
    let len = |char: char| match char {
        '"' | '\\' => 2,
        char if char.is_ascii() => 1,
        char => 6 * char.len_utf16(),
    };
    text.chars().map(len).sum::<usize>() + 2
}
