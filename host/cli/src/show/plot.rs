//! Plots for a terminal: two columns and four rows of dots in each character (braille).
//!
//! Curves of tasks that failed are drawn as single dots, those that succeeded as lines, so
//! that they differ without colour.

use lucid_runtime::Curve;

/// Characters across and up.
const WIDTH: usize = 64;
const HEIGHT: usize = 10;

/// Every how many dots a failed curve is drawn.
const GAP: usize = 5;

/// The bits of a braille character, by row and column of its dots.
const DOTS: [[u32; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// Draws curves over shared axes that start at 0.
pub(crate) fn curves(x: &str, y: &str, curves: &[Curve]) -> String {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let most = |value: fn(&(f64, f64)) -> f64| points().map(value).fold(0.0, f64::max);
    let (right, top) = (most(|point| point.0), most(|point| point.1));
    if right <= 0.0 || top <= 0.0 {
        return "  (nothing to plot)\n".to_owned();
    }
    let mut cells = vec![[0_u32; WIDTH]; HEIGHT];
    for curve in curves {
        let dots = dots(&curve.points, right, top);
        let step = if curve.success { 1 } else { GAP };
        for (column, row) in dots.into_iter().step_by(step) {
            cells[row / 4][column / 2] |= DOTS[row % 4][column % 2];
        }
    }
    let mut text = format!("  {y}\n");
    for (number, line) in cells.iter().enumerate() {
        let label = match number {
            0 => format!("{top:>8.0}"),
            _ if number == HEIGHT - 1 => format!("{:>8}", 0),
            _ => " ".repeat(8),
        };
        let drawn: String =
            line.iter().map(|bits| char::from_u32(0x2800 + bits).unwrap_or(' ')).collect();
        text.push_str(&format!("{label} │{}\n", drawn.trim_end_matches('\u{2800}')));
    }
    text.push_str(&format!("{:>8} └{}\n", "", "─".repeat(WIDTH)));
    let right = format!("{right:.0}");
    let gap = WIDTH.saturating_sub(1 + right.len());
    text.push_str(&format!("{:>10}0{}{right}  {x}\n", "", " ".repeat(gap)));
    text
}

/// The dots of a curve, each once, from left to right.
fn dots(points: &[(f64, f64)], right: f64, top: f64) -> Vec<(usize, usize)> {
    let (columns, rows) = (WIDTH * 2 - 1, HEIGHT * 4 - 1);
    let place = |share: f64, most: usize| {
        // Between 0 and `most` by the clamp, so nothing is lost.
        (share.clamp(0.0, 1.0) * most as f64).round() as usize
    };
    let mut dots = Vec::new();
    for pair in points.windows(2) {
        for part in 0..8 {
            let share = f64::from(part) / 8.0;
            let x = pair[0].0 + (pair[1].0 - pair[0].0) * share;
            let y = pair[0].1 + (pair[1].1 - pair[0].1) * share;
            let dot = (place(x / right, columns), rows - place(y / top, rows));
            if dots.last() != Some(&dot) {
                dots.push(dot);
            }
        }
    }
    dots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(success: bool, points: &[(f64, f64)]) -> Curve {
        Curve { task: 1, success, points: points.to_vec() }
    }

    #[test]
    fn a_falling_curve_goes_from_the_upper_left_to_the_lower_right() {
        let dots = dots(&[(0.0, 10.0), (5.0, 0.0)], 5.0, 10.0);
        assert_eq!(dots.first(), Some(&(0, 0)));
        assert!(dots.is_sorted_by_key(|dot| dot.0) && dots.is_sorted_by_key(|dot| dot.1));
    }

    #[test]
    fn failures_are_told_apart_without_colour() {
        let points = [(0.0, 10.0), (5.0, 0.0)];
        let ink = |success| {
            let drawn = curves("t", "h", &[curve(success, &points)]);
            drawn.chars().filter(|c| ('\u{2801}'..='\u{28ff}').contains(c)).count()
        };
        assert!(ink(true) > 2 * ink(false), "{} {}", ink(true), ink(false));
    }

    #[test]
    fn nothing_to_plot_is_said() {
        assert!(curves("t", "h", &[]).contains("nothing"));
        assert!(curves("t", "h", &[curve(true, &[(0.0, 0.0)])]).contains("nothing"));
    }
}
