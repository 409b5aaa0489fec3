use http::Request;

#[cfg(feature = "tracing")]
use super::MetadataMakeSpan;
use super::StripMetadata;

/// Implements the traits of one version of tower-http. They have no rule of their own.
macro_rules! implement_traits {
    ($tower_http:ident) => {
        const _: () = {
            use $tower_http::follow_redirect::policy::{Action, Attempt, Policy};
            #[cfg(feature = "tracing")]
            use $tower_http::trace::MakeSpan;

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
                fn make_span(&mut self, request: &Request<B>) -> tracing::Span {
                    self.make(request)
                }
            }
        };
    };
}

#[cfg(feature = "tower-http-06")]
implement_traits!(tower_http_06);
#[cfg(feature = "tower-http-07")]
implement_traits!(tower_http);
