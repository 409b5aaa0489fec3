//! Traits of tower-http 0.6.

use http::Request;
use tower_http_06::follow_redirect::policy::{Action, Attempt, Policy};
#[cfg(feature = "tracing")]
use tower_http_06::trace::MakeSpan;
#[cfg(feature = "tracing")]
use tracing::Span;

#[cfg(feature = "tracing")]
use super::MetadataMakeSpan;
use super::StripMetadata;

impl<B, E> Policy<B, E> for StripMetadata {
    fn redirect(&mut self, _: &Attempt<'_>) -> Result<Action, E> {
        Ok(Action::Follow)
    }

    fn on_request(&mut self, request: &mut Request<B>) {
        self.apply(request);
    }
}

#[cfg(feature = "tracing")]
impl<B> MakeSpan<B> for MetadataMakeSpan {
    fn make_span(&mut self, request: &Request<B>) -> Span {
        self.make(request)
    }
}
