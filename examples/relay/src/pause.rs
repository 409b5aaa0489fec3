//! Pauses in what a client does.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio::time::sleep;

/// Waits until nothing has set `has_moved` for at least this time, and `counts` is true.
///
/// A move sets no timer, so the wait may be up to twice as long.
pub(crate) async fn pause(limit: Duration, has_moved: &AtomicBool, counts: impl Fn() -> bool) {
    loop {
        sleep(limit).await;
        if !has_moved.swap(false, Ordering::Relaxed) && counts() {
            return;
        }
    }
}
