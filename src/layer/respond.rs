use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{HeaderMap, HeaderName, Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{MetadataHeaders, MetadataHeadersLayer};
use crate::{Extractor, Field, FieldKey, Metadata};

/// Keeps metadata out of responses, but for what is asked for; see
/// [`MetadataHeadersLayer::respond`](super::MetadataHeadersLayer::respond).
#[derive(Clone, Debug)]
pub struct Respond {
    conventions: Extractor,
    echoed: Arc<[Echo]>,
}

/// A field to give back, and its header.
#[derive(Clone, Debug)]
struct Echo {
    key: FieldKey,
    header: HeaderName,
}

impl MetadataHeadersLayer<Respond> {
    /// Removes from responses every header that belongs to these conventions,
    /// look-alikes included: what a server inside or upstream says of its own
    /// metadata is not for the caller.
    ///
    /// Nothing that came in is reflected, unless [`echo`](Self::echo) asks for it.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// use tower_metadata_headers::{MetadataHeadersLayer, RequestId, conventions};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let gateway = ServiceBuilder::new()
    ///     .layer(MetadataHeadersLayer::extract(conventions::openai()))
    ///     .layer(MetadataHeadersLayer::respond(conventions::openai()).echo::<RequestId>())
    ///     .service(service_fn(async |_: Request<()>| {
    ///         Ok::<_, std::convert::Infallible>(Response::new(()))
    ///     }));
    ///
    /// let request = Request::get("/").header("x-client-request-id", "r-1").body(())?;
    /// let response = gateway.oneshot(request).await?;
    /// assert_eq!(response.headers()["x-client-request-id"], "r-1");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn respond(conventions: impl Into<Extractor>) -> Self {
        Self {
            mode: Respond {
                conventions: conventions.into(),
                echoed: Arc::new([]),
            },
        }
    }

    /// Sets this field of the request's [`Metadata`] on the response, in the
    /// header of the first of the conventions that writes one for it; where
    /// none does, nowhere.
    ///
    /// The value is the one that was checked, in its one form, and never a
    /// claim that is not believed: put the layer inside the one that extracts.
    #[must_use]
    pub fn echo<F: Field>(mut self) -> Self {
        let key = FieldKey::of::<F>();
        let conventions = &self.mode.conventions;
        let header = conventions
            .conventions()
            .find_map(|convention| convention.header_of(key));
        let echo = header.map(|header| Echo { key, header });
        self.mode.echoed = self.mode.echoed.iter().cloned().chain(echo).collect();
        self
    }
}

impl Respond {
    fn apply(&self, metadata: Option<&Metadata>, headers: &mut HeaderMap) {
        self.conventions.remove_from(headers);
        for Echo { key, header } in self.echoed.iter() {
            if let Some(value) = metadata.and_then(|metadata| metadata.value(*key)) {
                // A response whose map is full goes without.
                let _ = headers.try_insert(header, value.clone());
            }
        }
    }
}

impl<S, B, ResBody> Service<Request<B>> for MetadataHeaders<S, Respond>
where
    S: Service<Request<B>, Response = Response<ResBody>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = RespondFuture<S::Future>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let echoes = !self.mode.echoed.is_empty();
        let metadata = request.extensions().get::<Metadata>();
        RespondFuture {
            metadata: metadata.filter(|_| echoes).cloned(),
            future: self.inner.call(request),
            mode: self.mode.clone(),
        }
    }
}

pin_project! {
    /// The response of the service inside, with the headers that may be there.
    #[derive(Debug)]
    pub struct RespondFuture<F> {
        #[pin]
        future: F,
        mode: Respond,
        metadata: Option<Metadata>,
    }
}

impl<F, ResBody, E> Future for RespondFuture<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.future.poll(cx))?;
        this.mode
            .apply(this.metadata.as_ref(), response.headers_mut());
        Poll::Ready(Ok(response))
    }
}
