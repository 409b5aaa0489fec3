use std::{fmt, sync::Arc};

use http::{Request, request::Parts};

use super::parts::with_parts;
use crate::Metadata;

/// Closure that returns metadata for the fields that a request does not have.
#[derive(Clone, Default)]
pub(super) struct Fallback(Option<Arc<Closure>>);

type Closure = dyn Fn(&Parts) -> Metadata + Send + Sync;

impl Fallback {
    pub(super) fn new(make: impl Fn(&Parts) -> Metadata + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(make)))
    }

    /// Adds the closure's metadata to a request's extensions.
    #[inline]
    pub(super) fn add<B>(&self, request: &mut Request<B>) {
        if let Some(make) = &self.0 {
            let metadata = with_parts(request, |parts| make(parts)).generated();
            let extensions = request.extensions_mut();
            extensions
                .get_or_insert_default::<Metadata>()
                .merge(&metadata);
        }
    }
}

impl fmt::Debug for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_set = self.0.is_some();
        f.debug_tuple("Fallback").field(&is_set).finish()
    }
}
