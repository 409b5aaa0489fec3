//! The tokens that an answer says it took, read as it passes by.

use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use serde::Deserialize;

/// Tokens in and out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) input: u64,
    pub(crate) output: u64,
}

/// Reads the usage in a JSON body, or in the events of a stream.
///
/// It keeps no more than [`LIMIT`] bytes: of a JSON body that is longer, and of
/// an event that is, the tokens are not counted. The body itself passes
/// untouched.
#[derive(Debug)]
pub(crate) enum UsageReader {
    Json(Vec<u8>),
    Events {
        line: Vec<u8>,
        skips: bool,
        usage: Option<Usage>,
    },
    Nothing,
}

const LIMIT: usize = 1 << 20;

impl UsageReader {
    /// The reader for a body with these headers.
    pub(crate) fn new(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let media_type = text(CONTENT_TYPE).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default();
        if text(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Self::Nothing;
        }
        match media_type.trim().to_ascii_lowercase().as_str() {
            "application/json" => Self::Json(Vec::new()),
            "text/event-stream" => Self::Events {
                line: Vec::new(),
                skips: false,
                usage: None,
            },
            _ => Self::Nothing,
        }
    }

    /// Sees the next part of the body.
    pub(crate) fn pass(&mut self, data: &[u8]) {
        match self {
            Self::Json(body) if body.len() + data.len() <= LIMIT => body.extend_from_slice(data),
            Self::Json(_) => *self = Self::Nothing,
            Self::Events { line, skips, usage } => {
                for part in data.split_inclusive(|&byte| byte == b'\n') {
                    if line.len() + part.len() > LIMIT {
                        *skips = true;
                        line.clear();
                    }
                    if !*skips {
                        line.extend_from_slice(part);
                    }
                    if part.ends_with(b"\n") {
                        *usage = more(*usage, in_line(line));
                        *skips = false;
                        line.clear();
                    }
                }
            }
            Self::Nothing => {}
        }
    }

    /// What was read, once the body is over.
    pub(crate) fn finish(&mut self) -> Option<Usage> {
        match std::mem::replace(self, Self::Nothing) {
            Self::Json(body) => in_json(&body),
            Self::Events { line, usage, .. } => more(usage, in_line(&line)),
            Self::Nothing => None,
        }
    }
}

fn in_line(line: &[u8]) -> Option<Usage> {
    let data = line.strip_prefix(b"data:")?;
    // Most events have none, and need not be parsed.
    let name = b"\"usage\"";
    data.windows(name.len()).find(|part| part == name)?;
    in_json(data)
}

/// Where the counts grow with each event, the last are the highest.
fn more(before: Option<Usage>, now: Option<Usage>) -> Option<Usage> {
    let (Some(before), Some(now)) = (before, now) else {
        return before.or(now);
    };
    Some(Usage {
        input: before.input.max(now.input),
        output: before.output.max(now.output),
    })
}

fn in_json(json: &[u8]) -> Option<Usage> {
    let answer: Answer = serde_json::from_slice(json).ok()?;
    let inner = || {
        answer
            .response
            .or(answer.message)
            .and_then(|inner| inner.usage)
    };
    let counts = answer.usage.or_else(inner)?;
    Some(Usage {
        input: counts.prompt_tokens.or(counts.input_tokens).unwrap_or(0),
        output: counts
            .completion_tokens
            .or(counts.output_tokens)
            .unwrap_or(0),
    })
}

/// Chat completions have `usage` at the top. So have a whole Response and a
/// whole Message; when streamed, it is inside `response` and `message`.
#[derive(Deserialize)]
struct Answer {
    usage: Option<Counts>,
    response: Option<Inner>,
    message: Option<Inner>,
}

#[derive(Deserialize)]
struct Inner {
    usage: Option<Counts>,
}

#[derive(Deserialize)]
struct Counts {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
}
