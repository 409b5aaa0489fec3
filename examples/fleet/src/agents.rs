//! Eight agents of two tenants, and their conversations.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use http::{
    HeaderMap, HeaderValue, Request,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use http_body_util::{BodyExt, Collected, Full};
use hyper::body::Bytes;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use relay::BoxError;
use tokio::{sync::watch, task::JoinSet};
use tower_metadata_headers::{Convention, Metadata, SessionId};

use crate::engine::{Answer, Chat, PARTS};

/// The agents, by the name of their convention, each with the key of its tenant.
const AGENTS: [(&str, &str); 8] = [
    ("claude-code", "fleet-acme"),
    ("codex", "fleet-acme"),
    ("opencode", "fleet-acme"),
    ("kilo-code", "fleet-acme"),
    ("claude-code", "fleet-umbrella"),
    ("codex", "fleet-umbrella"),
    ("zoo-code", "fleet-umbrella"),
    ("pi", "fleet-umbrella"),
];

/// Number of conversations of each agent. Each agent's n-th one has the same id as those of
/// the other tenant's agent with the same index.
const CONVERSATIONS: usize = 12;

/// Number of requests of each conversation.
const TURNS: usize = 10;

/// Maximum number of times that a request is sent until it gets an answer.
const ATTEMPTS: usize = 100;

/// Number of requests of all conversations.
pub(crate) const REQUESTS: usize = AGENTS.len() * CONVERSATIONS * TURNS;

/// Number of streams at once.
pub(crate) const STREAMS: usize = 1_000;

/// Result of all conversations.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Requests that were answered, by engine.
    pub(crate) engines: BTreeMap<String, usize>,
    pub(crate) prompt: usize,
    pub(crate) cached: usize,
    /// Requests that got no answer, by the engine that had the conversation. Each was
    /// repeated until it got one.
    pub(crate) lost: BTreeMap<String, usize>,
    /// Requests without a key.
    pub(crate) unpinned: usize,
    /// Requests whose key another conversation has too.
    pub(crate) mixed: usize,
    /// Conversations that changed their engine, by the first engine that they left.
    pub(crate) moved: BTreeMap<String, usize>,
    pub(crate) conversations: usize,
}

/// The agents, connected to the load balancer.
#[derive(Clone)]
pub(crate) struct Agents {
    client: Client<HttpConnector, Full<Bytes>>,
    url: String,
    /// The requests that were answered.
    answered: watch::Sender<usize>,
}

