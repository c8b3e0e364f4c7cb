//! `lucid dream start`, `resume` and `cancel`.

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lucid_core::{Dream, DreamId, DreamStatus, Failure, Result};
use lucid_verbs::{CancelDream, DreamSessions, ResumeDream, StartDream};

use super::watch::{POLL, Telling, Watched, await_end, nobody_runs};
use super::{ended, now, score, show_ended};
use crate::args::{SessionsArgs, StartArgs};
use crate::commands::interrupt;
use crate::failure::{self, Ended, Stop};
use crate::place::{Place, Site};
use crate::show::{dream as text, print, print_json};

/// How long after the first look at a dream the next comes; then twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_millis(5);

pub(super) async fn start(site: Site, args: StartArgs, json: bool) -> failure::Result {
    // What it is scored by, and what it reads, is read before anything runs.
    let truth = args.score.as_deref().map(score::read).transpose()?;
    let sessions = sessions(args.sessions)?;
    // A dream in a folder ends with the process that runs it; a server goes on.
    let process = match &site {
        Site::Here(options) => args.detach.then(|| options.state.clone()),
        Site::There(_) => None,
    };
    let asked = StartDream {
        memory: args.memory,
        sessions,
        strategy: args.strategy,
        instructions: args.instructions,
        policy: args.policy.said(),
        seed: args.seed,
        model: args.model,
        mission: args.mission,
        run: process.is_none(),
    };
    let place = site.open()?;
    let ended = match place.ask(asked).await {
        Ok(dream) if args.detach => detached(&place, &dream, process, json).await,
        Ok(dream) => attended(&place, &dream, truth, json).await,
        Err(failure) => Err(failure.into()),
    };
    place.close().await?;
    ended
}

/// The sessions that are meant; a file of them is read.
fn sessions(args: SessionsArgs) -> Result<DreamSessions> {
    Ok(match (args.last, args.import) {
        (Some(n), _) => DreamSessions::Last(n),
        (None, Some(file)) => {
            DreamSessions::Import { text: read(&file)?, name: file.display().to_string() }
        }
        (None, None) => DreamSessions::Named(args.sessions),
    })
}

fn read(file: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    let read = match file == Path::new("-") {
        true => std::io::stdin().read_to_end(&mut bytes),
        false => std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut bytes)),
    };
    read.map_err(|error| {
        Failure::invalid(format!("{}: {error}", file.display()))
            .hint("give a file that `lucid session export` wrote, or `-`")
    })?;
    String::from_utf8(bytes).map_err(|_| {
        Failure::invalid(format!("{} is not text in UTF-8", file.display()))
            .hint("sessions are JSON lines, as `lucid session export` writes them")
    })
}

/// A dream that goes on without this process: in one of its own on a folder, or in a server.
async fn detached(
    place: &Place,
    dream: &Dream,
    folder: Option<PathBuf>,
    json: bool,
) -> failure::Result {
    if let Some(folder) = folder {
        begun(place, &dream.id, spawn(&folder, &dream.id)?).await?;
    }
    if json {
        print_json(&text::document(dream))?;
    } else {
        print(&format!("{}\n", dream.id))?;
    }
    Ok(Ended::Done)
}

/// Waits until a process has begun with a dream: until then it is one that nobody runs to whoever
/// looks at it.
async fn begun(place: &Place, id: &DreamId, mut process: Child) -> Result<()> {
    loop {
        // Asked first: it may begin and end between the two.
        let ended = process.try_wait().ok().flatten();
        if now(place, id).await?.status != DreamStatus::Pending {
            return Ok(());
        }
        if let Some(status) = ended {
            return Err(Failure::failed(format!("the process for dream {id} ended ({status})"))
                .hint(format!("run it here with `lucid dream resume {id}`")));
        }
        tokio::time::sleep(FIRST_PAUSE).await;
    }
}

/// Runs a dream that was planned in a process of its own, which outlives this one.
fn spawn(state: &Path, id: &DreamId) -> Result<Child> {
    let failed = |error: std::io::Error| {
        Failure::failed(format!("a process for dream {id}: {error}"))
            .hint(format!("run it here with `lucid dream resume {id}`"))
    };
    let state = state.canonicalize().map_err(failed)?;
    let mut command = Command::new(std::env::current_exe().map_err(failed)?);
    command.arg("--json").arg("--state").arg(state).args(["dream", "resume", id.as_str()]);
    // What it has to say stands in the dream and in its log.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Ctrl-c in this terminal is not for it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map_err(failed)
}

