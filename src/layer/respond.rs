use std::{any::type_name, fmt};

use http::{Request, Response, request::Parts};

use super::parts::with_parts;
use crate::read::Rejection;

/// Closure of [`reject_with_parts`](super::MetadataHeadersLayer::reject_with_parts).
pub struct SeesParts<R>(pub(super) R);

impl<R> fmt::Debug for SeesParts<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SeesParts<{}>", type_name::<R>())
    }
}

/// Closure that creates the response to a rejected request.
#[expect(
    unnameable_types,
    reason = "no other crate can name it, so none can implement it"
)]
pub trait RespondToRejection<ResBody> {
    /// Creates the response.
    fn respond<B>(&self, rejection: Rejection, request: &mut Request<B>) -> Response<ResBody>;
}

impl<R, ResBody> RespondToRejection<ResBody> for R
where
    R: Fn(Rejection) -> Response<ResBody>,
{
    fn respond<B>(&self, rejection: Rejection, _: &mut Request<B>) -> Response<ResBody> {
        self(rejection)
    }
}

impl<R, ResBody> RespondToRejection<ResBody> for SeesParts<R>
where
    R: Fn(Rejection, &Parts) -> Response<ResBody>,
{
    fn respond<B>(&self, rejection: Rejection, request: &mut Request<B>) -> Response<ResBody> {
        with_parts(request, |parts| (self.0)(rejection, parts))
    }
}
