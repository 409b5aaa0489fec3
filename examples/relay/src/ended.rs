//! What is known of a request when its response has ended.

use std::sync::Arc;

use http::StatusCode;

use super::usage::Usage;

/// Request whose response has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended<'a> {
    /// The client's name, if it is known.
    pub(crate) client: Option<&'a str>,
    /// The upstream's name, if one takes the request.
    pub(crate) upstream: Option<&'a Arc<str>>,
    /// The model that the request names, if the relay has read it.
    pub(crate) model: Option<&'a str>,
    /// The status that the client got, if it got one.
    pub(crate) status: Option<StatusCode>,
    /// The tokens, if the upstream reported them.
    pub(crate) usage: Option<Usage>,
    /// `complete`, or the reason why the response is not the upstream's whole one.
    pub(crate) end: &'static str,
}
