//! Key of each session for load balancers between the relay and its upstreams.

use std::{
    fmt::Write as _,
    task::{Context, Poll},
};

use http::{HeaderName, HeaderValue, Request};
use tower::Service;
use tower_metadata_headers::{AffinityKeys, Metadata, OrganizationId, ProjectId, UserId};

/// Header with the key of a request's session.
///
/// Clients choose the ids of their sessions. Two tenants with the same id get different keys,
/// and every relay with the same secret writes the same key.
#[derive(Clone, Debug)]
pub struct Affinity {
    /// The generator of keys.
    pub keys: AffinityKeys,
    /// The header that the balancer reads.
    pub header: HeaderName,
}

impl Affinity {
    /// Writes the header, or removes it if the request has no session.
    fn write<B>(&self, request: &mut Request<B>) {
        let key = request
            .extensions()
            .get()
            .and_then(|metadata| self.key(metadata));
        let headers = request.headers_mut();
        headers.remove(&self.header);
        if let Some(key) = key
            && headers.try_insert(&self.header, key).is_err()
        {
            tracing::warn!("affinity key not written: too many headers");
        }
    }

    fn key(&self, metadata: &Metadata) -> Option<HeaderValue> {
        let session = metadata.session()?;
        // Only trusted identity is in the metadata. An id has no line end.
        let mut tenant = String::new();
        let organization = metadata.get::<OrganizationId>();
        let project = metadata.get::<ProjectId>();
        let user = metadata.get::<UserId>();
        for id in [
            organization.as_ref().map(OrganizationId::as_str),
            project.as_ref().map(ProjectId::as_str),
            user.as_ref().map(UserId::as_str),
        ] {
            // Writing to a `String` can't fail.
            let _ = writeln!(tenant, "{}", id.unwrap_or_default());
        }
        let key = self.keys.key(&tenant, &session);
        HeaderValue::try_from(key.to_string()).ok()
    }
}

/// Service that writes the header to each request.
#[derive(Clone, Debug)]
pub(crate) struct WriteAffinity<S> {
    pub(crate) affinity: Option<Affinity>,
    pub(crate) inner: S,
}

impl<S, B> Service<Request<B>> for WriteAffinity<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        if let Some(affinity) = &self.affinity {
            affinity.write(&mut request);
        }
        self.inner.call(request)
    }
}
