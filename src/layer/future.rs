use std::{
    future::{self, Future},
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

pin_project! {
    /// Response future of [`MetadataHeaders`](super::MetadataHeaders) with
    /// [`Reject`](super::Reject): of the inner service's response, or of the rejection.
    #[derive(Debug)]
    pub struct ResponseFuture<F, T, E> {
        #[pin]
        state: State<F, T, E>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProjection]
    enum State<F, T, E> {
        Called { #[pin] future: F },
        Rejected { response: future::Ready<Result<T, E>> },
    }
}

impl<F, T, E> ResponseFuture<F, T, E> {
    pub(super) const fn called(future: F) -> Self {
        Self {
            state: State::Called { future },
        }
    }

    pub(super) fn rejected(response: T) -> Self {
        Self {
            state: State::Rejected {
                response: future::ready(Ok(response)),
            },
        }
    }
}

impl<F, T, E> Future for ResponseFuture<F, T, E>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Called { future } => future.poll(cx),
            StateProjection::Rejected { response } => Pin::new(response).poll(cx),
        }
    }
}
