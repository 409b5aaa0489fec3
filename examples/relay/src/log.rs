//! Log of the program, written by a thread of its own.

use std::{
    io::{self, BufWriter, Write},
    thread,
    time::Duration,
};

use relay::settings::LogFormat;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// Maximum number of lines that wait to be written. If the reader of the log is slower for
/// so long, requests wait for it, because no line is dropped.
const MAX_WAITING: usize = 16_384;

/// Logs one line for each request to the standard output, or as `RUST_LOG` says.
///
/// Requests do not wait for the output. The guard writes the lines that still wait when it is
/// dropped. It waits for the reader of the output for at most a second.
pub(crate) fn to_stdout(format: LogFormat) -> WorkerGuard {
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(false)
        .buffered_lines_limit(MAX_WAITING)
        .thread_name("log")
        .finish(Batches(BufWriter::with_capacity(1 << 16, io::stdout())));
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_writer(writer);
    // Fails only if a subscriber is already set, which is kept.
    let _ = match format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    guard
}

/// Writer that pauses after each flush.
///
/// The thread flushes when no line waits. Without the pause, it would wake for each line of
/// a busy relay, and each would be a system call on both sides.
struct Batches<W: Write>(BufWriter<W>);

impl<W: Write> Write for Batches<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        thread::sleep(Duration::from_millis(20));
        Ok(())
    }
}
