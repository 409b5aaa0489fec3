//! Feature `tower-http`: a policy for redirects.

use http::{Request, Uri};
use tower_http::follow_redirect::policy::{Action, Attempt, Policy};

use crate::{
    ConventionSet, Metadata,
    destination::{Authority, default_port},
    layer::CrossedOrigin,
};

/// Policy for tower-http's
/// [`FollowRedirect`](tower_http::follow_redirect::FollowRedirect) that sends no
/// metadata to another origin.
///
/// Once a redirect has led to another origin, each request of the chain loses
///
/// - the headers of these conventions, which were written outside the redirects,
/// - the [`Metadata`] in its extensions,
/// - and whatever a layer inside would write, from
///   [any source](crate::MetadataHeadersLayer::from_parts): an injecting layer
///   of this crate then removes its headers and writes none.
///
/// Another scheme, host or port is another origin. A later redirect back changes
/// nothing.
///
/// Prefer [`Destinations`](crate::Destinations), in a layer inside the redirects:
/// they decide again for each request, and need no policy of this kind. This one is
/// for headers that are written outside, and for a convention that sends to every
/// host, which knows nothing of redirects.
///
/// # Combining policies
///
/// It follows every redirect. Add it with
/// [`and`](tower_http::follow_redirect::policy::PolicyExt::and) to one that limits
/// their number; with `or` it removes the same, and lifts that limit.
///
/// Put it last. [`FilterCredentials`], which [`Standard`] has, drops all
/// extensions of a request to another origin, and what this policy leaves there
/// with them if it comes before. That matters only to a closure of `from_parts`
/// that makes metadata of something else than extensions.
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
    /// Destination of the first request of the chain, once it was sent.
    first: Option<Uri>,
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

    // Decides here alone: behind another policy `redirect` may never be called,
    // and this always is.
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

/// Returns true if two URIs have one scheme, host and port. In doubt they have not.
fn same_origin(one: &Uri, other: &Uri) -> bool {
    let origin = |uri| {
        let place = Authority::of(uri)?;
        // The scheme's own port tells http and ws from https and wss, and all
        // four from others.
        let scheme = default_port(uri)?;
        Some((scheme, place.host.to_ascii_lowercase(), place.port.ok()?))
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
    fn an_origin_is_scheme_host_and_port() {
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
