//! A plot of what things cost as their number grows: the price of one, against its price at the smallest size. A line
//! that stays level grows as its number does; one that bends upwards is seen at once.

use std::fmt::Write;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 270.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;
/// Colours that are told apart in grey and by who sees few colours; each line has its own dashes besides.
const COLOURS: [&str; 8] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#7f7f7f"];
const DASHES: [&str; 4] = ["none", "6 3", "2 3", "9 3 2 3"];

/// What one thing costs at several sizes.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// What it is, with its unit.
    pub name: String,
    /// Each size and the price of one there, from the smallest size on.
    pub points: Vec<(u64, f64)>,
}

/// The plot as an SVG, both scales logarithmic.
pub fn svg(title: &str, lines: &[Line]) -> String {
    let plotted: Vec<Vec<(f64, f64)>> = lines.iter().map(relative).collect();
    let all = || plotted.iter().flatten();
    let decades = all().map(|(size, _)| size.log10().ceil()).fold(1.0, f64::max);
    let high = all().map(|(_, price)| price.log2().ceil()).fold(1.0, f64::max);
    let low = all().map(|(_, price)| price.log2().floor()).fold(-1.0, f64::min);
    let x = |size: f64| LEFT + size.log10() / decades * (WIDTH - LEFT - RIGHT);
    let y = |price: f64| HEIGHT - BOTTOM - (price.log2() - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
    let mut text = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12"><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/><text x="{LEFT}" y="22" font-size="14">{title}</text>"##
    );
    let mut put = |line: &str| text.push_str(line);
    let mut step = low;
    while step <= high {
        let (price, at) = (step.exp2(), y(step.exp2()));
        put(&format!(
            r##"<path d="M{LEFT} {at:.1}H{:.1}" stroke="#ddd"/><text x="{:.1}" y="{:.1}" text-anchor="end">{price}×</text>"##,
            WIDTH - RIGHT,
            LEFT - 6.0,
            at + 4.0
        ));
        step += 1.0;
    }
    let mut decade = 0.0;
    while decade <= decades {
        let at = x(10_f64.powf(decade));
        put(&format!(
            r##"<path d="M{at:.1} {TOP}V{:.1}" stroke="#ddd"/><text x="{at:.1}" y="{:.1}" text-anchor="middle">{}×</text>"##,
            HEIGHT - BOTTOM,
            HEIGHT - BOTTOM + 18.0,
            10_f64.powf(decade)
        ));
        decade += 1.0;
    }
    for (number, (line, points)) in lines.iter().zip(&plotted).enumerate() {
        let (colour, dash) = (COLOURS[number % COLOURS.len()], DASHES[number % DASHES.len()]);
        let mut path = String::new();
        for (size, price) in points {
            let letter = if path.is_empty() { 'M' } else { 'L' };
            write!(path, "{letter}{:.1} {:.1}", x(*size), y(*price)).expect("a text can be written to");
        }
        let (from, at) = (WIDTH - RIGHT + 12.0, TOP + 22.0_f64.mul_add(sizes(number), 8.0));
        put(&format!(
            r#"<path d="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/><path d="M{from} {at:.1}h26" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/><text x="{:.1}" y="{:.1}" font-size="11">{}</text>"#,
            from + 32.0,
            at + 4.0,
            line.name
        ));
    }
    text + "</svg>\n"
}

/// Sizes and prices as multiples of the first.
fn relative(line: &Line) -> Vec<(f64, f64)> {
    let Some((size, price)) = line.points.first().copied() else { return Vec::new() };
    let multiple = |point: &(u64, f64)| {
        #[expect(clippy::cast_precision_loss, reason = "sizes of some millions")]
        let grown = point.0 as f64 / size as f64;
        (grown, (point.1 / price.max(f64::MIN_POSITIVE)).max(f64::MIN_POSITIVE))
    };
    line.points.iter().map(multiple).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a handful of lines")]
const fn sizes(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::{Line, svg};

    #[test]
    fn each_line_is_drawn_and_named() {
        let level = Line { name: "level, ns".to_owned(), points: vec![(10, 2.0), (100, 2.0), (1_000, 2.0)] };
        let bent = Line { name: "bent, ns".to_owned(), points: vec![(10, 1.0), (1_000, 8.0)] };
        let drawn = svg("growth", &[level, bent]);
        assert!(drawn.starts_with("<svg") && drawn.ends_with("</svg>\n"));
        assert_eq!(drawn.matches("stroke-width=\"2\"").count(), 4, "two lines and two keys");
        assert!(drawn.contains("level, ns") && drawn.contains("bent, ns"));
    }
}
