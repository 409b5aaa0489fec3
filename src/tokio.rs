//! Metadata of the current task, by a tokio task-local.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;
use tokio::task::futures::TaskLocalFuture;

use crate::Metadata;

tokio::task_local! {
    static CURRENT: Metadata;
}

impl Metadata {
    /// Returns the metadata of the scope in which the current task runs.
    ///
    /// It returns `None` outside of [`scope`](Self::scope). Two kinds of code are
    /// outside, although they look as if they were inside:
    ///
    /// - a task that is started by `tokio::spawn`;
    /// - a response's body, which the server polls after the handler has returned.
    ///
    /// Take the metadata along instead:
    ///
    /// ```
    /// use tower_metadata_headers::{Metadata, SessionId};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let metadata = Metadata::new().with(SessionId::try_from("s-1")?);
    /// let handler = metadata.clone().scope(async {
    ///     // Without `scope` it is `None` in the new task.
    ///     let lost = tokio::spawn(async { Metadata::current() });
    ///     let kept = tokio::spawn(Metadata::current().unwrap_or_default().scope(async {
    ///         Metadata::current()
    ///     }));
    ///     (lost.await, kept.await)
    /// });
    /// let (lost, kept) = handler.await;
    /// assert_eq!(lost?, None);
    /// assert_eq!(kept?, Some(metadata));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// Runs a future in the scope of this metadata: [`current`](Self::current) returns it
    /// wherever the future is polled.
    ///
    /// A scope inside of another replaces it until the inner future ends.
    ///
    /// ```
    /// use tower_metadata_headers::{Metadata, SessionId};
    ///
    /// /// A function far from the request.
    /// async fn session() -> Option<SessionId> {
    ///     Metadata::current()?.session()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let metadata = Metadata::new().with(SessionId::try_from("s-1")?);
    /// assert_eq!(metadata.scope(session()).await.unwrap().as_str(), "s-1");
    /// assert_eq!(session().await, None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn scope<F: Future>(self, future: F) -> Scope<F> {
        Scope {
            inner: CURRENT.scope(self, future),
        }
    }

    /// Runs a closure in the scope of this metadata.
    ///
    /// ```
    /// use tower_metadata_headers::{Metadata, SessionId};
    ///
    /// let metadata = Metadata::new().with(SessionId::try_from("s-1")?);
    /// assert_eq!(metadata.clone().sync_scope(Metadata::current), Some(metadata));
    /// # Ok::<(), tower_metadata_headers::InvalidValue>(())
    /// ```
    pub fn sync_scope<T>(self, run: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, run)
    }
}

pin_project! {
    /// Future that runs in the scope of some [`Metadata`]; returned by
    /// [`Metadata::scope`].
    #[must_use = "futures do nothing unless they are polled"]
    pub struct Scope<F> {
        #[pin]
        inner: TaskLocalFuture<Metadata, F>,
    }
}

impl<F: Future> Future for Scope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().inner.poll(cx)
    }
}

impl<F> fmt::Debug for Scope<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}
