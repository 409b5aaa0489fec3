//! Counts of a case's instructions under callgrind.
//!
//! The program starts itself under callgrind, and then calls [`run_if_asked`].

use std::{
    env, fs,
    hint::black_box,
    io, mem,
    num::NonZero,
    process::{self, Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::cases::{Case, Inner, Make, Request, Run};

/// Number of calls of a case before it is counted, and again while it is.
const CALLS: u32 = 64;

/// Argument before a part and the case to run.
const RUN: &str = "--run";

const CASE: &str = "case";
const BASELINE: &str = "baseline";

/// Returns the instructions of one call of each of these cases, minus its
/// baseline.
pub fn instructions(names: &[String]) -> io::Result<Vec<f64>> {
    let next = AtomicUsize::new(0);
    let counts = Mutex::new(vec![0.0; names.len()]);
    let work = || -> io::Result<()> {
        while let Some((at, name)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            names.get(at).map(|name| (at, name))
        } {
            let count = count(CASE, name)? - count(BASELINE, name)?;
            counts.lock().unwrap()[at] = count;
        }
        Ok(())
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap())
    })?;
    Ok(counts.into_inner().unwrap())
}

/// Runs the case in the program's arguments. Returns false if there is none.
pub fn run_if_asked(find: impl FnOnce(&str) -> Option<Case>) -> bool {
    let args: Vec<String> = env::args().skip(1).collect();
    let [flag, part, name] = args.as_slice() else {
        return false;
    };
    if flag != RUN {
        return false;
    }
    let case = find(name).unwrap();
    let run = match part.as_str() {
        CASE => case.run(Inner::DROP),
        _ => case.baseline(),
    };
    warm_up_and_measure(case.make(), run);
    true
}

/// Drops each request before the next is made, so that the allocator has the
/// same state at each call.
fn warm_up_and_measure(mut make: Make, mut run: Run) {
    // The first calls make what is kept, such as plans.
    run(make());
    fill_holes();
    for _ in 0..CALLS {
        run(make());
    }
    for _ in 0..CALLS {
        measured(&mut run, make());
    }
}

/// Fills the holes that building the case left in the heap. A request whose headers grow
/// in a hole is moved, and one that borders on a hole is merged with it when it is freed,
/// which costs more than what is counted here.
fn fill_holes() {
    // The largest first, so that no smaller one makes a new hole.
    for size in (16..16_384).step_by(16).rev() {
        for _ in 0..16 {
            mem::forget(black_box(Vec::<u8>::with_capacity(size)));
        }
    }
}

/// Calls the case. Callgrind counts only inside this function.
#[inline(never)]
fn measured(run: &mut Run, request: Request) {
    run(request);
}

fn count(part: &str, name: &str) -> io::Result<f64> {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let file = FILES.fetch_add(1, Ordering::Relaxed);
    let file = env::temp_dir().join(format!("callgrind.out.{}.{file}", process::id()));
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*counting::measured*"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(env::current_exe()?)
        .args([RUN, part, name])
        // The environment is on the stack, and would change the alignment of
        // the stack.
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| io::Error::new(error.kind(), format!("valgrind: {error}")))?;
    let counted = fs::read_to_string(&file)?;
    fs::remove_file(&file)?;
    let total = counted
        .lines()
        .find_map(|line| line.strip_prefix("totals: "));
    let total: Option<u32> = total.and_then(|total| total.trim().parse().ok());
    match total {
        Some(total) if status.success() && total > 0 => Ok(f64::from(total) / f64::from(CALLS)),
        _ => Err(io::Error::other(format!("callgrind: no count of `{name}`"))),
    }
}
