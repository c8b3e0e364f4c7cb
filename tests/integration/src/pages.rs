//! Tutorials as programs: the steps of a page, the script they make, and whether the output
//! is what the page shows.
//!
//! A page is plain Markdown. Its fenced blocks are what a reader does, in order:
//!
//! | block | is |
//! |---|---|
//! | `sh` | typed into a shell, all blocks into one and the same, in a folder that was empty |
//! | `sh exit=N` | the same, and its last command ends with N |
//! | any with `file=PATH` | written to that file, from the folder the shell is in |
//! | `text` | what the `sh` block before it prints, to both outputs |
//!
//! In a `text` block a line `…` stands for any lines, and `…` inside of a line for any text.
//! Blocks of other languages are there to be read. What does not fit this is a mistake of
//! the page and never passed over.

use std::fmt::Write as _;

/// One thing a reader does or sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Types this; the last command ends with this code.
    Run(String, u8),
    /// Writes this text to this file.
    Write(String, String),
    /// Sees these lines.
    Expect(Vec<String>),
}

/// Ends what is written to a file in the script.
const END_OF_FILE: &str = "__END_OF_FILE__";

/// Begins the line that tells the output of one block from that of the one before.
const MARK: &str = "__LINE__";

/// The steps of a page, each with the line, from 1, on which its block begins.
///
/// # Errors
/// The first mistake of the page, with its line.
pub fn steps(page: &str) -> Result<Vec<(usize, Step)>, String> {
    let mut steps = Vec::new();
    let mut lines = page.lines().enumerate();
    // Whether the block before this one was typed: only that has an output to see.
    let mut typed = false;
    while let Some((number, line)) = lines.next() {
        let Some(fence) = Fence::opened_by(line) else { continue };
        let number = number + 1;
        let mut text = String::new();
        loop {
            let Some((_, line)) = lines.next() else {
                return Err(format!("line {number}: the block does not end"));
            };
            if fence.is_closed_by(line) {
                break;
            }
            text.push_str(fence.inside(line));
            text.push('\n');
        }
        let step = step(fence.info, text, typed).map_err(|why| format!("line {number}: {why}"))?;
        typed = matches!(step, Some(Step::Run(..)));
        steps.extend(step.map(|step| (number, step)));
    }
    Ok(steps)
}

/// What a block is; none for one that is only read.
fn step(info: &str, text: String, typed: bool) -> Result<Option<Step>, String> {
    let mut words = info.split_whitespace();
    let language = words.next().unwrap_or_default();
    let (mut file, mut code) = (language.strip_prefix("file="), None);
    for word in words {
        match word.split_once('=') {
            Some(("file", path)) => file = Some(path),
            Some(("exit", number)) if language == "sh" => {
                code = Some(number.parse().map_err(|_| format!("`{word}` is no exit code"))?);
            }
            _ => return Err(format!("`{word}` says nothing here")),
        }
    }
    match (file, language) {
        (Some(path), _) if code.is_none() => {
            if text.lines().any(|line| line == END_OF_FILE) {
                return Err(format!("a file cannot have the line {END_OF_FILE}"));
            }
            Ok(Some(Step::Write(plain(path)?.to_owned(), text)))
        }
        (Some(_), _) => Err("a block is typed or written, not both".to_owned()),
        (None, "sh") => Ok(Some(Step::Run(text, code.unwrap_or(0)))),
        (None, "text") if typed => {
            Ok(Some(Step::Expect(text.lines().map(|line| line.trim_end().to_owned()).collect())))
        }
        (None, "text") => Err("the block before it is not typed, so it has no output".to_owned()),
        _ => Ok(None),
    }
}

/// A path that stays in the reader's folder and needs no quotes.
fn plain(path: &str) -> Result<&str, String> {
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    let inside = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if inside && path.bytes().all(usual) {
        return Ok(path);
    }
    Err(format!("`{path}` is no path inside of the reader's folder"))
}

/// The beginning of a fenced block.
struct Fence<'a> {
    indent: usize,
    length: usize,
    info: &'a str,
}

impl<'a> Fence<'a> {
    fn opened_by(line: &'a str) -> Option<Self> {
        let text = line.trim_start_matches(' ');
        let info = text.trim_start_matches('`');
        let length = text.len() - info.len();
        // Backticks in the rest of the line: then it is code in a paragraph.
        let opens = length >= 3 && !info.contains('`');
        opens.then(|| Self { indent: line.len() - text.len(), length, info: info.trim() })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let line = line.trim();
        line.len() >= self.length && line.bytes().all(|byte| byte == b'`')
    }

    /// A line without the indent that the whole block has, as in a list.
    fn inside<'l>(&self, line: &'l str) -> &'l str {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        line.get(blanks.min(self.indent)..).unwrap_or_default()
    }
}

