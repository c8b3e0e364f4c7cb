//! What inline styles and attributes tell about whether an element is seen.

use std::collections::HashMap;

/// A colour, red to blue, and how opaque it is.
pub(super) type Colour = [u8; 4];

/// How an element looks, as far as inline styles tell; what is inside inherits it.
#[derive(Debug, Clone, Default)]
pub(super) struct Look {
    /// Why it is not seen.
    pub(super) hidden: Option<&'static str>,
    colour: Option<Colour>,
    background: Option<Colour>,
}

/// Nobody reads text of fewer pixels.
const LEAST_PIXELS: f64 = 2.0;
/// Further out than this is off every screen.
const FAR_PIXELS: f64 = -900.0;

impl Look {
    /// How an element inside looks.
    pub(super) fn inside(&self, name: &str, attributes: &HashMap<String, String>) -> Self {
        let mut look = self.clone();
        let style = attributes.get("style").map(String::as_str).unwrap_or_default();
        let style = declarations(style);
        let value = |property: &str| style.get(property).map(String::as_str);
        if let Some(colour) = value("color").and_then(colour) {
            look.colour = Some(colour);
        }
        let background = value("background-color").or_else(|| value("background"));
        let background = background.or_else(|| attributes.get("bgcolor").map(String::as_str));
        if let Some(background) = background {
            // What is no plain colour (a picture, a gradient) leaves it unknown.
            look.background = colour(background);
        }
        if look.hidden.is_none() {
            look.hidden = by_element(name, attributes)
                .or_else(|| by_style(&style))
                .or_else(|| by_place(&style))
                .or_else(|| look.by_colour());
        }
        look
    }

    fn by_colour(&self) -> Option<&'static str> {
        let colour = self.colour?;
        if colour[3] < 13 {
            return Some("transparent");
        }
        let background = self.background?;
        let near = colour.iter().zip(background).take(3).all(|(c, b)| c.abs_diff(b) <= 8);
        (near && background[3] > 0).then_some("same colour as the background")
    }

    /// How the body of a page looks that has no styles but inline ones: on white.
    pub(super) fn page() -> Self {
        Self { hidden: None, colour: None, background: Some([255; 4]) }
    }

    /// Forgets the background: a style sheet may give another.
    pub(super) fn forget_background(&mut self) {
        self.background = None;
    }
}

fn by_element(name: &str, attributes: &HashMap<String, String>) -> Option<&'static str> {
    if matches!(name, "template" | "noscript") {
        return Some("never shown");
    }
    if attributes.contains_key("hidden") {
        return Some("hidden");
    }
    let is_true = |name: &str| attributes.get(name).is_some_and(|v| v.eq_ignore_ascii_case("true"));
    is_true("aria-hidden").then_some("aria-hidden")
}

fn by_style(style: &HashMap<String, String>) -> Option<&'static str> {
    let value = |property: &str| style.get(property).map(String::as_str).unwrap_or_default();
    let number = |property: &str| size(value(property));
    if value("display") == "none" {
        return Some("display: none");
    }
    if matches!(value("visibility"), "hidden" | "collapse") {
        return Some("visibility: hidden");
    }
    if number("opacity").is_some_and(|opacity| opacity < 0.05) {
        return Some("opacity: 0");
    }
    if number("font-size").is_some_and(|size| size < LEAST_PIXELS)
        && !is_relative(value("font-size"))
    {
        return Some("zero-size text");
    }
    if is_zero(value("font-size")) || is_zero(value("zoom")) {
        return Some("zero-size text");
    }
    let clipped = matches!(value("overflow"), "hidden" | "clip" | "scroll" | "auto");
    let sizes = ["width", "height", "max-width", "max-height"];
    if clipped && sizes.iter().any(|size| number(size).is_some_and(|size| size < LEAST_PIXELS)) {
        return Some("zero size");
    }
    let transform = value("transform");
    (transform.contains("scale(0)") || transform.contains("scale(0,")).then_some("zero size")
}

