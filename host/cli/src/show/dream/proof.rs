//! Whether a dream helps: two rates, and how certain their difference is.

use lucid_core::Proof;
use serde_json::{Value, json};

/// Characters of a rate's bar.
const BAR: usize = 40;

/// Characters to each side of no difference: one for every 2.5 points.
const SIDE: usize = 40;

/// A proof: the rates as bars, their difference on a scale, and what follows. The interval is
/// there when it was just measured.
pub(crate) fn proof(proof: &Proof, ci95: Option<[f64; 2]>) -> String {
    let difference = proof.after_rate - proof.before_rate;
    let points = |share: f64| share * 100.0;
    let mut text = format!(
        "\nproof: {} held-out tasks of {} (seed {}), each with the old and the new memory\n",
        proof.n,
        crate::show::short(&proof.mission, 60),
        proof.seed
    );
    for (name, rate) in [("old", proof.before_rate), ("new", proof.after_rate)] {
        text.push_str(&format!("  {name}  {} {:5.1} %\n", bar(rate), points(rate)));
    }
    text.push_str(&scale(proof, difference, ci95));
    let interval = ci95.map_or(String::new(), |[low, high]| {
        format!(", 95 % interval {:+.1} to {:+.1}", points(low), points(high))
    });
    text.push_str(&format!("  difference {:+.1} points{interval}\n", points(difference)));
    text.push_str(&format!(
        "  with 95 % certainty it is above {:+.1} points; it has to be above {:+.1}: {}\n",
        points(proof.lower_bound),
        points(proof.margin),
        if proof.passed { "proved" } else { "NOT PROVED" },
    ));
    text
}

/// A proof as `--json` prints it.
pub(crate) fn proof_document(proof: &Proof, ci95: [f64; 2], sessions: u32) -> Value {
    let mut document = json!(proof);
    if let Value::Object(fields) = &mut document {
        fields.insert("ci95".to_owned(), json!(ci95));
        fields.insert("sessions".to_owned(), json!(sessions));
    }
    document
}

fn bar(rate: f64) -> String {
    // Between 0 and 40 by the clamp.
    let full = (rate.clamp(0.0, 1.0) * BAR as f64).round() as usize;
    format!("{}{}", "█".repeat(full), "░".repeat(BAR - full))
}

/// The difference on a line from -100 to +100 points: `[` its lower bound, `●` itself, `│` what
/// it has to be above.
fn scale(proof: &Proof, difference: f64, ci95: Option<[f64; 2]>) -> String {
    let place = |share: f64| {
        // Between 0 and twice the side by the clamp.
        ((share.clamp(-1.0, 1.0) + 1.0) * SIDE as f64).round() as usize
    };
    let mut line = vec!['·'; 2 * SIDE + 1];
    let (low, middle) = (place(proof.lower_bound), place(difference));
    let high = ci95.map_or(middle, |[_, high]| place(high));
    for cell in line.iter_mut().take(high.max(middle) + 1).skip(low) {
        *cell = '─';
    }
    let marks = [(place(proof.margin), '│'), (low, '['), (middle, '●')];
    for (at, mark) in marks {
        if let Some(cell) = line.get_mut(at) {
            *cell = mark;
        }
    }
    let drawn: String = line.into_iter().collect();
    format!("  {drawn}\n  {:<w$}0{:>w$}\n", "-100", "+100 points", w = SIDE)
}
