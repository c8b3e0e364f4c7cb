//! Asking the person at the terminal whether a call may run.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use async_trait::async_trait;
use lucid_runtime::{Approval, Approver, Ask, LeavesCalls, NobodyAsks};
use tokio::sync::{Mutex, mpsc};

use crate::show::progress::Progress;
use crate::show::width;

/// Lines of an input that are shown; the rest is counted, so that the question stays in sight.
const INPUT_LINES_MAX: usize = 16;

/// How long a drawing is given to come as far as the question.
const BEFORE: Duration = Duration::from_millis(150);

/// Columns of an agent's or a tool's name.
const NAME_COLUMNS: usize = 60;

/// Who decides about calls that need permission: the person at the terminal; nobody yet,
/// where they are to be left; and where there is no terminal they are denied.
pub(crate) fn approver(later: bool, progress: Option<Arc<Progress>>) -> Arc<dyn Approver> {
    if later {
        Arc::new(LeavesCalls)
    } else if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        Arc::new(Terminal { progress, keyboard: Mutex::new(Keyboard::default()) })
    } else {
        Arc::new(NobodyAsks)
    }
}

/// The person at the terminal, who is asked one thing at a time.
struct Terminal {
    progress: Option<Arc<Progress>>,
    keyboard: Mutex<Keyboard>,
}

#[async_trait]
impl Approver for Terminal {
    async fn decide(&self, ask: &Ask) -> Approval {
        let mut keyboard = self.keyboard.lock().await;
        if self.progress.is_some() {
            // What led to the question is drawn before it.
            tokio::time::sleep(BEFORE).await;
        }
        let _paused = self.progress.as_ref().map(|progress| progress.pause());
        let mut asked = Asked { answered: false };
        say(&question(ask, width::terminal()));
        let approval = keyboard.approval().await;
        asked.answered = true;
        approval
    }
}

/// A question on the terminal. It may be dropped: the call was decided elsewhere, or stopped.
struct Asked {
    answered: bool,
}

impl Drop for Asked {
    fn drop(&mut self) {
        if !self.answered {
            say("\nno answer is needed any more\n");
        }
    }
}

/// Writes to standard error. That nobody can be asked shows when nobody answers.
fn say(text: &str) {
    let mut out = anstream::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// What somebody typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    WithReason,
    Later,
}

/// Reads an answer; an empty line is none.
fn answer(line: &str) -> Option<Answer> {
    match line.trim().to_lowercase().as_str() {
        "y" | "yes" => Some(Answer::Yes),
        "n" | "no" => Some(Answer::No),
        "r" | "reason" => Some(Answer::WithReason),
        "l" | "later" => Some(Answer::Later),
        _ => None,
    }
}

/// Who wants to do what: an agent wrote the input, so it is shown as it is and bounded.
fn question(ask: &Ask, columns: usize) -> String {
    let head = AnsiColor::Yellow.on_default().bold();
    let name = |name: &str| width::cut(name, NAME_COLUMNS);
    let asks = format!("{} asks to call {}", name(&ask.agent), name(&ask.tool));
    let mut text = format!("\n{head}{}{head:#}\n", width::cut(&asks, columns));
    let input = serde_json::to_string_pretty(&ask.input).unwrap_or_else(|_| ask.input.to_string());
    let lines: Vec<String> =
        input.lines().flat_map(|line| width::chunks(line, columns.saturating_sub(2))).collect();
    for line in lines.iter().take(INPUT_LINES_MAX) {
        text.push_str(&format!("  {line}\n"));
    }
    let more = lines.len().saturating_sub(INPUT_LINES_MAX);
    if more > 0 {
        text.push_str(&format!("  … and {more} more lines; another terminal shows them all:\n"));
        text.push_str(&format!("  lucid session events {} --json\n", ask.session_id));
    }
    text
}

/// Lines from standard input, read by a thread of its own: nothing else can be interrupted
/// while it waits for a person, and the program can end.
#[derive(Default)]
struct Keyboard {
    reader: Option<Reader>,
    /// Whether a line was asked for and has not come. Whoever asks next gets that one.
    waits: bool,
}

struct Reader {
    wanted: SyncSender<()>,
    lines: mpsc::Receiver<Option<String>>,
}

