use http::Uri;

/// Target of a write: a request's URI, or the name of a provider.
///
/// A `&Uri` converts into a target. If a client sends all requests to one local proxy, the
/// host does not identify the provider. The client then names the provider:
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
    Uri(&'a Uri),
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
    #[must_use]
    pub const fn provider(name: &'a str) -> Self {
        Self(Kind::Provider(name))
    }
}

impl<'a> From<&'a Uri> for Target<'a> {
    fn from(uri: &'a Uri) -> Self {
        Self(Kind::Uri(uri))
    }
}
