//! Documents by the hundred, from a seed: pieces of Markdown put together at random, most
//! of them as people write, and some as nobody should.

use lucid_core::{Entropy as _, SeededEntropy};

const PIECES: &[&str] = &[
    "# Title",
    "## Section two ##",
    "###",
    "#no heading",
    "A paragraph.",
    "Two lines\nof one paragraph.",
    "Underlined\n==========",
    "Underlined, too\n---",
    "- item",
    "- item\n  with more\n\n  and a paragraph",
    "- [ ] to do\n    - nested\n      1. deeper",
    "* star\n\tand a tab",
    "+ plus",
    "1. one",
    "7) seven\n  two columns",
    "-",
    "   - indented by three",
    " - by one",
    "```rust\nfn main() {}\n\n# no heading\n- no item\n```",
    "~~~~\n~~~\n```\n~~~~~",
    "```\nnever closed",
    "````",
    "    indented code\n\n    more of it",
    "| a | b |\n| --- | :-: |\n| 1 | 2 |",
    "a | b\n-|-\n1 | 2",
    "> quoted\nlazy\n> more",
    ">",
    "---",
    "***",
    "- - -",
    "...",
    "key: value\n---",
    "<!-- a comment\n\nover lines -->",
    "<!-- never closed",
    "<!-- -->",
    "text <!-- inside -->",
    "trailing spaces   ",
    "a hard break\\",
    "\u{a0}",
    "日本語 \u{1F680} e\u{301}",
    "1986. A good year",
    "a line\r",
    "lone\rreturn",
    "nul \0 byte",
    "\u{feff}mark",
    "\t",
    "\ttab",
    "[link]: https://example.com",
];

const GAPS: &[&str] =
    &["\n", "\n", "\n\n", "\n\n", "\n\n\n", "\r\n", "\r\n\r\n", "\n \t\n", " \n", "\r\r\n", ""];

const STARTS: &[&str] =
    &["", "", "", "\n", "\n\n", "\u{feff}", "---\na: 1\n---\n", "---\n", "---\n\n", "\r\n", " \n"];

/// A source of choices.
pub(crate) struct Dice(SeededEntropy);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(SeededEntropy::new(seed))
    }

    /// A number below `sides`.
    pub(crate) fn below(&self, sides: usize) -> usize {
        (self.0.next_u64() % sides as u64) as usize
    }

    pub(crate) fn pick<'a>(&self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// A document.
    pub(crate) fn document(&self) -> String {
        let mut text = self.pick(STARTS).to_owned();
        for _ in 0..self.below(12) {
            text.push_str(self.pick(PIECES));
            text.push_str(self.pick(GAPS));
        }
        text
    }

    /// Characters that mean something, in no order at all.
    pub(crate) fn noise(&self) -> String {
        const SIGNS: &[&str] = &[
            "#", "-", "`", "~", ">", "|", "<!--", "-->", "1.", "=", " ", "  ", "\t", "\n", "\n",
            "\r", "\r\n", "a", "é", "*", ":", "---", "```", "\u{feff}",
        ];
        (0..self.below(60)).map(|_| self.pick(SIGNS)).collect()
    }
}

/// Some hundred documents that are always the same.
pub(crate) fn documents() -> Vec<String> {
    let dice = Dice::new(11);
    let mut documents: Vec<String> = PIECES.iter().map(|piece| piece.to_string()).collect();
    documents.extend((0..1_500).map(|_| dice.document()));
    documents.extend((0..1_500).map(|_| dice.noise()));
    documents
}
