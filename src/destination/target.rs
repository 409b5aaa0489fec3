use std::borrow::Cow;

use http::Uri;

/// Target of a write: a request's URI, the name of a provider, or both.
///
/// A `&Uri` converts into a target. If a client sends all requests to one proxy, the host
/// does not identify the provider. The client then names the provider:
///
/// ```
/// use http::HeaderMap;
/// use tower_metadata_headers::{Destinations, Metadata, SessionId, Target, conventions};
///
/// let destinations = Destinations::new()
///     .provider("openrouter", conventions::openrouter())
///     .provider("litellm", conventions::litellm());
/// let metadata = Metadata::new().with(SessionId::try_from("ses_01J5Z8")?);
///
/// let mut headers = HeaderMap::new();
/// destinations.write(Target::provider("openrouter"), &metadata, &mut headers);
/// assert_eq!(headers["x-session-id"], "ses_01J5Z8");
///
/// destinations.write(Target::provider("litellm"), &metadata, &mut headers);
/// assert_eq!(headers["x-litellm-session-id"], "ses_01J5Z8");
/// assert_eq!(headers.len(), 1);
/// # Ok::<(), tower_metadata_headers::InvalidValue>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Target<'a>(pub(super) Kind<'a>);

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind<'a> {
    /// A URI, and the provider behind it if the host is that of a proxy.
    Uri(&'a Uri, Option<&'a str>),
    Provider(&'a str),
}

impl<'a> Target<'a> {
    /// Creates the target for a provider that was added by
    /// [`Destinations::provider`](crate::Destinations::provider).
    ///
    /// # Security
    ///
    /// The request's host and scheme are not checked. Use a provider only for a request to
    /// a proxy of your own, and never for a request that follows a redirect.
    /// [`behind_proxy`](Self::behind_proxy) checks both.
    #[must_use]
    pub const fn provider(name: &'a str) -> Self {
        Self(Kind::Provider(name))
    }

    /// Creates the target for a request to this URI. If its host is that of a
    /// [proxy](crate::Destinations::proxy), the provider decides, and else the host.
    ///
    /// ```
    /// use http::{HeaderMap, Uri};
    /// use tower_metadata_headers::{Destinations, Metadata, SessionId, Target, conventions};
    ///
    /// let destinations = Destinations::new()
    ///     .proxy("localhost:4000")?
    ///     .provider("openrouter", conventions::openrouter());
    /// let metadata = Metadata::new().with(SessionId::try_from("ses_01J5Z8")?);
    /// for (uri, is_written) in [
    ///     ("http://localhost:4000/v1", true),
    ///     // The proxy redirects to another host.
    ///     ("https://elsewhere.example/v1", false),
    /// ] {
    ///     let uri = Uri::from_static(uri);
    ///     let mut headers = HeaderMap::new();
    ///     let target = Target::behind_proxy(&uri, "openrouter");
    ///     destinations.write(target, &metadata, &mut headers);
    ///     assert_eq!(headers.contains_key("x-session-id"), is_written);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn behind_proxy(uri: &'a Uri, provider: &'a str) -> Self {
        Self(Kind::Uri(uri, Some(provider)))
    }
}

impl<'a> From<&'a Uri> for Target<'a> {
    fn from(uri: &'a Uri) -> Self {
        Self(Kind::Uri(uri, None))
    }
}

/// Extension of a request that names the provider behind a
/// [proxy](crate::Destinations::proxy), for the injecting layer.
///
/// ```
/// use http::{Request, Response};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_metadata_headers::{
///     Destinations, Metadata, MetadataHeadersLayer, Provider, SessionId, conventions,
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let destinations = Destinations::new()
///     .proxy("localhost:4000")?
///     .provider("openrouter", conventions::openrouter())
///     .provider("litellm", conventions::litellm());
/// let client = ServiceBuilder::new()
///     .layer(MetadataHeadersLayer::inject(destinations))
///     .service(service_fn(async |request: Request<()>| {
///         Ok::<_, std::convert::Infallible>(Response::new(request.headers().clone()))
///     }));
///
/// let mut request = Request::get("http://localhost:4000/v1").body(())?;
/// request.extensions_mut().insert(Metadata::new().with(SessionId::try_from("ses_01J5Z8")?));
/// request.extensions_mut().insert(Provider::new("litellm"));
/// let sent = client.oneshot(request).await?.into_body();
/// assert_eq!(sent["x-litellm-session-id"], "ses_01J5Z8");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Provider(Cow<'static, str>);

impl Provider {
    /// Creates the extension for a provider that was added by
    /// [`Destinations::provider`](crate::Destinations::provider).
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }

    /// Returns the provider's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}