fn by_place(style: &HashMap<String, String>) -> Option<&'static str> {
    let value = |property: &str| style.get(property).map(String::as_str).unwrap_or_default();
    let far = |property: &str| size(value(property)).is_some_and(|size| size < FAR_PIXELS);
    if far("text-indent") || far("margin-left") || far("margin-top") {
        return Some("off the page");
    }
    let placed = matches!(value("position"), "absolute" | "fixed" | "relative");
    if placed && (far("left") || far("top") || far("right") || far("bottom")) {
        return Some("off the page");
    }
    let clip: String = value("clip").chars().filter(|c| !c.is_whitespace()).collect();
    if clip.starts_with("rect(0") && (clip.contains(",0,0") || clip.contains("0000")) {
        return Some("clipped");
    }
    let path = value("clip-path");
    let clipped = path.starts_with("inset(50%") || path.starts_with("inset(100%");
    (clipped || path.starts_with("circle(0")).then_some("clipped")
}

/// The declarations of a style, in lower case; the later of two goes.
fn declarations(style: &str) -> HashMap<String, String> {
    let mut found: HashMap<String, String> = HashMap::new();
    for declaration in without_comments(style).split(';') {
        if let Some((property, value)) = declaration.split_once(':') {
            let value = value.trim().to_ascii_lowercase();
            let value = value.trim_end_matches("!important").trim_end().to_owned();
            found.insert(property.trim().to_ascii_lowercase(), value);
        }
    }
    found
}

fn without_comments(style: &str) -> String {
    let mut plain = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, after)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain
}

/// The number a length starts with; pixels and points are taken as one.
fn size(value: &str) -> Option<f64> {
    let end = value.find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+'));
    value.get(..end.unwrap_or(value.len()))?.parse().ok()
}

fn is_relative(value: &str) -> bool {
    ["em", "%", "ex", "ch", "vw", "vh"].iter().any(|unit| value.ends_with(unit))
}

fn is_zero(value: &str) -> bool {
    size(value).is_some_and(|size| size <= 0.0)
}

/// A colour that is written out, or one of the names that matter here.
fn colour(text: &str) -> Option<Colour> {
    let text = text.trim();
    match text {
        "white" => return Some([255; 4]),
        "black" => return Some([0, 0, 0, 255]),
        "transparent" => return Some([0; 4]),
        "red" => return Some([255, 0, 0, 255]),
        "lime" => return Some([0, 255, 0, 255]),
        "blue" => return Some([0, 0, 255, 255]),
        "yellow" => return Some([255, 255, 0, 255]),
        "gray" | "grey" => return Some([128, 128, 128, 255]),
        "silver" => return Some([192, 192, 192, 255]),
        _ => {}
    }
    if let Some(hex) = text.strip_prefix('#') {
        return hexadecimal(hex);
    }
    let inner = text.strip_prefix("rgba(").or_else(|| text.strip_prefix("rgb("))?;
    let parts: Vec<f64> = inner
        .trim_end_matches(')')
        .split([',', ' ', '/'])
        .filter(|part| !part.is_empty())
        .map_while(size)
        .collect();
    let channel = |at: usize| parts.get(at).map(|part| byte(*part));
    let alpha = parts.get(3).map_or(255, |alpha| byte(alpha * 255.0));
    Some([channel(0)?, channel(1)?, channel(2)?, alpha])
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn byte(value: f64) -> u8 {
    value.clamp(0.0, 255.0) as u8
}

fn hexadecimal(hex: &str) -> Option<Colour> {
    let digits: Option<Vec<u8>> =
        hex.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    match digits?.as_slice() {
        [r, g, b] => Some([r * 17, g * 17, b * 17, 255]),
        [r, g, b, a] => Some([r * 17, g * 17, b * 17, a * 17]),
        [r, s, g, h, b, c] => Some([r * 16 + s, g * 16 + h, b * 16 + c, 255]),
        [r, s, g, h, b, c, a, z] => Some([r * 16 + s, g * 16 + h, b * 16 + c, a * 16 + z]),
        _ => None,
    }
}
