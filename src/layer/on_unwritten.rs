use std::{fmt, sync::Arc};

use http::Uri;

use crate::WriteReport;

/// Closure that is called if metadata is not written in full.
#[derive(Clone, Default)]
pub(super) struct OnUnwritten(Option<Arc<Report>>);

type Report = dyn Fn(&WriteReport<'_>, &Uri) + Send + Sync;

impl OnUnwritten {
    pub(super) fn new(report: impl Fn(&WriteReport<'_>, &Uri) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(report)))
    }

    #[inline]
    pub(super) fn call(&self, written: &WriteReport<'_>, uri: &Uri) {
        if let Some(report) = &self.0
            && !written.faults().is_empty()
        {
            report(written, uri);
        }
    }
}

impl fmt::Debug for OnUnwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_set = self.0.is_some();
        f.debug_tuple("OnUnwritten").field(&is_set).finish()
    }
}
