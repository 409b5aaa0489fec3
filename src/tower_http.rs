//! Feature `tower-http-07`, for tower-http 0.7: redirect policy.

use http::{Request, Uri};
use tower_http::follow_redirect::policy::{Action, Attempt, Policy};

use crate::{
    ConventionSet, Metadata,
    destination::{Authority, default_port},
    layer::CrossedOrigin,
};

/// Policy for tower-http's
/// [`FollowRedirect`](tower_http::follow_redirect::FollowRedirect) that sends no metadata
/// to another origin.
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
/// `StripMetadata` follows every redirect. Combine it by
/// [`and`](tower_http::follow_redirect::policy::PolicyExt::and) with a policy that limits
/// their number. With `or` it also removes the metadata, but the limit has no effect.
///
/// Put it last. [`FilterCredentials`], which [`Standard`] contains, removes all
/// extensions of a request to another origin, including the one that `StripMetadata`
/// inserts for an injecting layer. This matters only if a closure of `from_parts` does
/// not create its metadata from extensions.
///
/// ```
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
/// ```
///
/// [`FilterCredentials`]: tower_http::follow_redirect::policy::FilterCredentials
/// [`Standard`]: tower_http::follow_redirect::policy::Standard
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
}

impl<B, E> Policy<B, E> for StripMetadata {
    fn redirect(&mut self, _: &Attempt<'_>) -> Result<Action, E> {
        Ok(Action::Follow)
    }

    // The origin is compared here and not in `redirect`: in a combination of policies
    // `redirect` may not be called, and `on_request` always is.
    fn on_request(&mut self, request: &mut Request<B>) {
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
