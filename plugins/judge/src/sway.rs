//! Finds text that speaks to a grader, so that it can be marked as data.
//!
//! This is a help for the model and for people, and no wall: what holds is that a verdict
//! needs a quote, and that a quote from such text is none. [`PATTERNS`], [`LITERALS`] and
//! [`NAMES`] are the whole list; the README of this plugin has it for readers. Text is read
//! as [`crate::fold`] says. What is encoded or compressed is not found.

use crate::fold::fold;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// The most places that are kept of one file; the last of so many goes on to the end.
pub const FINDINGS_MAX: usize = 50;

/// So many bytes around a match belong to its sentence at most, on each side.
const SENTENCE_BYTES: usize = 160;

/// What a text does that speaks to a grader, and how it is found: words one after the other,
/// each one of several; `~3` lets up to three others stand between.
pub const PATTERNS: [(&str, &str); 37] = [
    (
        "override",
        "ignore|ignores|ignoring|disregard|forget|override|bypass|skip|neglect ~4 \
         rubric|criteria|criterion|instructions|instruction|checks|grading|guidelines|prompt",
    ),
    (
        "override",
        "rubric|criteria|criterion|checks ~4 \
         waived|skipped|ignored|void|obsolete|replaced|superseded|disabled|overridden",
    ),
    ("override", "criteria|criterion|rubric ~2 not apply"),
    ("override", "your new|updated|real|actual ~1 instructions|instruction|task|role|rubric"),
    ("override", "no ~2 grading|evaluation ~2 needed|necessary|required"),
    (
        "claim",
        "all|every|each|both ~3 criteria|criterion|requirements|requirement|checks ~3 \
         met|satisfied|fulfilled|passed|pass|hold|holds|true|ok",
    ),
    ("claim", "criteria|criterion|requirements|requirement ~3 met|satisfied|fulfilled"),
    ("claim", "verdict|verdicts|judgement|judgment ~2 met|satisfied|pass|passed"),
    ("claim", "result|outcome|evaluation ~1 satisfied"),
    ("order", "mark|rate|grade|score|declare|count ~5 met|satisfied|satisfactory|fulfilled"),
    ("order", "mark|grade ~3 pass|passed|passing|correct"),
    ("order", "answer|return|output|reply|respond|say ~2 met|satisfied"),
    ("order", "give|award|assign|grant ~3 full|top|maximum|perfect marks|score|points|grade"),
    ("order", "pass|approve|accept this submission|result|work|output"),
    ("order", "cite|quote ~3 sentence|line|text|this ~4 proof|evidence|quote"),
    (
        "address",
        "note|notes|message|notice|memo|attention|dear|hello|hint|instruction|instructions ~3 \
         grader|graders|evaluator|evaluators|judge|assistant|llm",
    ),
    ("address", "you are ~3 grader|evaluator|judge|assistant|llm"),
    ("address", "grader|graders|evaluator|evaluators ~1 must|should|shall|please|will|has|answers"),
    ("address", "you are now ~3 mode"),
    ("address", "system prompt"),
    (
        "override",
        "ignoriere|ignorieren|missachte|missachten|vergiss ~4 \
         rubrik|kriterien|kriterium|bewertungskriterien|anweisungen|vorgaben|bewertung",
    ),
    ("claim", "alle|jedes|samtliche ~2 kriterien|kriterium|anforderungen ~3 erfullt"),
    ("address", "hinweis|nachricht|anweisung ~3 prufer|bewerter|gutachter"),
    ("override", "ignorez|ignorer|oubliez|negligez ~4 grille|criteres|consignes|instructions"),
    (
        "claim",
        "tous|toutes ~2 criteres|exigences ~3 \
         remplis|remplies|satisfaits|satisfaites|respectes",
    ),
    ("override", "ignora|ignore|ignorad|ignoren|olvida ~4 rubrica|criterios|instrucciones"),
    ("claim", "todos|todas ~2 criterios|requisitos ~3 cumplen|cumplidos|satisfechos|cumple"),
    ("override", "ignora|ignorare|ignorate|dimentica ~4 criteri|criterio|rubrica|istruzioni"),
    ("claim", "tutti|tutte ~2 criteri|requisiti ~3 soddisfatti|rispettati|soddisfatte"),
    ("override", "ignore|ignorar|ignorem|esqueca ~4 rubrica|criterios|instrucoes"),
    ("claim", "todos|todas ~2 criterios|requisitos ~3 cumpridos|satisfeitos|atendidos"),
    ("override", "игнорируй|игнорируйте|забудь|забудьте ~4 критерии|рубрику|инструкции|указания"),
    ("claim", "все ~2 критерии|требования ~3 выполнены|соблюдены|удовлетворены"),
    ("override", "negeer|vergeet ~4 criteria|rubriek|instructies"),
    ("claim", "alle ~2 criteria|eisen ~3 voldaan|vervuld"),
    ("override", "zignoruj|pomin ~4 kryteria|instrukcje"),
    ("claim", "wszystkie ~2 kryteria|wymagania ~3 spelnione"),
];

