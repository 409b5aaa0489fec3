//! Counts the instructions of each case, and compares ours with their limits.
//!
//! With an argument, only cases whose names contain it are counted.

use std::{
    collections::HashMap,
    env, io,
    process::{Command, ExitCode},
};

use benches::{
    cases, counting,
    limits::{LIMITS, Most},
};

fn main() -> io::Result<ExitCode> {
    let find = |name: &str| cases::all().into_iter().find(|case| case.name == name);
    if counting::run_if_asked(find) {
        return Ok(ExitCode::SUCCESS);
    }
    let part = env::args().nth(1).unwrap_or_default();
    let cases = cases::all().into_iter().map(|case| case.name);
    let names: Vec<String> = cases.filter(|name| is_wanted(name, &part)).collect();
    let counts = counting::instructions(&names)?;
    let counted: HashMap<&str, f64> = names.iter().map(String::as_str).zip(counts).collect();

    println!("{}{}", version("rustc")?, version("valgrind")?);
    println!("{:<44} {:>12} {:>8}", "case", "instructions", "limit");
    let mut above = false;
    for name in &names {
        let count = counted[name.as_str()];
        let limit = LIMITS.iter().find(|limit| limit.case == name);
        let most = limit.map(|limit| match limit.instructions {
            Most::Count(most) => (f64::from(most), String::new()),
            Most::Times(times, of) => {
                let floor = counted[of];
                (
                    times * floor,
                    format!("  {:.2} of {times} times {of}", count / floor),
                )
            }
        });
        match most {
            None => println!("{name:<44} {count:>12.0}"),
            Some((most, note)) => {
                let is_above = count > most;
                above |= is_above;
                let verdict = if is_above { "  ABOVE" } else { "" };
                println!("{name:<44} {count:>12.0} {most:>8.0}{note}{verdict}");
            }
        }
    }
    Ok(if above {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Returns true if a case is selected, or if the limit of a selected case
/// refers to it.
fn is_wanted(name: &str, part: &str) -> bool {
    name.contains(part)
        || LIMITS.iter().any(|limit| {
            limit.case.contains(part)
                && matches!(limit.instructions, Most::Times(_, of) if of == name)
        })
}

fn version(program: &str) -> io::Result<String> {
    let output = Command::new(program).arg("--version").output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