async fn attended(
    place: &Place,
    dream: &Dream,
    truth: Option<lucid_score::Truth>,
    json: bool,
) -> failure::Result {
    let dream = attend(place, &dream.id, json).await?;
    match truth {
        Some(truth) => {
            score::print_scored(place, &dream, &truth, json).await?;
            Ok(ended(&dream))
        }
        None => show_ended(&dream, json),
    }
}

pub(super) async fn resume(place: &Place, id: String, json: bool) -> failure::Result {
    let resumed = place.ask(ResumeDream { id }).await?;
    let id = &resumed.dream.id;
    if !resumed.started {
        return Err(Failure::failed(format!("another process runs dream {id}"))
            .hint(format!("watch it with `lucid dream watch {id}`"))
            .into());
    }
    let dream = attend(place, id, json).await?;
    show_ended(&dream, json)
}

/// Waits for a dream that was started, drawn on standard error where somebody looks at it. The
/// first ctrl-c cancels the dream, the second does not wait for that.
async fn attend(place: &Place, id: &DreamId, quiet: bool) -> failure::Result<Dream> {
    let is_drawn = !quiet && std::io::stderr().is_terminal();
    let telling = if is_drawn { Telling::drawn() } else { Telling::Silent };
    let mut watched = Watched::new(place, id.clone(), telling);
    let ended = Box::pin(to_its_end(place, &mut watched));
    let cancel = Box::pin(place.ask(CancelDream { id: id.to_string() }));
    interrupt::waited_for(ended, cancel).await.unwrap_or_else(|| Err(left(place, id).into()))
}

/// Looks at a dream that was started until it has ended.
async fn to_its_end(place: &Place, watched: &mut Watched<'_>) -> failure::Result<Dream> {
    let mut pause = FIRST_PAUSE;
    loop {
        let look = watched.tell(false, &mut to_stderr).await;
        let look = look.map_err(|stop| not_seen(place, watched.id(), stop))?;
        if look.here {
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(POLL);
            continue;
        }
        if let Some(failure) = look.failure {
            return Err(failure.into());
        }
        let dream = now(place, watched.id()).await?;
        return match dream.status.is_terminal() {
            true => Ok(dream),
            false => Err(nobody_runs(&dream.id).into()),
        };
    }
}

/// A look that failed. A server dreams on, whoever sees it.
fn not_seen(place: &Place, id: &DreamId, stop: Stop) -> Stop {
    match (place, stop) {
        (Place::There(_), Stop::Failure(failure)) => failure
            .about(format!("dream {id}"))
            .hint(format!(
                "the dream goes on in the server; watch it with `lucid dream watch {id}`"
            ))
            .into(),
        (_, stop) => stop,
    }
}

/// A dream that nobody waited for while it was being canceled.
fn left(place: &Place, id: &DreamId) -> Failure {
    let failure = Failure::failed(format!("dream {id} was left while it ended"));
    match place {
        Place::Here(_) => failure.hint(format!("`lucid dream resume {id}` dreams it again")),
        Place::There(_) => failure.hint(format!("`lucid dream show {id}` says how it ended")),
    }
}

/// Where nobody can read it, nothing is lost.
fn to_stderr(text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut out = anstream::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    Ok(())
}

pub(super) async fn cancel(place: &Place, id: String, json: bool) -> failure::Result {
    let mut dream = place.ask(CancelDream { id }).await?;
    if !dream.status.is_terminal() {
        dream = await_end(place, &dream.id).await?;
    }
    if json {
        print_json(&text::document(&dream))?;
    } else if dream.status == DreamStatus::Canceled {
        let store = &dream.memory_store_in;
        print(&format!("{} is canceled; {store} is as it was\n", dream.id))?;
    } else {
        // It ended before it could be stopped.
        print(&text::ended(&dream))?;
    }
    Ok(match dream.status {
        DreamStatus::Canceled => Ended::Done,
        _ => ended(&dream),
    })
}