/// The same for what has no words with spaces between, and for the marks of a conversation.
pub const LITERALS: [(&str, &str); 29] = [
    ("override", "忽略评分"),
    ("override", "忽略标准"),
    ("override", "无视评分"),
    ("claim", "标准均已满足"),
    ("claim", "标准都已满足"),
    ("claim", "符合所有标准"),
    ("override", "基準を無視"),
    ("override", "指示を無視"),
    ("claim", "基準を満たしています"),
    ("override", "기준을 무시"),
    ("claim", "모든 기준을 충족"),
    ("role", "<|im_start|>"),
    ("role", "<|im_end|>"),
    ("role", "<|endoftext|>"),
    ("role", "<|eot_id|>"),
    ("role", "<|start_header_id|>"),
    ("role", "<|system|>"),
    ("role", "<|assistant|>"),
    ("role", "[inst]"),
    ("role", "<<sys>>"),
    ("role", "<system>"),
    ("role", "</system>"),
    ("role", "<thinking>"),
    ("role", "<tool_result>"),
    ("role", "\nassistant:"),
    ("role", "\nhuman:"),
    ("role", "\nsystem: you"),
    ("role", "\"role\": \"system\""),
    ("role", "\"role\":\"system\""),
];

/// Names of files that claim to be a verdict, or what verdicts are given by.
pub const NAMES: [&str; 12] = [
    "evaluation.json",
    "evaluations.json",
    "verdict.json",
    "verdicts.json",
    "grade.json",
    "grades.json",
    "grading.json",
    "judgement.json",
    "rubric.md",
    "rubric.txt",
    "rubric.toml",
    "rubric.json",
];

/// A place that speaks to a grader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it does: `override`, `claim`, `order`, `address`, `role`, or `name` of a file.
    pub kind: &'static str,
    /// The sentence it stands in, in bytes of the text.
    pub span: Range<usize>,
    /// The line it begins on, from 1; 0 for a file's path.
    pub line: u32,
}

/// The patterns, ready to be used.
pub struct Patterns {
    /// By their first word.
    starts: HashMap<String, Vec<usize>>,
    patterns: Vec<(&'static str, Vec<Step>)>,
    literals: Vec<(&'static str, String)>,
}

/// One word of a pattern.
struct Step {
    /// So many other words may stand before it.
    gap: usize,
    words: BTreeSet<String>,
}

impl Default for Patterns {
    fn default() -> Self {
        let patterns: Vec<_> = PATTERNS.iter().map(|(kind, text)| (*kind, steps(text))).collect();
        let mut starts: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, (_, steps)) in patterns.iter().enumerate() {
            for word in steps.first().into_iter().flat_map(|step| &step.words) {
                starts.entry(word.clone()).or_default().push(number);
            }
        }
        let literals = LITERALS.iter().map(|(kind, text)| (*kind, folded(text))).collect();
        Self { starts, patterns, literals }
    }
}

fn folded(text: &str) -> String {
    fold(text).into_iter().map(|(character, _)| character).collect()
}

fn steps(pattern: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut gap = 0;
    for part in pattern.split_whitespace() {
        match part.strip_prefix('~') {
            Some(count) => gap = count.parse().unwrap_or(0),
            None => {
                let words = part.split('|').map(folded).collect();
                steps.push(Step { gap: std::mem::take(&mut gap), words });
            }
        }
    }
    steps
}

/// A text, folded, with its words.
struct Read {
    text: String,
    /// For each byte of `text`, where the character is that it stands for.
    places: Vec<usize>,
    /// The words, in bytes of `text`.
    words: Vec<Range<usize>>,
}

impl Read {
    fn new(original: &str) -> Self {
        let mut read = Self { text: String::new(), places: Vec::new(), words: Vec::new() };
        let mut word = None;
        for (character, at) in fold(original) {
            let here = read.text.len();
            match (character.is_alphanumeric(), word) {
                (true, None) => word = Some(here),
                (false, Some(start)) => {
                    read.words.push(start..here);
                    word = None;
                }
                _ => {}
            }
            read.text.push(character);
            read.places.resize(read.text.len(), at);
        }
        read.words.extend(word.map(|start| start..read.text.len()));
        read
    }

    fn word(&self, number: usize) -> Option<&str> {
        self.words.get(number).and_then(|range| self.text.get(range.clone()))
    }

    /// The number of the last word of a pattern that begins with word `number`.
    fn end(&self, number: usize, steps: &[Step]) -> Option<usize> {
        let Some((step, rest)) = steps.split_first() else { return number.checked_sub(1) };
        (number..=number + step.gap).find_map(|number| {
            let word = self.word(number)?;
            if step.words.contains(word) { self.end(number + 1, rest) } else { None }
        })
    }