/// The script that does what the steps say, for `bash`, in an empty folder. It ends at the
/// first command that fails, and prints everything to standard output.
#[must_use]
pub fn script(steps: &[(usize, Step)]) -> String {
    let mut script = "set -eu\nexec 2>&1\n".to_owned();
    for (line, step) in steps {
        // Writing to a text does not fail.
        let _ = match step {
            Step::Expect(_) => Ok(()),
            Step::Write(path, text) => write!(
                script,
                "mkdir -p \"$(dirname {path})\"\n\
                 cat > {path} <<'{END_OF_FILE}'\n{text}{END_OF_FILE}\n"
            ),
            Step::Run(text, 0) => write!(script, "printf '\\n{MARK} {line}\\n'\n{text}"),
            Step::Run(text, code) => write!(
                script,
                "printf '\\n{MARK} {line}\\n'\nset +e\n{text}\
                 page_code=$?\nset -e\n\
                 if [ \"$page_code\" != {code} ]; then\n\
                 echo \"line {line} ended with $page_code and not with {code}\"\nexit 1\nfi\n"
            ),
        };
    }
    script
}

/// What each block printed, by its line, from all that the script printed.
#[must_use]
pub fn outputs(printed: &str) -> Vec<(usize, String)> {
    let mut outputs: Vec<(usize, String)> = Vec::new();
    for line in printed.lines() {
        let mark = line.strip_prefix(MARK).and_then(|number| number.trim().parse().ok());
        match (mark, outputs.last_mut()) {
            (Some(number), _) => outputs.push((number, String::new())),
            (None, Some((_, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    outputs
}

/// Compares all that a script printed with what the page shows.
///
/// # Errors
/// Each block that printed something else, with its line and the first difference.
pub fn compare(steps: &[(usize, Step)], printed: &str) -> Result<(), String> {
    let outputs = outputs(printed);
    let mut wrong = String::new();
    for pair in steps.windows(2) {
        let [(line, Step::Run(..)), (shown, Step::Expect(expected))] = pair else { continue };
        let found = outputs.iter().find(|(number, _)| number == line);
        let seen = found.map(|(_, text)| text.as_str());
        let difference = match seen {
            Some(seen) => matches(expected, seen).err(),
            None => Some("it did not come so far".to_owned()),
        };
        if let Some(difference) = difference {
            wrong.push_str(&format!("line {shown}: {difference}\n"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Whether an output is what a page shows of it. Blanks at the ends of lines do not count,
/// and neither do empty lines before and after all.
///
/// # Errors
/// The first line of the page that is not found, and what stands there instead.
pub fn matches(expected: &[String], output: &str) -> Result<(), String> {
    let expected = trimmed(expected.iter().map(|line| line.trim_end()).collect());
    let output = trimmed(output.lines().map(str::trim_end).collect());
    // The places in the output that can be reached with the lines of the page so far.
    let mut reached = vec![0];
    let mut gap = false;
    for line in &expected {
        if line.trim() == GAP {
            gap = true;
            continue;
        }
        let starts = |from: &usize| if gap { *from..output.len() } else { *from..*from + 1 };
        let mut next: Vec<usize> = reached
            .iter()
            .flat_map(starts)
            .filter(|place| output.get(*place).is_some_and(|found| line_matches(line, found)))
            .map(|place| place + 1)
            .collect();
        next.sort_unstable();
        next.dedup();
        if next.is_empty() {
            let place = reached.iter().max().copied().unwrap_or(0);
            let found = output.get(place).map_or("the end", |found| *found);
            return Err(format!("no line is `{line}`; there is: {found}"));
        }
        (reached, gap) = (next, false);
    }
    if gap || reached.contains(&output.len()) {
        return Ok(());
    }
    let place = reached.iter().max().copied().unwrap_or(0);
    let more = output.get(place).map_or("", |found| *found);
    Err(format!("the page does not show this line: {more}"))
}

/// What stands for something that is not shown.
const GAP: &str = "…";

/// Whether a line is what a line of a page shows.
fn line_matches(shown: &str, line: &str) -> bool {
    let mut parts = shown.split(GAP);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some((_, behind)) = rest.split_once(part) else { return false };
        rest = behind;
    }
    rest.ends_with(last)
}

/// Lines without the empty ones around all of them.
fn trimmed(lines: Vec<&str>) -> Vec<&str> {
    let full = |line: &&str| !line.trim().is_empty();
    let first = lines.iter().position(full);
    let last = lines.iter().rposition(full);
    match (first, last) {
        (Some(first), Some(last)) => lines[first..=last].to_vec(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
# A page

Make a file:

```python file=src/app.py
print('x')
```

1. Run it:

   ```sh
   python3 src/app.py
   cd src
   ```

   It prints:

   ```text
   x
   …
   ```

That is a program: `python3`. See ```` ``` ````.

```json
{}
```

```sh exit=3
exit 3
```
";

    #[test]
    fn a_page_is_read_as_the_steps_of_its_reader() {
        let expected = [
            (5, Step::Write("src/app.py".to_owned(), "print('x')\n".to_owned())),
            (11, Step::Run("python3 src/app.py\ncd src\n".to_owned(), 0)),
            (18, Step::Expect(vec!["x".to_owned(), "…".to_owned()])),
            (29, Step::Run("exit 3\n".to_owned(), 3)),
        ];
        assert_eq!(steps(PAGE).unwrap(), expected);
    }

    #[test]
    fn a_block_may_hold_the_fences_of_others() {
        let page = "````md file=a.md\n```sh\nx\n```\n````\n";
        let written = Step::Write("a.md".to_owned(), "```sh\nx\n```\n".to_owned());
        assert_eq!(steps(page).unwrap(), [(1, written)]);
    }

    #[test]
    fn what_could_not_be_followed_is_a_mistake_with_its_line() {
        for (page, why) in [
            ("a\n```sh\nx\n", "line 2: the block does not end"),
            ("```text\nx\n```\n", "line 1: the block before it is not typed"),
            ("```py file=a\n```\n```text\nx\n```\n", "line 3: the block before it"),
            ("```py file=../a\n```\n", "line 1: `../a` is no path"),
            ("```py file=/a\n```\n", "line 1: `/a` is no path"),
            ("```py file=a$b\n```\n", "line 1: `a$b` is no path"),
            ("```sh file=a exit=1\n```\n", "line 1: a block is typed or written"),
            ("```sh exit=one\n```\n", "line 1: `exit=one` is no exit code"),
            ("```py run\n```\n", "line 1: `run` says nothing"),
            ("```a file=b\n__END_OF_FILE__\n```\n", "line 1: a file cannot have"),
        ] {
            let mistake = steps(page).unwrap_err();
            assert!(mistake.starts_with(why), "{page}: {mistake}");
        }
    }

    #[track_caller]
    fn check(shown: &str, output: &str, fits: bool) {
        let shown: Vec<String> = shown.split('|').map(str::to_owned).collect();
        let result = matches(&shown, &output.replace('|', "\n"));
        assert_eq!(result.is_ok(), fits, "{shown:?} {output}: {result:?}");
    }

    #[test]
    fn an_output_is_compared_line_by_line_with_its_gaps() {
        check("a|b", "|a  |b||", true);
        check("a|b", "a|c|b", false);
        check("a|b", "a", false);
        check("a", "a|b", false);
        check("a|…|b", "a|b", true);
        check("a|…|b", "a|x|b|y|b", true);
        check("a|…|b|c", "a|b|x|b|c", true);
        check("…|b", "a", false);
        check("a|…", "a|x|y", true);
        check("…", "", true);
        check("", "", true);
        check("", "x", false);
    }

    #[test]
    fn a_gap_inside_of_a_line_stands_for_any_text_of_that_line() {
        check("a … c", "a b c", true);
        check("… ms", "12 ms", true);
        check("a … ms, … KiB", "a 1 ms, 2 ms, 3 KiB", true);
        check("a … c", "a b d", false);
        check("a … c", "a b|c", false);
        check("ab…ba", "aba", false);
    }

    #[test]
    fn what_is_not_there_is_named_with_what_is() {
        let shown = ["a".to_owned(), "b".to_owned()];
        assert!(matches(&shown, "a\nc\n").unwrap_err().ends_with("no line is `b`; there is: c"));
        assert!(matches(&shown, "a\n").unwrap_err().ends_with("there is: the end"));
        assert!(matches(&shown, "a\nb\nc\n").unwrap_err().ends_with("this line: c"));
    }

    fn run(page: &str) -> (Vec<(usize, Step)>, String, bool) {
        let folder = tempfile::tempdir().unwrap();
        let steps = steps(page).unwrap();
        let mut bash = std::process::Command::new("bash");
        let output =
            bash.args(["-c", &script(&steps)]).current_dir(folder.path()).output().unwrap();
        (steps, String::from_utf8(output.stdout).unwrap(), output.status.success())
    }

    #[test]
    fn a_script_does_what_the_page_says_in_one_shell() {
        let page = "```sh\nmkdir inner\ncd inner\nprintf 'no line end' >&2\n```\n\
                    ```text\nno line end\n```\n\
                    ```txt file=a/b.txt\n$HOME `x`\n```\n\
                    ```sh\ncat a/b.txt\nls ..\n```\n```text\n$HOME `x`\ninner\n```\n\
                    ```sh exit=1\nfalse\n```\n";
        let (steps, printed, well) = run(page);
        assert!(well, "{printed}");
        assert_eq!(compare(&steps, &printed), Ok(()));
    }

    #[test]
    fn a_command_that_fails_ends_the_script_and_another_code_does_too() {
        for page in
            ["```sh\nfalse\necho on\n```\n", "```sh exit=2\nfalse\n```\n```sh\necho on\n```\n"]
        {
            let (_, printed, well) = run(page);
            assert!(!well && !printed.contains("\non\n"), "{printed}");
        }
        let (steps, printed, _) = run("```sh\nfalse\n```\n```sh\necho a\n```\n```text\na\n```\n");
        assert_eq!(compare(&steps, &printed), Err("line 7: it did not come so far\n".to_owned()));
    }
}
