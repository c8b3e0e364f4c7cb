//! Plots as SVG files. Colours are the blue and orange of Okabe and Ito, which people who
//! see few colours can tell apart; failures are dashed as well.

use std::fmt::Write as _;

use lucid_runtime::{Curve, HeldOutReport};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 54.0;
const SUCCESS: &str = "#0072b2";
const FAILURE: &str = "#d55e00";

/// Curves over shared axes that start at 0.
pub(crate) fn curves(title: &str, x: &str, y: &str, curves: &[Curve]) -> String {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let most = |value: fn(&(f64, f64)) -> f64| points().map(value).fold(0.0, f64::max).max(1e-9);
    let (right, top) = (most(|point| point.0), most(|point| point.1));
    let across = |value: f64| LEFT + value / right * (WIDTH - LEFT - RIGHT);
    let up = |value: f64| HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
    let mut body = String::new();
    for tick in ticks(right) {
        axis_text(&mut body, across(tick), HEIGHT - BOTTOM + 18.0, "middle", &number(tick));
    }
    for tick in ticks(top) {
        line(&mut body, [LEFT, up(tick), WIDTH - RIGHT, up(tick)], "0.15");
        axis_text(&mut body, LEFT - 8.0, up(tick) + 4.0, "end", &number(tick));
    }
    axis_text(&mut body, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 14.0, "middle", x);
    axis_text(&mut body, LEFT, TOP - 10.0, "middle", y);
    for curve in curves {
        let mut path = String::new();
        for (number, (x, y)) in curve.points.iter().enumerate() {
            let command = if number == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{command}{:.1} {:.1}", across(*x), up(*y));
        }
        let (colour, dash) = if curve.success { (SUCCESS, "none") } else { (FAILURE, "6 4") };
        let (task, how) = (curve.task, if curve.success { "succeeded" } else { "failed" });
        let _ = writeln!(
            body,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" \
             stroke-dasharray=\"{dash}\"><title>task {task}, {how}</title></path>"
        );
    }
    legend(&mut body);
    document(title, &body)
}

/// Both rates as bars, and the difference with its interval.
pub(crate) fn rates(report: &HeldOutReport) -> String {
    let mut body = String::new();
    let bars =
        [("old memory", report.before_rate, FAILURE), ("new memory", report.after_rate, SUCCESS)];
    for (number, (name, rate, colour)) in bars.into_iter().enumerate() {
        let y = 90.0 + 80.0 * number as f64;
        let width = rate * 380.0;
        axis_text(&mut body, 150.0, y + 25.0, "end", name);
        let _ = writeln!(
            body,
            "<rect x=\"160\" y=\"{y}\" width=\"{width:.1}\" height=\"40\" fill=\"{colour}\"/>"
        );
        let label = format!("{:.1} %", rate * 100.0);
        axis_text(&mut body, 168.0 + width, y + 25.0, "start", &label);
    }
    let [low, high] = report.ci95;
    let text = format!(
        "difference {:+.1} points, 95 % interval {:+.1} to {:+.1}",
        report.difference * 100.0,
        low * 100.0,
        high * 100.0
    );
    axis_text(&mut body, 160.0, 280.0, "start", &text);
    document(&format!("{} held-out tasks, in pairs", report.n), &body)
}

fn document(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         role=\"img\" aria-label=\"{title}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
         <text x=\"{}\" y=\"20\" text-anchor=\"middle\" font-weight=\"bold\" fill=\"#222222\">\
         {title}</text>\n{body}</svg>",
        WIDTH / 2.0
    )
}

fn legend(body: &mut String) {
    for (number, (name, colour)) in
        [("succeeded", SUCCESS), ("failed (dashed)", FAILURE)].into_iter().enumerate()
    {
        let y = TOP + 16.0 * number as f64;
        let _ = writeln!(
            body,
            "<rect x=\"{}\" y=\"{}\" width=\"14\" height=\"4\" fill=\"{colour}\"/>",
            WIDTH - 150.0,
            y - 4.0
        );
        axis_text(body, WIDTH - 130.0, y, "start", name);
    }
}

fn line(body: &mut String, [x1, y1, x2, y2]: [f64; 4], opacity: &str) {
    let _ = writeln!(
        body,
        "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#222222\" \
         stroke-opacity=\"{opacity}\"/>"
    );
}

fn axis_text(body: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    let text = escape(text);
    let _ = writeln!(
        body,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"#444444\">{text}</text>"
    );
}

/// Four to eight round values from 0 to `most`.
fn ticks(most: f64) -> Vec<f64> {
    let rough = most / 5.0;
    let magnitude = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * magnitude)
        .find(|step| *step >= rough)
        .unwrap_or(most);
    let mut ticks = Vec::new();
    let mut tick = 0.0;
    while tick <= most * 1.000_001 && ticks.len() < 20 {
        ticks.push(tick);
        tick += step;
    }
    ticks
}

fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_break_out_of_the_picture() {
        let svg = curves("<script>\"&", "x", "y", &[]);
        assert!(!svg.contains("<script>"));
        assert!(svg.contains("&lt;script&gt;&quot;&amp;"));
    }

    #[test]
    fn axes_have_round_values_within_their_range() {
        assert_eq!(ticks(10.0), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(ticks(180.0), [0.0, 50.0, 100.0, 150.0]);
        assert_eq!(number(0.25), "0.25");
    }

    #[test]
    fn every_curve_is_drawn_and_named() {
        let curve = |task, success| Curve { task, success, points: vec![(0.0, 1.0), (1.0, 0.0)] };
        let svg = curves("t", "x", "y", &[curve(1, true), curve(2, false)]);
        assert_eq!(svg.matches("<path").count(), 2);
        assert!(svg.contains("task 2, failed") && svg.contains("6 4"));
    }
}
