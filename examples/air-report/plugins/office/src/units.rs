//! Units of mass in air.

/// How many of `to` one `from` is; none where one of them is no such unit.
pub fn factor(from: &str, to: &str) -> Option<f64> {
    let power = exponent(from)? - exponent(to)?;
    // Whole numbers and their inverses, so that 1,000 is not 999.9999.
    Some(if power >= 0 { 10f64.powi(power) } else { 1.0 / 10f64.powi(-power) })
}

/// The power of ten of grams in a cubic metre.
fn exponent(unit: &str) -> Option<i32> {
    let plain = unit.trim().replace(['\u{b5}', '\u{3bc}'], "u").replace('³', "3");
    match plain.replace(' ', "").strip_suffix("g/m3")? {
        "n" => Some(-9),
        "u" => Some(-6),
        "m" => Some(-3),
        "" => Some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_converted_however_they_are_written() {
        assert_eq!(factor("mg/m³", "µg/m³"), Some(1000.0));
        assert_eq!(factor("\u{3bc}g/m3", "\u{b5}g / m³"), Some(1.0));
        assert_eq!(factor("ng/m³", "µg/m³"), Some(0.001));
        assert_eq!(factor("ppb", "µg/m³"), None);
        assert_eq!(factor("mV", "V"), None);
    }
}
