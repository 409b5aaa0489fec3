//! Response formats of the APIs that agents use.

use serde_json::{Value, json};

/// API that a path belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Dialect {
    /// Chat completions, which most agents use.
    Chat,
    /// OpenAI's Responses, which Codex uses.
    Responses,
    /// Anthropic's Messages, which Claude Code uses.
    Messages,
}

/// Content of a response, in no particular format.
pub(super) struct Reply {
    pub(super) model: String,
    pub(super) parts: Vec<String>,
    pub(super) input_tokens: usize,
    pub(super) output_tokens: usize,
    pub(super) received_headers: Value,
}

impl Dialect {
    /// Returns the response as one JSON object.
    pub(super) fn whole(self, reply: &Reply) -> Value {
        let text = reply.parts.concat();
        let mut answer = match self {
            Self::Chat => json!({
                "id": "chatcmpl-1", "object": "chat.completion", "created": 0,
                "choices": [{
                    "index": 0,
                    "message": { "role": "assistant", "content": text },
                    "finish_reason": "stop",
                }],
            }),
            Self::Responses => json!({
                "id": "resp_1", "object": "response", "created_at": 0, "status": "completed",
                "output": [{
                    "id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
                    "content": [{ "type": "output_text", "text": text, "annotations": [] }],
                }],
            }),
            Self::Messages => json!({
                "id": "msg_1", "type": "message", "role": "assistant",
                "content": [{ "type": "text", "text": text }],
                "stop_reason": "end_turn", "stop_sequence": null,
            }),
        };
        if let Some(members) = answer.as_object_mut() {
            members.insert("model".to_owned(), json!(reply.model));
            members.insert("usage".to_owned(), self.usage(reply));
            members.insert(
                "received_headers".to_owned(),
                reply.received_headers.clone(),
            );
        }
        answer
    }

    /// Returns the response as server-sent events.
    pub(super) fn events(self, reply: &Reply) -> Vec<String> {
        match self {
            Self::Chat => chat_events(reply, &self.usage(reply)),
            Self::Responses => self.response_events(reply),
            Self::Messages => self.message_events(reply),
        }
    }

    fn usage(self, reply: &Reply) -> Value {
        let (input, output) = (reply.input_tokens, reply.output_tokens);
        match self {
            Self::Chat => json!({
                "prompt_tokens": input,
                "completion_tokens": output,
                "total_tokens": input + output,
            }),
            Self::Responses => json!({
                "input_tokens": input,
                "output_tokens": output,
                "total_tokens": input + output,
            }),
            Self::Messages => json!({ "input_tokens": input, "output_tokens": output }),
        }
    }

    fn response_events(self, reply: &Reply) -> Vec<String> {
        let mut response = self.whole(reply);
        let deltas = reply.parts.iter().map(|part| {
            json!({
                "type": "response.output_text.delta", "item_id": "msg_1",
                "output_index": 0, "content_index": 0, "delta": part,
            })
        });
        let mut events = vec![json!({
            "type": "response.created",
            "response": { "id": "resp_1", "object": "response", "status": "in_progress" },
            "received_headers": reply.received_headers,
        })];
        events.extend(deltas);
        events.push(json!({ "type": "response.completed", "response": response.take() }));
        events.iter().map(named).collect()
    }

    fn message_events(self, reply: &Reply) -> Vec<String> {
        let deltas = reply.parts.iter().map(|part| {
            json!({
                "type": "content_block_delta", "index": 0,
                "delta": { "type": "text_delta", "text": part },
            })
        });
        let mut events = vec![
            json!({
                "type": "message_start",
                "message": {
                    "id": "msg_1", "type": "message", "role": "assistant", "content": [],
                    "model": reply.model,
                    "usage": { "input_tokens": reply.input_tokens, "output_tokens": 1 },
                },
                "received_headers": reply.received_headers,
            }),
            json!({
                "type": "content_block_start", "index": 0,
                "content_block": { "type": "text", "text": "" },
            }),
        ];
        events.extend(deltas);
        events.extend([
            json!({ "type": "content_block_stop", "index": 0 }),
            json!({
                "type": "message_delta",
                "delta": { "stop_reason": "end_turn", "stop_sequence": null },
                "usage": { "output_tokens": reply.output_tokens },
            }),
            json!({ "type": "message_stop" }),
        ]);
        events.iter().map(named).collect()
    }
}

fn chat_events(reply: &Reply, usage: &Value) -> Vec<String> {
    let chunk = |choices: Value, usage: &Value| {
        json!({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0,
            "model": reply.model, "choices": choices, "usage": usage,
            "received_headers": reply.received_headers,
        })
    };
    let delta = |part: &String| {
        let delta = json!({ "role": "assistant", "content": part });
        json!([{ "index": 0, "delta": delta, "finish_reason": null }])
    };
    let stop = json!([{ "index": 0, "delta": {}, "finish_reason": "stop" }]);
    let parts = reply
        .parts
        .iter()
        .map(|part| chunk(delta(part), &Value::Null));
    parts
        .chain([chunk(stop, &Value::Null), chunk(json!([]), usage)])
        .map(|event| format!("data: {event}\n\n"))
        .chain(["data: [DONE]\n\n".to_owned()])
        .collect()
}

/// Returns an event that is named after its type.
fn named(event: &Value) -> String {
    let name = event
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    format!("event: {name}\ndata: {event}\n\n")
}
