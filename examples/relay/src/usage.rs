//! Tokens that a response reports, read while it is forwarded.

use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use serde::Deserialize;

/// Number of input and output tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) input: u64,
    pub(crate) output: u64,
}

/// Reader of the usage in a JSON body, or in the events of a stream.
///
/// It buffers at most [`LIMIT`] bytes. If a JSON body or an event is longer, its
/// tokens are not counted. The body itself is not changed.
#[derive(Debug)]
pub(crate) enum UsageReader {
    Json(Vec<u8>),
    Events {
        line: Vec<u8>,
        is_too_long: bool,
        usage: Option<Usage>,
    },
    Nothing,
}

const LIMIT: usize = 1 << 20;

impl UsageReader {
    /// Creates a reader for a body with these headers.
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
                is_too_long: false,
                usage: None,
            },
            _ => Self::Nothing,
        }
    }

    /// Reads the next part of the body.
    pub(crate) fn push(&mut self, data: &[u8]) {
        match self {
            Self::Json(body) if body.len() + data.len() <= LIMIT => body.extend_from_slice(data),
            Self::Json(_) => *self = Self::Nothing,
            Self::Events {
                line,
                is_too_long,
                usage,
            } => {
                for part in data.split_inclusive(|&byte| byte == b'\n') {
                    if line.len() + part.len() > LIMIT {
                        *is_too_long = true;
                        line.clear();
                    }
                    if !*is_too_long {
                        line.extend_from_slice(part);
                    }
                    if part.ends_with(b"\n") {
                        *usage = highest(*usage, in_line(line));
                        *is_too_long = false;
                        line.clear();
                    }
                }
            }
            Self::Nothing => {}
        }
    }

    /// Returns the usage after the end of the body.
    pub(crate) fn finish(&mut self) -> Option<Usage> {
        match std::mem::replace(self, Self::Nothing) {
            Self::Json(body) => in_json(&body),
            Self::Events { line, usage, .. } => highest(usage, in_line(&line)),
            Self::Nothing => None,
        }
    }
}

fn in_line(line: &[u8]) -> Option<Usage> {
    let data = line.strip_prefix(b"data:")?;
    // Most events have no usage. Searching is cheaper than parsing.
    let name = b"\"usage\"";
    data.windows(name.len()).find(|part| part == name)?;
    in_json(data)
}

/// Returns the higher of each count.
///
/// Some APIs report usage in several events, with counts that only grow.
fn highest(before: Option<Usage>, now: Option<Usage>) -> Option<Usage> {
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

/// Response body or event of a stream, with its usage.
///
/// - Chat completions, whole or streamed: `usage`.
/// - Responses: `usage` if whole, `response.usage` if streamed.
/// - Messages: `usage` if whole, `message.usage` or `usage` if streamed.
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