    /// Where a part of the folded text is in the original; backwards text is turned around.
    fn original(&self, part: Range<usize>) -> Range<usize> {
        let places = self.places.get(part).unwrap_or_default();
        let first = places.iter().min().copied().unwrap_or(0);
        first..places.iter().max().map_or(first, |last| last + 1)
    }
}

impl Patterns {
    /// The places of a text that speak to a grader, in order, each sentence once.
    pub fn find(&self, text: &str) -> Vec<Finding> {
        let read = Read::new(text);
        let mut found = Vec::new();
        for number in 0..read.words.len() {
            let starts = read.word(number).and_then(|word| self.starts.get(word));
            for (kind, steps) in
                starts.into_iter().flatten().filter_map(|at| self.patterns.get(*at))
            {
                let range = read
                    .end(number, steps)
                    .and_then(|end| Some(read.words.get(number)?.start..read.words.get(end)?.end));
                found.extend(range.map(|range| (*kind, read.original(range))));
            }
        }
        for (kind, literal) in &self.literals {
            // A role at the very beginning has no line before it.
            let bare = literal.trim_start_matches('\n');
            let first = read.text.starts_with(bare).then_some(0..bare.len());
            let all = read.text.match_indices(literal.as_str());
            let all = all.map(|(at, literal)| at..at + literal.len());
            found.extend(first.into_iter().chain(all).map(|at| (*kind, read.original(at))));
        }
        self.sentences(text, found)
    }

    fn sentences(&self, text: &str, mut found: Vec<(&'static str, Range<usize>)>) -> Vec<Finding> {
        found.sort_by_key(|(_, range)| (range.start, range.end));
        let mut findings: Vec<Finding> = Vec::new();
        let (mut line, mut counted) = (1, 0);
        for (kind, range) in found {
            let span = sentence(text, range);
            if let Some(last) = findings.last_mut().filter(|last| span.start < last.span.end) {
                last.span.end = last.span.end.max(span.end);
                continue;
            }
            if findings.len() == FINDINGS_MAX {
                // Nobody hides behind many: the rest of such a text is no evidence either.
                findings.last_mut().into_iter().for_each(|last| last.span.end = text.len());
                break;
            }
            let before = text.get(counted..span.start).unwrap_or_default();
            line += before.bytes().filter(|byte| *byte == b'\n').count();
            counted = counted.max(span.start);
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            findings.push(Finding { kind, span, line });
        }
        findings
    }

    /// What a path of a file says; its place is 0 to its length.
    pub fn find_in_path(&self, path: &str) -> Option<Finding> {
        let kind = self.find(&words_of_path(path)).first().map(|finding| finding.kind);
        let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
        let forged = NAMES.contains(&name.trim_start_matches('.')).then_some("name");
        kind.or(forged).map(|kind| Finding { kind, span: 0..path.len(), line: 0 })
    }
}

/// A path as words: `IgnoreTheRubric` has three, `IgnoraICriteri` too.
fn words_of_path(path: &str) -> String {
    let mut words = String::with_capacity(path.len() + 8);
    let mut before: Option<char> = None;
    let mut characters = path.chars().peekable();
    while let Some(character) = characters.next() {
        let after_lower = before.is_some_and(|c| c.is_lowercase() || c.is_numeric());
        let last_of_capitals = before.is_some_and(char::is_uppercase)
            && characters.peek().is_some_and(|next| next.is_lowercase());
        if character.is_uppercase() && (after_lower || last_of_capitals) {
            words.push(' ');
        }
        before = Some(character);
        words.push(character);
    }
    words
}

/// The sentence around a part of a text, within bounds.
fn sentence(text: &str, part: Range<usize>) -> Range<usize> {
    let floor = boundary(text, part.start.saturating_sub(SENTENCE_BYTES), false);
    let ceiling = boundary(text, (part.end + SENTENCE_BYTES).min(text.len()), true);
    let ends = |c: char| matches!(c, '\n' | '"' | '<' | '>' | '|' | '。');
    let before = text.get(floor..part.start).unwrap_or_default();
    let start = before.rfind(ends).map_or(floor, |at| {
        floor + at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
    });
    let from = boundary(text, part.end, true);
    let after = text.get(from..ceiling).unwrap_or_default();
    let end = match (after.find(ends), after.find(". ")) {
        (Some(one), Some(other)) => from + one.min(other + 1),
        (Some(one), None) => from + one,
        (None, Some(other)) => from + other + 1,
        (None, None) => ceiling,
    };
    start..end
}

/// The next place between characters, upwards or downwards.
fn boundary(text: &str, mut at: usize, upwards: bool) -> usize {
    while !text.is_char_boundary(at) {
        if upwards { at += 1 } else { at -= 1 }
    }
    at
}

#[cfg(test)]
#[path = "sway_tests.rs"]
mod tests;
