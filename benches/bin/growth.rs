//! Counts how the cost grows, writes `growth.csv`, and draws it as
//! `growth.svg`. With `--plot` it only draws.

use std::{env, fmt::Write, fs, io, path::Path};

use benches::{counting, growth, plot};

fn main() -> io::Result<()> {
    let find = |name: &str| {
        let mut points = growth::points().into_iter();
        let point = points.find(|point| point.case.name == name);
        point.map(|point| point.case)
    };
    if counting::run_if_asked(find) {
        return Ok(());
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = here.join("growth.csv");
    if env::args().nth(1).as_deref() != Some("--plot") {
        fs::write(&table, csv()?)?;
    }
    let table = fs::read_to_string(table)?;
    fs::write(here.join("growth.svg"), plot::svg(&table))
}

fn csv() -> io::Result<String> {
    let points = growth::points();
    let names: Vec<String> = points.iter().map(|point| point.case.name.clone()).collect();
    let counts = counting::instructions(&names)?;
    let mut csv = String::from("axis,line,size,instructions\n");
    for (point, count) in points.iter().zip(counts) {
        let (axis, line, size) = (point.axis, point.line, point.size);
        writeln!(csv, "{axis},{line},{size},{count:.0}").map_err(io::Error::other)?;
    }
    Ok(csv)
}
