//! Feature `tower-http`: a policy for redirects.

use http::{Request, Uri};
use tower_http::follow_redirect::policy::{Action, Attempt, Policy};

use crate::{
    Extractor, Metadata,
    destination::{Place, default_port},
};

/// A policy of tower-http's
/// [`FollowRedirect`](tower_http::follow_redirect::FollowRedirect): a redirect to
/// another origin takes no metadata along, neither the headers of these
/// conventions nor the [`Metadata`] in the extensions.
///
/// It is for headers that were written outside the redirects. Where the layer
/// that injects is inside them, [`Destinations`](crate::Destinations) decide
/// anew for each request, and no policy is needed.
///
/// Another scheme, host or port is another origin. What was removed stays so,
/// also when a later redirect leads back.
///
/// ```
/// use tower::{ServiceBuilder, service_fn};
/// use tower_http::follow_redirect::{
///     FollowRedirectLayer,
///     policy::{PolicyExt, Standard},
/// };
/// use tower_metadata_headers::{MetadataHeadersLayer, StripMetadata, conventions};
///
/// let policy = StripMetadata::of(conventions::opencode()).and::<_, (), ()>(Standard::default());
/// let client = ServiceBuilder::new()
///     .layer(MetadataHeadersLayer::inject(conventions::opencode()))
///     .layer(FollowRedirectLayer::with_policy(policy))
///     .service(service_fn(async |_: http::Request<String>| {
///         Ok::<_, std::convert::Infallible>(http::Response::new(String::new()))
///     }));
/// # fn is_client<S: tower::Service<http::Request<String>>>(_: &S) {}
/// # is_client(&client);
/// ```
#[derive(Clone, Debug)]
pub struct StripMetadata {
    conventions: Extractor,
    crosses: bool,
}

impl StripMetadata {
    /// For headers of these conventions.
    #[must_use]
    pub fn of(conventions: impl Into<Extractor>) -> Self {
        Self {
            conventions: conventions.into(),
            crosses: false,
        }
    }
}

impl<B, E> Policy<B, E> for StripMetadata {
    fn redirect(&mut self, attempt: &Attempt<'_>) -> Result<Action, E> {
        self.crosses = !same_origin(attempt.previous(), attempt.location());
        Ok(Action::Follow)
    }

    fn on_request(&mut self, request: &mut Request<B>) {
        if self.crosses {
            self.conventions.remove_from(request.headers_mut());
            request.extensions_mut().remove::<Metadata>();
        }
    }
}

/// Whether two URIs have one scheme, host and port. In doubt they have not.
fn same_origin(one: &Uri, other: &Uri) -> bool {
    let origin = |uri| {
        let place = Place::of(uri)?;
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