impl Keyboard {
    /// Asks until somebody decides.
    async fn approval(&mut self) -> Approval {
        loop {
            let bold = Style::new().bold();
            let keys = "[y]es / [n]o / no, with a [r]eason / [l]ater";
            say(&format!("{bold}allow?{bold:#} {keys}: "));
            // The end of input is somebody who leaves.
            let Some(line) = self.line().await else { return Approval::Later };
            match answer(&line) {
                Some(Answer::Yes) => return Approval::Allow,
                Some(Answer::No) => return Approval::Deny { reason: None },
                Some(Answer::Later) => return Approval::Later,
                Some(Answer::WithReason) => {
                    say("reason: ");
                    let reason = self.line().await.map(|line| line.trim().to_owned());
                    return Approval::Deny { reason: reason.filter(|reason| !reason.is_empty()) };
                }
                None => say("one of y, n, r and l\n"),
            }
        }
    }

    /// The next line; none at the end of input.
    async fn line(&mut self) -> Option<String> {
        if self.reader.is_none() {
            self.reader = Reader::start();
        }
        let reader = self.reader.as_mut()?;
        if !self.waits {
            reader.wanted.send(()).ok()?;
            self.waits = true;
        }
        let line = reader.lines.recv().await;
        self.waits = false;
        line.flatten()
    }
}

impl Reader {
    fn start() -> Option<Self> {
        let (wanted, asked) = sync_channel(1);
        let (said, lines) = mpsc::channel(1);
        let read = move || {
            while asked.recv().is_ok() {
                let mut line = String::new();
                let read = std::io::stdin().read_line(&mut line);
                let line = matches!(read, Ok(bytes) if bytes > 0).then_some(line);
                if said.blocking_send(line).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("keyboard".to_owned()).spawn(read).ok()?;
        Some(Self { wanted, lines })
    }
}

#[cfg(test)]
mod tests {
    use lucid_core::{Clock, Entropy, EventId, SeededEntropy, SessionId, StepClock, Timestamp};
    use serde_json::{Value, json};

    use super::*;

    fn ask(agent: &str, tool: &str, input: Value) -> Ask {
        let (clock, entropy) = (StepClock::starting_at(Timestamp(1)), SeededEntropy::new(1));
        let (clock, entropy): (&dyn Clock, &dyn Entropy) = (&clock, &entropy);
        Ask {
            session_id: SessionId::new(clock, entropy),
            agent: agent.to_owned(),
            call: EventId::new(clock, entropy),
            tool: tool.to_owned(),
            input,
        }
    }

    #[test]
    fn only_a_clear_yes_allows() {
        for line in ["y\n", "Y", " yes \r\n"] {
            assert_eq!(answer(line), Some(Answer::Yes));
        }
        for line in ["", "\n", "ye", "yes please", "allow", "ok", "1"] {
            assert_eq!(answer(line), None, "{line:?}");
        }
        assert_eq!(answer("n\n"), Some(Answer::No));
        assert_eq!(answer("reason\n"), Some(Answer::WithReason));
        assert_eq!(answer("L\n"), Some(Answer::Later));
    }

    #[test]
    fn a_question_shows_who_what_and_the_input() {
        let ask = ask("writer", "fetch", json!({"url": "https://example.com", "n": 2}));
        let text = anstream::adapter::strip_str(&question(&ask, 80)).to_string();
        let lines = "\nwriter asks to call fetch\n  {\n    \"url\": \"https://example.com\",\n    \
                     \"n\": 2\n  }\n";
        assert_eq!(text, lines);
    }

    #[test]
    fn a_question_stays_in_sight_whatever_an_agent_writes() {
        let wild = "x\u{1b}[2J\u{202e}\n".repeat(5_000);
        let ask = ask(&wild, &wild, json!({"text": wild, "list": vec![1; 500]}));
        let text = anstream::adapter::strip_str(&question(&ask, 40)).to_string();
        assert!(text.lines().count() <= INPUT_LINES_MAX + 4, "{text}");
        assert!(text.contains("more lines"), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        let ours = |line: &&str| line.contains("lucid session") || line.contains("more lines");
        let inputs = text.lines().filter(|line| !ours(line));
        assert!(inputs.map(width::of).all(|columns| columns <= 40), "{text}");
    }

    #[tokio::test]
    async fn calls_that_are_left_wait_and_without_a_terminal_they_are_denied() {
        let ask = ask("a", "t", json!({}));
        assert_eq!(approver(true, None).decide(&ask).await, Approval::Later);
        assert!(matches!(NobodyAsks.decide(&ask).await, Approval::Deny { .. }));
    }
}
