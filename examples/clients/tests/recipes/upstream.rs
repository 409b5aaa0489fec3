//! Server that records the requests that it receives, and the metadata of the tests.

use std::{
    fmt::Debug,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use http::header::CONTENT_TYPE;
use tokio::{net::TcpListener, sync::Barrier, task::JoinHandle};
use tower_metadata_headers::{Convention, Destinations, Metadata, SessionId};

/// Sessions of the two conversations.
pub(crate) const SESSIONS: [&str; 2] = ["ses_a", "ses_b"];

/// Header of the convention [`acme`] that carries the session.
pub(crate) const HEADER: &str = "x-acme-session-id";

pub(crate) fn acme() -> Convention {
    Convention::vendor("acme").unwrap()
}

/// Returns the metadata of a conversation with this session.
pub(crate) fn conversation(session: &str) -> Metadata {
    Metadata::new().with(SessionId::try_from(session).unwrap())
}

/// Runs the two conversations at the same time. The closure makes one call of a
/// conversation, whose prompt is its session.
pub(crate) async fn converse<E: Debug>(
    calls: usize,
    call: impl AsyncFn(&Metadata, &str) -> Result<(), E>,
) {
    let [a, b] = SESSIONS.map(async |session| {
        let conversation = conversation(session);
        for _ in 0..calls {
            call(&conversation, session).await?;
        }
        Ok::<_, E>(())
    });
    tokio::try_join!(a, b).unwrap();
}

/// Server that closes its port when it is dropped.
pub(crate) struct Upstream {
    address: SocketAddr,
    received: Received,
    task: JoinHandle<()>,
}

type Received = Arc<Mutex<Vec<Call>>>;

/// Request that the server received.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Call {
    /// Returns the values of all lines of this header.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap()).collect()
    }
}

#[derive(Clone)]
enum Answer {
    Completion,
    /// Responds only when two requests are there. Each conversation sends one request
    /// after the other, so the two are of both conversations.
    CompletionToTwo(Arc<Barrier>),
    Redirect(Arc<str>),
}

impl Upstream {
    /// Starts a server that responds with a chat completion.
    pub(crate) async fn start() -> Self {
        Self::answering(Answer::Completion).await
    }

    /// Starts a server that responds to two requests at the same time.
    pub(crate) async fn for_two_at_once() -> Self {
        Self::answering(Answer::CompletionToTwo(Arc::new(Barrier::new(2)))).await
    }

    async fn answering(answer: Answer) -> Self {
        let received = Received::default();
        let app = Router::new()
            .fallback(respond)
            .with_state((Arc::clone(&received), answer));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        Self {
            address,
            received,
            task,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns destinations that write [`acme`] to this server only.
    pub(crate) fn destinations(&self) -> Destinations {
        self.destinations_in(acme())
    }

    pub(crate) fn destinations_in(&self, convention: Convention) -> Destinations {
        let host = self.address.to_string();
        Destinations::new().host(&host, convention).unwrap()
    }

    /// Takes the requests so far.
    pub(crate) fn take(&self) -> Vec<Call> {
        std::mem::take(&mut self.received.lock().unwrap())
    }

    /// Takes the only request so far, and returns the sessions in its headers.
    #[track_caller]
    pub(crate) fn take_sessions(&self) -> Vec<String> {
        let [call] = <[Call; 1]>::try_from(self.take()).expect("one request");
        call.values(HEADER).into_iter().map(str::to_owned).collect()
    }

    /// Asserts that each conversation has sent this number of requests, each with the
    /// session of its prompt and no other.
    #[track_caller]
    pub(crate) fn assert_own_sessions(&self, calls: usize) {
        let received = self.take();
        for session in SESSIONS {
            let own = received.iter().filter(|call| call.body.contains(session));
            let values: Vec<_> = own.map(|call| call.values(HEADER)).collect();
            assert_eq!(values, vec![vec![session]; calls]);
        }
        assert_eq!(received.len(), 2 * calls);
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn respond(
    State((received, answer)): State<(Received, Answer)>,
    headers: HeaderMap,
    body: String,
) -> Response {
    received.lock().unwrap().push(Call { headers, body });
    match answer {
        Answer::Completion => {}
        Answer::CompletionToTwo(barrier) => _ = barrier.wait().await,
        Answer::Redirect(to) => return Redirect::temporary(&to).into_response(),
    }
    let completion = r#"{
        "id": "chat-1", "object": "chat.completion", "created": 0, "model": "small",
        "choices": [{
            "index": 0, "finish_reason": "stop",
            "message": {"role": "assistant", "content": "done"}
        }]
    }"#;
    ([(CONTENT_TYPE, "application/json")], completion).into_response()
}

/// Server that redirects to another host, which must not get metadata.
pub(crate) struct Redirecting {
    pub(crate) first: Upstream,
    pub(crate) other: Upstream,
}

impl Redirecting {
    pub(crate) async fn start() -> Self {
        let other = Upstream::start().await;
        let to = Answer::Redirect(other.url("/end").into());
        let first = Upstream::answering(to).await;
        Self { first, other }
    }

    /// Asserts that the first host received the session, and the other host as well.
    #[track_caller]
    pub(crate) fn assert_leaked(&self) {
        assert_eq!(self.first.take_sessions(), ["ses_a"]);
        assert_eq!(self.other.take_sessions(), ["ses_a"], "control");
    }

    /// Asserts that the first host received the session, and the other host no request.
    #[track_caller]
    pub(crate) fn assert_not_followed(&self) {
        assert_eq!(self.first.take_sessions(), ["ses_a"]);
        assert_eq!(self.other.take().len(), 0);
    }
}
