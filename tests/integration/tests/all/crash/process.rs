//! `lucid` as a process that can be killed.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

/// How often a process is looked at.
const GLANCE: Duration = Duration::from_millis(1);

/// How long one may take: far longer than it does on a busy machine.
const LONGEST: Duration = Duration::from_secs(40);

/// When a process is killed.
pub(super) enum Moment {
    /// Never.
    Never,
    /// So long after its start.
    After(Duration),
    /// So long after something was heard.
    Heard(Receiver<()>, Duration),
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It was killed.
    Killed,
    /// By itself, before that.
    Alone(ExitStatus),
}

/// Runs `lucid` with a state folder. What it says goes into files of the folder `said`.
pub(super) fn lucid(state: &Path, said: &Path, arguments: &[&str], kill: &Moment) -> Ended {
    let file = |name: &str| Stdio::from(File::create(said.join(name)).unwrap());
    let mut command = Command::new(lucid_tests::release().join("lucid"));
    command.args(arguments).arg("--state").arg(state);
    command.stdin(Stdio::null()).stdout(file("out")).stderr(file("err"));
    let started = Instant::now();
    let mut child = command.spawn().unwrap();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Ended::Alone(status);
        }
        let now = match kill {
            Moment::Never => false,
            Moment::After(time) => started.elapsed() >= *time,
            Moment::Heard(hears, then) => hears.try_recv().is_ok() && pause(*then),
        };
        if now {
            return kill_now(&mut child);
        }
        if started.elapsed() > LONGEST {
            kill_now(&mut child);
            panic!("{arguments:?} does not end: {}", words(said));
        }
        std::thread::sleep(GLANCE);
    }
}

fn pause(time: Duration) -> bool {
    std::thread::sleep(time);
    true
}

/// SIGKILL: nothing of it runs any more.
fn kill_now(child: &mut Child) -> Ended {
    // It may have come to its end meanwhile: that is a moment as good as any.
    let _ = child.kill();
    match child.wait().unwrap() {
        status if status.code().is_some() => Ended::Alone(status),
        _ => Ended::Killed,
    }
}

/// What the last process said.
pub(super) fn words(said: &Path) -> String {
    let read = |name: &str| std::fs::read_to_string(said.join(name)).unwrap_or_default();
    format!("{}\n{}", read("out"), read("err"))
}
