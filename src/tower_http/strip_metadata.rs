//! Redirect policy, for each version of tower-http.

use http::{Request, Uri};

use crate::{
    ConventionSet, Metadata,
    destination::{Authority, default_port},
    layer::CrossedOrigin,
};

/// Policy for tower-http's [`FollowRedirect`] that sends no metadata to another origin.
///
/// It implements the `Policy` of tower-http 0.6 with the feature `tower-http-06`, and that
/// of 0.7 with the feature `tower-http-07`.
///
/// After a redirect to another origin, each request of the chain loses:
///
/// - the headers of these conventions, which were written outside the redirects;
/// - the [`Metadata`] in its extensions;
/// - the headers of an injecting layer of this crate inside the redirects. That layer
///   then removes its headers and writes none, for any
///   [source](crate::MetadataHeadersLayer::from_parts).
///
/// An origin is a scheme, a host and a port. A later redirect back to the first origin
/// does not restore the metadata.
///
/// Prefer an injecting layer with [`Destinations`](crate::Destinations) inside the
/// redirects: it selects the policy for each request. Use `StripMetadata` for headers
/// that are written outside the redirects, and for a convention that is sent to every
/// host.
///
/// # Combining policies
///
/// `StripMetadata` follows every redirect. Combine it by [`and`] with a policy that limits
/// their number. With `or` it also removes the metadata, but the limit has no effect.
///
/// Put it last. In tower-http 0.7, [`FilterCredentials`], which [`Standard`] contains,
/// removes all extensions of a request to another origin, including the one that
/// `StripMetadata` inserts for an injecting layer. This matters only if the layer's source
/// needs no extension: `from_current`, or a closure of `from_parts`.
///
/// ```
/// # #[cfg(feature = "tower-http-07")]
/// # fn main() {
/// use tower::{ServiceBuilder, service_fn};
/// use tower_http::follow_redirect::{
///     FollowRedirectLayer,
///     policy::{PolicyExt, Standard},
/// };
/// use tower_metadata_headers::{MetadataHeadersLayer, StripMetadata, conventions};
///
/// let strip = StripMetadata::new(conventions::opencode());
/// let policy = Standard::default().and::<_, (), ()>(strip);
/// let client = ServiceBuilder::new()
///     .layer(MetadataHeadersLayer::inject(conventions::opencode()))
///     .layer(FollowRedirectLayer::with_policy(policy))
///     .service(service_fn(async |_: http::Request<String>| {
///         Ok::<_, std::convert::Infallible>(http::Response::new(String::new()))
///     }));
/// # fn is_client<S: tower::Service<http::Request<String>>>(_: &S) {}
/// # is_client(&client);
/// # }
/// # #[cfg(not(feature = "tower-http-07"))]
/// # fn main() {}
/// ```
///
/// # tower-http 0.6
///
/// In this version `FollowRedirect` keeps no extensions. After any redirect, also to the
/// same origin, an injecting layer inside finds no [`Metadata`] and writes nothing. If its
/// source needs no extension, `StripMetadata` has the same effect as in 0.7.
///
/// [`FollowRedirect`]: https://docs.rs/tower-http/0.7/tower_http/follow_redirect/struct.FollowRedirect.html
/// [`and`]: https://docs.rs/tower-http/0.7/tower_http/follow_redirect/policy/trait.PolicyExt.html#tymethod.and
/// [`FilterCredentials`]: https://docs.rs/tower-http/0.7/tower_http/follow_redirect/policy/struct.FilterCredentials.html
/// [`Standard`]: https://docs.rs/tower-http/0.7/tower_http/follow_redirect/policy/type.Standard.html
#[derive(Clone, Debug)]
pub struct StripMetadata {
    conventions: ConventionSet,
    /// URI of the chain's first request, once it was sent.
    first: Option<Uri>,
    /// True after a redirect to another origin.
    crossed: bool,
}

impl StripMetadata {
    /// Creates a policy for the headers of these conventions.
    #[must_use]
    pub fn new(conventions: impl Into<ConventionSet>) -> Self {
        Self {
            conventions: conventions.into(),
            first: None,
            crossed: false,
        }
    }

    /// Removes the metadata of a request whose chain has left the first origin.
    ///
    /// Call it for each request of the chain, from `Policy::on_request`. The origin is not
    /// compared in `Policy::redirect`, because a combination of policies may not call that.
    pub(super) fn apply<B>(&mut self, request: &mut Request<B>) {
        match &self.first {
            Some(first) => self.crossed |= !same_origin(first, request.uri()),
            None => self.first = Some(request.uri().clone()),
        }
        if self.crossed {
            self.conventions.remove_from(request.headers_mut());
            request.extensions_mut().remove::<Metadata>();
            request.extensions_mut().insert(CrossedOrigin);
        }
    }
}

/// Returns true if two URIs have the same scheme, host and port. A URI without a valid
/// one has no origin, and is not the same as any other.
fn same_origin(one: &Uri, other: &Uri) -> bool {
    let origin = |uri| {
        let Authority { host, port } = Authority::of(uri)?;
        // The default port stands for the scheme: `ws` is the same as `http`, and `wss`
        // the same as `https`. Other schemes have none.
        let scheme = default_port(uri)?;
        Some((scheme, host.to_ascii_lowercase(), port.ok()?))
    };
    origin(one).is_some_and(|one| Some(one) == origin(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(one: &'static str, other: &'static str, expected: bool) {
        let (one, other) = (Uri::from_static(one), Uri::from_static(other));
        assert_eq!(same_origin(&one, &other), expected, "{one} {other}");
        assert_eq!(same_origin(&other, &one), expected, "{other} {one}");
    }

    #[test]
    fn origin_is_scheme_host_and_port() {
        same("https://a.example/1", "https://A.example:443/2", true);
        same("wss://a.example/1", "https://a.example/2", true);
        same("ws://a.example/1", "http://a.example/2", true);
        same("wss://a.example/", "ws://a.example/", false);
        same("http://a.example/", "http://u:p@a.example:80/", true);
        same("http://[::1]:8080/", "http://[::1]:8080/x", true);
        same("https://a.example/", "http://a.example/", false);
        same("https://a.example/", "https://b.a.example/", false);
        same("https://a.example/", "https://a.example:8443/", false);
        same("https://a.example/", "https://a.example./", false);
        same("https://a.example/", "https://a.example@b.example/", false);
        same("http://[::1]:8080/", "http://[::2]:8080/", false);
        same("http://a.example/", "/relative", false);
        same("/relative", "/relative", false);
        same("ftp://a.example/", "ftp://a.example/", false);
        same("https://a.example/", "https://a.example:99999/", false);
    }
}