impl Agents {
    pub(crate) fn new(port: u16) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            url: format!("http://127.0.0.1:{port}/v1/chat/completions"),
            answered: watch::Sender::default(),
        }
    }

    /// Waits until this number of requests was answered.
    pub(crate) async fn have_answers(&self, answers: usize) {
        let mut answered = self.answered.subscribe();
        // Fails only if the sender is dropped, and `self` has one.
        let _ = answered.wait_for(|answered| *answered >= answers).await;
    }

    /// Holds all conversations at once.
    pub(crate) async fn converse(&self) -> Result<Outcome, BoxError> {
        let outcome = Arc::new(Mutex::new(Outcome::default()));
        let mut tasks = JoinSet::new();
        for (agent, (name, key)) in AGENTS.into_iter().enumerate() {
            for number in 0..CONVERSATIONS {
                let conversation = Conversation {
                    tag: format!("{agent}/{number}"),
                    headers: headers(name, key, session(agent, number))?,
                };
                let (agents, outcome) = (self.clone(), Arc::clone(&outcome));
                tasks.spawn(async move { agents.hold(&conversation, &outcome).await });
            }
        }
        while let Some(result) = tasks.join_next().await {
            result??;
        }
        let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut *outcome))
    }

    /// Holds a conversation. Each request has all messages before it, as agents send them.
    async fn hold(
        &self,
        conversation: &Conversation,
        outcome: &Mutex<Outcome>,
    ) -> Result<(), BoxError> {
        let mut messages = Vec::new();
        let mut engine: Option<String> = None;
        let mut has_moved = false;
        for turn in 0..TURNS {
            messages.push(format!("{}, message {turn}", conversation.tag));
            let chat = Chat {
                stream: false,
                messages: messages.clone(),
            };
            let count_lost = || {
                let lost = engine.clone().unwrap_or_default();
                *outcome_of(outcome).lost.entry(lost).or_default() += 1;
            };
            let answer = self.answer(conversation, &chat, count_lost).await?;
            self.answered.send_modify(|answered| *answered += 1);
            check(conversation, &answer)?;
            let mut outcome = outcome_of(outcome);
            if let Some(before) = engine.filter(|before| !has_moved && *before != answer.engine) {
                *outcome.moved.entry(before).or_default() += 1;
                has_moved = true;
            }
            engine = Some(answer.engine.clone());
            outcome.add(answer);
        }
        outcome_of(outcome).conversations += 1;
        Ok(())
    }

    /// Sends a request until it gets an answer.
    async fn answer(
        &self,
        conversation: &Conversation,
        chat: &Chat,
        count_lost: impl Fn(),
    ) -> Result<Answer, BoxError> {
        for _ in 0..ATTEMPTS {
            if let Some(body) = self.ask(conversation, chat).await? {
                return Ok(serde_json::from_slice(&body)?);
            }
            count_lost();
        }
        Err("a request gets no answer".into())
    }

    /// Sends a request, and returns the body of the response, or `None` if there is no whole
    /// response with status 200.
    async fn ask(
        &self,
        conversation: &Conversation,
        chat: &Chat,
    ) -> Result<Option<Bytes>, BoxError> {
        let body = Full::from(serde_json::to_vec(chat)?);
        let mut request = Request::post(&self.url).body(body)?;
        *request.headers_mut() = conversation.headers.clone();
        let Ok(response) = self.client.request(request).await else {
            return Ok(None);
        };
        if response.status().is_client_error() {
            return Err(format!("an agent got the status {}", response.status()).into());
        }
        let is_success = response.status().is_success();
        let body = response.into_body().collect().await.ok();
        Ok(body.map(Collected::to_bytes).filter(|_| is_success))
    }

    /// Reads this many streams at once, and returns the number of those that were lost.
    pub(crate) async fn stream(&self) -> Result<usize, BoxError> {
        let mut tasks = JoinSet::new();
        for number in 0..STREAMS {
            let (name, key) = AGENTS
                .get(number % AGENTS.len())
                .ok_or("agents: there are none")?;
            let conversation = Conversation {
                tag: format!("stream {number}"),
                headers: headers(name, key, session(number, 1_000 + number))?,
            };
            let agents = self.clone();
            tasks.spawn(async move { agents.read(&conversation).await });
        }
        let mut lost = 0;
        while let Some(result) = tasks.join_next().await {
            lost += usize::from(!result??);
        }
        Ok(lost)
    }

    /// Reads a stream, and returns true if all of it has arrived.
    async fn read(&self, conversation: &Conversation) -> Result<bool, BoxError> {
        let chat = Chat {
            stream: true,
            messages: vec![conversation.tag.clone()],
        };
        let Some(body) = self.ask(conversation, &chat).await? else {
            return Ok(false);
        };
        let mut parts = 0;
        for line in body
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            check(conversation, &serde_json::from_slice(line)?)?;
            parts += 1;
        }
        Ok(parts == PARTS)
    }
}

struct Conversation {
    /// The beginning of every message.
    tag: String,
    headers: HeaderMap,
}

/// Returns an error if an answer is that of another conversation.
fn check(conversation: &Conversation, answer: &Answer) -> Result<(), BoxError> {
    if answer.conversation.starts_with(&conversation.tag) {
        return Ok(());
    }
    Err("an agent got the answer of another conversation".into())
}

fn outcome_of(outcome: &Mutex<Outcome>) -> std::sync::MutexGuard<'_, Outcome> {
    outcome.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the id of a conversation, which agents of both tenants choose.
fn session(agent: usize, number: usize) -> String {
    let agent = agent % (AGENTS.len() / 2);
    format!("{agent:08x}-0000-4000-8000-{number:012x}")
}

/// Returns the headers that an agent sends.
fn headers(name: &str, key: &str, session: String) -> Result<HeaderMap, BoxError> {
    let mut headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            AUTHORIZATION,
            HeaderValue::try_from(format!("Bearer {key}"))?,
        ),
    ]);
    let metadata = Metadata::new().with(SessionId::try_from(session)?);
    let report = Convention::by_name(name)?.write(&metadata, &mut headers);
    if !report.contains::<SessionId>() {
        return Err(format!("{name} sends no session").into());
    }
    Ok(headers)
}

impl Outcome {
    fn add(&mut self, answer: Answer) {
        self.prompt += answer.prompt;
        self.cached += answer.cached;
        self.unpinned += usize::from(answer.is_unpinned);
        self.mixed += usize::from(answer.is_mixed);
        *self.engines.entry(answer.engine).or_default() += 1;
    }
}
