//! Simulated engine, which keeps a prompt cache and remembers whose session it has.

use std::{
    iter,
    net::SocketAddr,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures_util::{StreamExt, stream};
use lru::LruCache;
use relay::{
    BoxError,
    serve::{Server, serve},
};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

/// Number of conversations whose prompts an engine has room for.
pub(crate) const CACHED: usize = 40;

/// Number of keys that an engine remembers.
const KEYS: usize = 10_000;

/// Time for a request, and for each part of a stream.
const WORK: Duration = Duration::from_millis(20);

/// Number of parts of a stream. Each is a line with the whole [`Answer`].
pub(crate) const PARTS: usize = 50;

/// Request to an engine.
#[derive(Serialize, Deserialize)]
pub(crate) struct Chat {
    pub(crate) stream: bool,
    /// The conversation so far. No two conversations have the same first message.
    pub(crate) messages: Vec<String>,
}

/// Response of an engine.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) engine: String,
    /// The first message.
    pub(crate) conversation: String,
    /// The number of the prompt's messages.
    pub(crate) prompt: usize,
    /// The number of those that were in the cache.
    pub(crate) cached: usize,
    /// True if the request has no key.
    pub(crate) is_unpinned: bool,
    /// True if another conversation has come with the same key.
    pub(crate) is_mixed: bool,
}

/// Starts an engine.
pub(crate) async fn start(name: String, address: SocketAddr) -> Result<Server, BoxError> {
    let size = |size| NonZeroUsize::new(size).ok_or("size: must not be zero");
    let engine = Arc::new(Engine {
        name,
        memory: Mutex::new(Memory {
            prompts: LruCache::new(size(CACHED)?),
            owners: LruCache::new(size(KEYS)?),
        }),
    });
    let router = Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/health", get(async || "ok"))
        .with_state(engine);
    Ok(serve(TcpListener::bind(address).await?, router)?)
}

struct Engine {
    name: String,
    memory: Mutex<Memory>,
}

struct Memory {
    /// The messages of each conversation, by the first one.
    prompts: LruCache<String, Vec<String>>,
    /// The first message of the conversation that came with a key.
    owners: LruCache<String, String>,
}

async fn chat(
    State(engine): State<Arc<Engine>>,
    headers: HeaderMap,
    Json(chat): Json<Chat>,
) -> Response {
    let is_stream = chat.stream;
    let answer = Json(engine.answer(chat, &headers));
    tokio::time::sleep(WORK).await;
    if !is_stream {
        return answer.into_response();
    }
    let line = serde_json::to_string(&*answer).map(|json| json + "\n");
    // An answer has no key that is not a string, so this can't fail.
    let lines = iter::repeat_n(line.unwrap_or_default(), PARTS);
    let lines = stream::iter(lines).then(async |line| {
        tokio::time::sleep(WORK).await;
        Ok::<_, std::convert::Infallible>(line)
    });
    Response::new(Body::from_stream(lines))
}

impl Engine {
    fn answer(&self, chat: Chat, headers: &HeaderMap) -> Answer {
        let conversation = chat.messages.first().cloned().unwrap_or_default();
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let key = headers
            .get("x-session-affinity")
            .and_then(|key| key.to_str().ok());
        let is_mixed = key.is_some_and(|key| {
            let owner = memory
                .owners
                .get_or_insert(key.to_owned(), || conversation.clone());
            *owner != conversation
        });
        let cached = memory.prompts.get(&conversation).map_or(0, |cached| {
            let both = iter::zip(cached, &chat.messages);
            both.take_while(|(cached, sent)| cached == sent).count()
        });
        let prompt = chat.messages.len();
        memory.prompts.put(conversation.clone(), chat.messages);
        Answer {
            engine: self.name.clone(),
            conversation,
            prompt,
            cached,
            is_unpinned: key.is_none(),
            is_mixed,
        }
    }
}
