use http::request::Parts;

#[cfg(feature = "tokio")]
use super::source::FromCurrent;
use super::{
    MetadataHeadersLayer,
    inject::Inject,
    source::{FromExtension, FromParts},
};
use crate::Metadata;

/// Sources of the metadata.
impl<Src> MetadataHeadersLayer<Inject<Src>> {
    /// Converts the metadata from an extension of a type of your own.
    ///
    /// ```
    /// use tower_metadata_headers::{Id, Metadata, MetadataHeadersLayer, TaskId, conventions};
    ///
    /// #[derive(Clone)]
    /// struct Task(u64);
    ///
    /// impl From<Task> for Metadata {
    ///     fn from(task: Task) -> Self {
    ///         Metadata::new().with(TaskId::from(Id::from(task.0)))
    ///     }
    /// }
    ///
    /// let layer = MetadataHeadersLayer::inject(conventions::zoo_code()).from_extension::<Task>();
    /// ```
    #[must_use]
    pub fn from_extension<T>(self) -> MetadataHeadersLayer<Inject<FromExtension<T>>>
    where
        T: Into<Metadata> + Clone + Send + Sync + 'static,
    {
        self.with_source(FromExtension::new())
    }

    /// Calls a closure with the request's parts to create the metadata.
    ///
    /// ```
    /// use tower_http::request_id::RequestId;
    /// use tower_metadata_headers::{self as metadata_headers, Metadata, MetadataHeadersLayer, conventions};
    ///
    /// let layer = MetadataHeadersLayer::inject(conventions::openai()).from_parts(|parts| {
    ///     let metadata = parts.extensions.get::<Metadata>().cloned().unwrap_or_default();
    ///     let id = parts.extensions.get::<RequestId>();
    ///     let id = id.and_then(|id| id.header_value().to_str().ok());
    ///     match id.map(metadata_headers::RequestId::try_from) {
    ///         Some(Ok(id)) => metadata.with(id),
    ///         _ => metadata,
    ///     }
    /// });
    /// ```
    #[must_use]
    pub fn from_parts<F>(self, make: F) -> MetadataHeadersLayer<Inject<FromParts<F>>>
    where
        F: Fn(&Parts) -> Metadata,
    {
        self.with_source(FromParts::new(make))
    }

    /// Falls back to the metadata of the current task, if the request has none; see
    /// [`Metadata::current`].
    ///
    /// If a gateway's extracting layer is
    /// [`scoped`](super::MetadataHeadersLayer::scoped), its metadata is forwarded without
    /// code in the handlers.
    ///
    /// The metadata is read when the service is called. If the service is called in
    /// another task, for example behind a `Buffer`, there is no metadata.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// use tower_metadata_headers::{Convention, Metadata, MetadataHeadersLayer, SessionId};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = ServiceBuilder::new()
    ///     .layer(MetadataHeadersLayer::inject(Convention::vendor("acme")?).from_current())
    ///     .service(service_fn(async |request: Request<()>| {
    ///         let sent = request.headers().get("x-acme-session-id").cloned();
    ///         Ok::<_, std::convert::Infallible>(Response::new(sent))
    ///     }));
    ///
    /// let metadata = Metadata::new().with(SessionId::try_from("s-1")?);
    /// let response = metadata.scope(client.oneshot(Request::new(()))).await?;
    /// assert_eq!(response.into_body().unwrap(), "s-1");
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "tokio")]
    #[must_use]
    pub fn from_current(self) -> MetadataHeadersLayer<Inject<FromCurrent>> {
        self.with_source(FromCurrent::new())
    }

    fn with_source<T>(self, source: T) -> MetadataHeadersLayer<Inject<T>> {
        MetadataHeadersLayer {
            mode: Inject {
                destinations: self.mode.destinations,
                source,
                existing: self.mode.existing,
                on_connect: self.mode.on_connect,
                on_unwritten: self.mode.on_unwritten,
            },
        }
    }
}
