//! Reads a model's answer: one JSON object of one form, or it is no answer.

use serde::Deserialize;

/// The longest answer that is read, in bytes.
pub const ANSWER_BYTES_MAX: usize = 64 << 10;
/// The longest explanation that is kept, in bytes.
const EXPLANATION_BYTES_MAX: usize = 1_000;
/// The most quotes of one answer.
pub const QUOTES_MAX: usize = 8;

/// What a model says of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// It holds.
    Met,
    /// It does not hold.
    Unmet,
    /// It does not apply.
    NotApplicable,
    /// Nobody can tell.
    NotGradable,
}

/// A part of a file that a verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quote {
    /// The file's path, relative to the outputs folder.
    pub path: String,
    /// The bytes of the file, exactly.
    pub text: String,
}

/// A model's answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The verdict.
    pub verdict: Said,
    /// What was seen.
    pub explanation: String,
    /// What it rests on.
    pub quotes: Vec<Quote>,
}

/// Reads an answer. White space around the object is no mistake, and one code fence is none.
///
/// # Errors
/// What is wrong with it, in words that have nothing of the answer in them.
pub fn read(text: &str) -> Result<Answer, String> {
    if text.len() > ANSWER_BYTES_MAX {
        return Err(format!("it is longer than {ANSWER_BYTES_MAX} bytes"));
    }
    let object = bare(text);
    // A list of the fields would be taken for the object otherwise.
    if object.starts_with('[') {
        return Err("it is not of the form that was asked for".to_owned());
    }
    let mut answer: Answer = serde_json::from_str(object).map_err(|error| {
        use serde_json::error::Category;
        let what = match error.classify() {
            Category::Data => "it is not of the form that was asked for",
            Category::Eof => "it is not complete",
            Category::Syntax | Category::Io => "it is not one JSON object and nothing else",
        };
        what.to_owned()
    })?;
    if answer.quotes.len() > QUOTES_MAX {
        return Err(format!("it has more than {QUOTES_MAX} quotes"));
    }
    answer.explanation = line(&answer.explanation);
    if answer.explanation.is_empty() {
        return Err("its explanation is empty".to_owned());
    }
    Ok(answer)
}

/// What stands in a code fence, if the whole text is one.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let inside = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    inside.map_or(text, |inside| inside.strip_prefix("json").unwrap_or(inside))
}

/// A text on one line, within bounds.
pub(crate) fn line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > EXPLANATION_BYTES_MAX {
            let mut end = EXPLANATION_BYTES_MAX;
            while !line.is_char_boundary(end) {
                end -= 1;
            }
            line.truncate(end);
            line.push('…');
            break;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = r#"{"verdict":"met","explanation":"seen","quotes":[]}"#;

    #[test]
    fn an_answer_of_the_form_is_read() {
        let text = r#" {"verdict": "not-applicable", "explanation": "a\n b",
            "quotes": [{"path": "a.md", "text": "x"}]} "#;
        let answer = read(text).unwrap();
        assert_eq!((answer.verdict, answer.explanation.as_str()), (Said::NotApplicable, "a b"));
        assert_eq!(answer.quotes, [Quote { path: "a.md".into(), text: "x".into() }]);
        assert!(read(&format!("```json\n{PLAIN}\n```")).is_ok());
        assert!(read(&format!("```\n{PLAIN}\n```")).is_ok());
    }

    #[test]
    fn what_is_not_of_the_form_is_no_answer() {
        for (text, why) in [
            ("", "not complete"),
            ("met", "not one JSON object"),
            (r#"{"verdict":"met","explanation":"seen","quotes":["#, "not complete"),
            (r#"{"verdict":"met","explanation":"seen"}"#, "not of the form"),
            (r#"{"verdict":"Met","explanation":"seen","quotes":[]}"#, "not of the form"),
            (r#"{"verdict":"met","explanation":"seen","quotes":[],"x":1}"#, "not of the form"),
            (r#"{"verdict":"met","explanation":" ","quotes":[]}"#, "explanation is empty"),
            (r#"{"verdict":"met","explanation":"seen","quotes":["a"]}"#, "not of the form"),
            (r#"["met","seen",[]]"#, "not of the form"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn text_around_the_object_and_a_second_verdict_are_mistakes() {
        for text in [
            format!("Here it is: {PLAIN}"),
            format!("{PLAIN} as I said"),
            format!("{PLAIN}{PLAIN}"),
            PLAIN.replacen('{', r#"{"verdict":"unmet","#, 1),
        ] {
            assert!(read(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_answer_is_bounded() {
        let quotes = r#"{"path":"a","text":"b"},"#.repeat(QUOTES_MAX + 1);
        let many = format!(
            r#"{{"verdict":"met","explanation":"s","quotes":[{}]}}"#,
            quotes.trim_end_matches(',')
        );
        assert!(read(&many).unwrap_err().contains("more than 8 quotes"));
        let long = PLAIN.replace("seen", &"é".repeat(ANSWER_BYTES_MAX));
        assert!(read(&long).unwrap_err().contains("longer than"));
        let wordy = PLAIN.replace("seen", &"é".repeat(2_000));
        assert!(read(&wordy).unwrap().explanation.len() < EXPLANATION_BYTES_MAX + 8);
        let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
        assert!(read(&deep).is_err());
    }

    /// What is said to the model of its mistake has nothing of what it wrote.
    #[test]
    fn a_mistake_is_said_without_the_answers_own_words() {
        let error = read(r#"{"verdict":"INJECTED","explanation":"x","quotes":[]}"#).unwrap_err();
        assert!(!error.contains("INJECTED"), "{error}");
    }
}
