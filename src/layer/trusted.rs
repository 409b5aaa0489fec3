use std::{fmt, sync::Arc};

use http::{Request, request::Parts};

use super::parts::with_parts;
use crate::Trust;

/// Closure that returns the trust in a request. Without one, no field is trusted.
#[derive(Clone, Default)]
pub(super) struct Trusted(Option<Arc<Closure>>);

type Closure = dyn Fn(&Parts) -> Trust + Send + Sync;

impl Trusted {
    pub(super) fn new(trust: impl Fn(&Parts) -> Trust + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(trust)))
    }

    /// Returns the trust in a request, or `None` if no field is trusted.
    #[inline]
    pub(super) fn of<B>(&self, request: &mut Request<B>) -> Option<Trust> {
        let trust = self.0.as_ref()?;
        Some(with_parts(request, |parts| trust(parts)))
    }
}

impl fmt::Debug for Trusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_set = self.0.is_some();
        f.debug_tuple("Trusted").field(&is_set).finish()
    }
}
