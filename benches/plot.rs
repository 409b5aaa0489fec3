//! Picture of the growth, with a panel for each axis and a line for each case.

use std::fmt::Write;

const PANEL: (f64, f64) = (520.0, 360.0);
/// Margins around the axes of a panel: left, top, right, bottom.
const MARGIN: (f64, f64, f64, f64) = (64.0, 56.0, 108.0, 52.0);
const HEADER: f64 = 64.0;

/// Panels: axis in the table, title, label of the axis, and true for a
/// logarithmic scale.
const PANELS: [(&str, &str, &str, bool); 4] = [
    (
        "fields",
        "More fields",
        "fields written; past 8 the map of headers grows",
        false,
    ),
    (
        "headers",
        "More headers on the request",
        "headers on the request",
        false,
    ),
    (
        "conventions",
        "More conventions",
        "conventions read, 16 headers on the request",
        true,
    ),
    (
        "destinations",
        "More destinations",
        "hosts known, of which the last matches",
        true,
    ),
];

/// Colours of the lines. Each line also has its name, so it is clear without
/// colours.
const COLOURS: [(&str, &str); 4] = [
    ("by hand", "#666666"),
    ("inject", "#0b62a4"),
    ("extract none", "#b06000"),
    ("extract", "#a8322d"),
];

/// Draws the table that the `growth` program writes, as SVG.
pub fn svg(csv: &str) -> String {
    let points: Vec<Point> = csv.lines().skip(1).filter_map(Point::parse).collect();
    let (width, height) = (PANEL.0 * 2.0, HEADER + PANEL.1 * 2.0);
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="system-ui, sans-serif" font-size="13" fill="#222222">
<rect width="{width}" height="{height}" fill="#ffffff"/>
<text x="24" y="32" font-size="20" font-weight="600">How the cost of a request grows</text>
<text x="24" y="54" fill="#555555">Instructions of one call, in thousands, less what the same request costs without the layer</text>
"##
    );
    for (at, panel) in PANELS.into_iter().enumerate() {
        let (x, y) = (
            PANEL.0 * (at % 2) as f64,
            HEADER + PANEL.1 * (at / 2) as f64,
        );
        let points: Vec<&Point> = points
            .iter()
            .filter(|point| point.axis == panel.0)
            .collect();
        _ = writeln!(svg, r#"<g transform="translate({x} {y})">"#);
        draw(&mut svg, panel, &points);
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

struct Point {
    axis: String,
    line: String,
    size: f64,
    thousands: f64,
}

impl Point {
    fn parse(row: &str) -> Option<Self> {
        let mut cells = row.split(',');
        Some(Self {
            axis: cells.next()?.to_owned(),
            line: cells.next()?.to_owned(),
            size: cells.next()?.parse().ok()?,
            thousands: cells.next()?.parse::<f64>().ok()? / 1000.0,
        })
    }
}

fn draw(svg: &mut String, panel: (&str, &str, &str, bool), points: &[&Point]) {
    let (_, title, axis, is_logarithmic) = panel;
    let (left, top, right, bottom) = MARGIN;
    let (end, floor) = (PANEL.0 - right, PANEL.1 - bottom);
    let largest = points
        .iter()
        .fold(1.0, |most: f64, point| most.max(point.size));
    let step = step(
        points
            .iter()
            .fold(0.0, |most: f64, point| most.max(point.thousands)),
    );
    let most = points
        .iter()
        .fold(0.0, |most: f64, point| most.max(point.thousands));
    let most = (most / step).ceil() * step;

    let x = |size: f64| {
        let part = if is_logarithmic {
            size.log10() / largest.log10()
        } else {
            size / largest
        };
        left + part * (end - left)
    };
    let y = |thousands: f64| floor - thousands / most * (floor - top);

    _ = writeln!(
        svg,
        r#"<text x="{left}" y="32" font-size="15" font-weight="600">{title}</text>"#
    );
    let mut tick = 0.0;
    while tick <= most + step / 2.0 {
        let at = y(tick);
        _ = writeln!(
            svg,
            r##"<path d="M{left} {at:.1}H{end}" stroke="#e4e4e4"/><text x="{}" y="{:.1}" text-anchor="end" fill="#555555">{tick}</text>"##,
            left - 8.0,
            at + 4.5,
        );
        tick += step;
    }
    for size in sizes(largest, is_logarithmic) {
        let at = x(size);
        _ = writeln!(
            svg,
            r##"<path d="M{at:.1} {floor}v5" stroke="#999999"/><text x="{at:.1}" y="{}" text-anchor="middle" fill="#555555">{}</text>"##,
            floor + 20.0,
            grouped(size),
        );
    }
    _ = writeln!(
        svg,
        r##"<path d="M{left} {floor}H{end}" stroke="#999999"/><text x="{}" y="{}" text-anchor="middle" fill="#555555">{axis}</text>"##,
        f64::midpoint(left, end),
        floor + 42.0,
    );
    draw_lines(svg, points, x, y);
}

fn draw_lines(svg: &mut String, points: &[&Point], x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) {
    let mut lines: Vec<&str> = Vec::new();
    for point in points {
        if !lines.contains(&point.line.as_str()) {
            lines.push(&point.line);
        }
    }
    let mut labels = Vec::new();
    for line in lines {
        let of_line: Vec<(f64, f64)> = points
            .iter()
            .filter(|point| point.line == line)
            .map(|point| (x(point.size), y(point.thousands)))
            .collect();
        let path: Vec<String> = of_line
            .iter()
            .map(|(x, y)| format!("{x:.1} {y:.1}"))
            .collect();
        let mut colours = COLOURS.iter();
        let colour = colours.find(|(name, _)| line.starts_with(name));
        let colour = colour.map_or("#222222", |(_, colour)| colour);
        _ = writeln!(
            svg,
            r#"<path d="M{}" fill="none" stroke="{colour}" stroke-width="2"/>"#,
            path.join("L")
        );
        for (x, y) in &of_line {
            _ = writeln!(
                svg,
                r#"<circle cx="{x:.1}" cy="{y:.1}" r="3" fill="{colour}"/>"#
            );
        }
        if let Some(&(x, y)) = of_line.last() {
            labels.push((x, y, line, colour));
        }
    }
    // Each label is beside the end of its line, or as near above the label
    // below as possible.
    labels.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut lowest = f64::INFINITY;
    for (x, y, line, colour) in labels {
        let at = f64::min(y + 4.5, lowest - 16.0);
        lowest = at;
        _ = writeln!(
            svg,
            r#"<text x="{:.1}" y="{at:.1}" fill="{colour}" font-weight="600">{line}</text>"#,
            x + 10.0
        );
    }
}

/// Returns the distance between ticks, so that there are three to seven.
fn step(most: f64) -> f64 {
    let power = 10_f64.powf((most / 3.0).log10().floor());
    let steps = [5.0, 2.0, 1.0].map(|times| times * power);
    let step = steps.into_iter().find(|step| most / step >= 3.0);
    step.unwrap_or(power)
}

fn sizes(largest: f64, is_logarithmic: bool) -> Vec<f64> {
    if is_logarithmic {
        return (0..=largest.log10().round() as i32)
            .map(|power| 10_f64.powi(power))
            .collect();
    }
    let step = step(largest);
    (0..=(largest / step) as u32)
        .map(|at| f64::from(at) * step)
        .collect()
}

/// Formats 1000 as 1,000.
fn grouped(number: f64) -> String {
    if number < 1000.0 {
        return format!("{number}");
    }
    format!("{:.0},{:03.0}", (number / 1000.0).floor(), number % 1000.0)
}
