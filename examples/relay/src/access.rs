//! Access to the relay: probes, names and keys.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::future;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use tower::{Service, ServiceExt};

use super::{
    forward::{RelayResponse, is_for_operator},
    host_names::HostNames,
    keys::Keys,
    metrics::Metrics,
    refusal::Refusal,
};

/// What a request needs before it is relayed.
#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) keys: Option<Arc<Keys>>,
    /// The names that a request may be for, or `None` for any.
    pub(crate) host_names: Option<HostNames>,
    /// False as soon as the relay is to stop.
    pub(crate) is_ready: Arc<AtomicBool>,
    pub(crate) metrics: Arc<Metrics>,
}

impl Access {
    /// Returns a service that answers probes, and refuses requests for an unknown name or
    /// without a known key.
    pub(crate) fn before<S>(
        self,
        relay: S,
    ) -> impl Service<
        Request<Incoming>,
        Response = RelayResponse,
        Error = Infallible,
        Future: Send + 'static,
    > + Clone
    + Send
    + 'static
    where
        S: Service<Request<Incoming>, Response = RelayResponse, Error = Infallible>
            + Clone
            + Send
            + 'static,
        S::Future: Send,
    {
        tower::service_fn(
            move |mut request: Request<Incoming>| match self.answer(&mut request) {
                Some(response) => future::Either::Left(future::ready(Ok(response))),
                None => future::Either::Right(relay.clone().oneshot(request)),
            },
        )
    }

    /// Returns the response to a request that is not relayed.
    fn answer(&self, request: &mut Request<Incoming>) -> Option<RelayResponse> {
        if request.method() == Method::GET {
            match request.uri().path() {
                "/healthz" => return Some(probe(true)),
                "/readyz" => return Some(probe(self.is_ready.load(Ordering::Relaxed))),
                _ => {}
            }
        }
        let refusal = self.check(request).err()?;
        Some(refusal.report(&self.metrics))
    }

    /// Adds the identity of a request's key, or returns the reason to refuse the request.
    fn check(&self, request: &mut Request<Incoming>) -> Result<(), Refusal> {
        if let Some(names) = &self.host_names
            && !names.allow(request)
        {
            return Err(Refusal::UNKNOWN_HOST);
        }
        let Some(keys) = &self.keys else {
            return Ok(());
        };
        let headers = request.headers();
        let owner = if is_for_operator(request) {
            let owner = keys.owner_in_browser(headers);
            let owner = owner.ok_or(Refusal::UNKNOWN_OPERATOR)?;
            if !owner.is_operator {
                return Err(Refusal::NOT_OPERATOR);
            }
            owner
        } else {
            keys.owner(headers).ok_or(Refusal::UNKNOWN_KEY)?
        };
        let identity = owner.identity.clone();
        request.extensions_mut().insert(identity);
        Ok(())
    }
}

/// Returns the response to a probe of an orchestrator or a load balancer.
fn probe(is_good: bool) -> RelayResponse {
    let (status, text) = if is_good {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    };
    let mut response = Response::new(Either::Left(Full::from(text)));
    *response.status_mut() = status;
    response
}
