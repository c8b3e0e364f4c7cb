//! `lucid dream start`, `resume` and `cancel`.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{IsTerminal as _, Read as _};
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};

use lucid_core::{
    Dream, DreamId, DreamStatus, Failure, MemoryStore, Result, SeededEntropy, SessionId, StepClock,
    Timestamp, read_sessions,
};
use lucid_runtime::{
    DreamAsked, DreamPlan, DreamRun, Runtime, RuntimeOptions, SessionChoice, SessionFilter, Store,
};

use super::watch::Watched;
use super::{ended, score, show_ended};
use crate::args::{STRATEGY, SessionsArgs, StartArgs, policy};
use crate::commands::interrupt;
use crate::commands::pick::pick;
use crate::failure::{self, Ended};
use crate::show::{dream as text, print, print_json};

/// Events read at once. Each may have 16 MiB.
const EVENTS_AT_ONCE: u32 = 32;

pub(super) async fn start(options: RuntimeOptions, args: StartArgs, json: bool) -> failure::Result {
    // What it is scored by is read before anything runs.
    let truth = args.score.as_deref().map(score::read).transpose()?;
    let state = options.state.clone();
    let (runtime, plan) = open_with(options, args.mission.as_deref()).await?;
    let asked = asked(&runtime, &args, plan.as_ref()).await?;
    let planned = runtime.plan_dream(&asked).await?;
    if args.detach {
        detach(&state, &planned.id)?;
        runtime.store.close().await?;
        return said(&planned, json);
    }
    let done = attend(&runtime, &planned.id, json).await;
    let ended = match (done, truth) {
        (Ok(dream), Some(truth)) => {
            let scored = score::print_scored(&runtime, &dream, &truth, json).await;
            scored.map(|()| ended(&dream)).map_err(Into::into)
        }
        (Ok(dream), None) => show_ended(&dream, json),
        (Err(failure), _) => Err(failure.into()),
    };
    runtime.store.close().await?;
    ended
}

/// Opens the state there is; before that, a mission that is named, for how it dreams.
pub(super) async fn open_with(
    options: RuntimeOptions,
    mission: Option<&Path>,
) -> Result<(Runtime, Option<DreamPlan>)> {
    crate::commands::check_state(&options)?;
    let Some(path) = mission else { return Ok((Runtime::open(options)?, None)) };
    let (runtime, mission) = Runtime::open_for(options, path).await?;
    let plan = mission.dream.ok_or_else(|| {
        Failure::invalid(format!("mission `{}` has no [dream]", mission.name))
            .hint("leave the mission out, or add [dream] to its mission.toml")
    })?;
    Ok((runtime, Some(plan)))
}

/// The strategy that is meant: the one that is named, else the mission's.
pub(super) fn strategy<'a>(named: Option<&'a str>, plan: Option<&'a DreamPlan>) -> &'a str {
    named.or(plan.map(|plan| plan.strategy.name.as_str())).unwrap_or(STRATEGY)
}

/// What the dream is to look for: what is said, else what the mission says.
pub(super) fn instructions(said: Option<&String>, plan: Option<&DreamPlan>) -> Option<String> {
    let planned = plan.map(|plan| &plan.instructions).filter(|text| !text.is_empty());
    said.or(planned).cloned()
}

/// What the arguments ask for.
async fn asked(
    runtime: &Runtime,
    args: &StartArgs,
    plan: Option<&DreamPlan>,
) -> Result<DreamAsked> {
    let store = find_store(runtime.store.as_ref(), &args.memory).await?;
    let sessions = sessions(runtime, &args.sessions).await?;
    let strategy = strategy(args.strategy.as_deref(), plan);
    let mut asked = DreamAsked::new(strategy, store.id, sessions);
    asked.instructions = instructions(args.instructions.as_ref(), plan);
    let planned = plan.map(|plan| plan.policy);
    asked.policy = policy(args.auto, args.review).or(planned).unwrap_or_default();
    asked.seed = args.seed;
    asked.model.clone_from(&args.model);
    asked.mission.clone_from(&args.mission);
    Ok(asked)
}

/// The memory store that is meant.
pub(super) async fn find_store(store: &dyn Store, wanted: &str) -> Result<MemoryStore> {
    let mut all = store.memory_stores().await?;
    all.reverse();
    pick(&all, |found| found.id.as_str(), wanted, "memory store").cloned()
}

/// The sessions that are meant.
async fn sessions(runtime: &Runtime, args: &SessionsArgs) -> Result<SessionChoice> {
    if let Some(n) = args.last {
        return Ok(SessionChoice::Last(n));
    }
    if let Some(file) = &args.import {
        let taken_in = take_in(runtime, &read(file)?).await;
        return Ok(SessionChoice::These(taken_in.map_err(|f| f.about(file.display()))?));
    }
    let (mut ids, mut seen, mut all) = (Vec::new(), HashSet::new(), None);
    for wanted in &args.sessions {
        let whole = match SessionId::parse(wanted) {
            Some(id) => runtime.store.session(&id).await?.map(|session| session.id),
            None => None,
        };
        let id = match whole {
            Some(id) => id,
            None => {
                // The list is read once, and only for an id that is not whole.
                if all.is_none() {
                    let filter = SessionFilter { newest_first: true, ..SessionFilter::default() };
                    all = Some(runtime.store.sessions(&filter).await?);
                }
                let all = all.as_deref().unwrap_or_default();
                pick(all, |one| one.session.id.as_str(), wanted, "session")?.session.id.clone()
            }
        };
        // Twice the same is the same.
        if seen.insert(id.clone()) {
            ids.push(id);
        }
    }
    Ok(SessionChoice::These(ids))
}

/// Takes in the sessions of a text that are not here yet, and gives all of them: the same file
/// can be dreamt of twice.
async fn take_in(runtime: &Runtime, text: &str) -> Result<Vec<SessionId>> {
    let given = given(text)?;
    let mut is_new = Vec::with_capacity(given.len());
    for one in &given {
        is_new.push(!is_here(runtime, one).await?);
    }
    if is_new.iter().all(|is_new| *is_new) {
        return runtime.import(text).await;
    }
    let new = given.iter().zip(&is_new).filter(|(_, is_new)| **is_new);
    let rest: String = new.map(|(one, _)| &text[one.place.clone()]).collect();
    let imported = match rest.is_empty() {
        true => Vec::new(),
        false => runtime.import(&rest).await?,
    };
    let mut imported = imported.into_iter();
    let mut ids = Vec::with_capacity(given.len());
    for (one, is_new) in given.into_iter().zip(is_new) {
        ids.extend(if is_new { imported.next() } else { Some(one.id) });
    }
    Ok(ids)
}

/// A session of a text, without its events.
#[derive(Debug)]
struct Given {
    id: SessionId,
    events: usize,
    /// A hash of its events as they stand; none where some would be imported otherwise than
    /// they stand, because of ids that are made up.
    said: Option<u64>,
    /// Where it stands in the text.
    place: Range<usize>,
}

/// The sessions of a text, without their events, which may be large.
fn given(text: &str) -> Result<Vec<Given>> {
    // Ids that a text leaves out are made up here, and are never found.
    let (clock, entropy) = (StepClock::starting_at(Timestamp(0)), SeededEntropy::new(0));
    let read = read_sessions(text, &clock, &entropy)?;
    let mut lines = lines(text);
    let mut given: Vec<Given> = Vec::with_capacity(read.len());
    for (session, events) in read {
        let start = lines.next().map_or(text.len(), |(start, _)| start);
        if let Some(before) = given.last_mut() {
            before.place.end = start;
        }
        let mut hasher = DefaultHasher::new();
        let mut as_they_stand = true;
        for event in &events {
            as_they_stand &= lines.next().is_some_and(|(_, line)| line == event.body);
            event.body.hash(&mut hasher);
        }
        let said = as_they_stand.then(|| hasher.finish());
        let place = start..text.len();
        given.push(Given { id: session.id, events: events.len(), said, place });
    }
    Ok(given)
}

/// The lines of a text that say something, each with where it begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    let lines = text.split('\n').map(move |line| {
        let at = start;
        start += line.len() + 1;
        (at, line.strip_suffix('\r').unwrap_or(line))
    });
    // What some editors put in front of a file is no line.
    lines.filter(|(_, line)| !line.trim_start_matches('\u{FEFF}').trim().is_empty())
}

/// Whether a session is here, with the same events. One that has others is neither here nor new.
async fn is_here(runtime: &Runtime, given: &Given) -> Result<bool> {
    let store = &runtime.store;
    let Some(summary) = store.session_summary(&given.id).await? else { return Ok(false) };
    let is_same = summary.events as usize == given.events
        && match given.said {
            Some(said) => said == said_here(store.as_ref(), &given.id).await?,
            None => true,
        };
    if is_same {
        return Ok(true);
    }
    let id = &given.id;
    Err(Failure::invalid(format!("there is a session {id} already, with other events"))
        .hint(format!("dream of that one, or delete it first with `lucid session delete {id}`")))
}

/// The hash of a session's events as they would stand in a text.
async fn said_here(store: &dyn Store, id: &SessionId) -> Result<u64> {
    let (mut hasher, mut after) = (DefaultHasher::new(), None);
    loop {
        let page = store.events(id, after, EVENTS_AT_ONCE).await?;
        let Some((last, _)) = page.last() else { return Ok(hasher.finish()) };
        after = Some(*last);
        for (_, event) in &page {
            match event.body.contains(['\n', '\r']) {
                true => event.body.replace(['\n', '\r'], " ").hash(&mut hasher),
                false => event.body.hash(&mut hasher),
            }
        }
    }
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

/// Runs a dream that was planned in a process of its own, which outlives this one.
fn detach(state: &Path, id: &DreamId) -> Result<()> {
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
    command.spawn().map(drop).map_err(failed)
}

fn said(dream: &Dream, json: bool) -> failure::Result {
    if json {
        print_json(&text::document(dream))?;
    } else {
        print(&format!("{}\n", dream.id))?;
    }
    Ok(Ended::Done)
}

pub(super) async fn resume(runtime: &Runtime, dream: &Dream, json: bool) -> failure::Result {
    let dream = attend(runtime, &dream.id, json).await?;
    show_ended(&dream, json)
}

/// Runs a dream to its end, drawn on standard error where somebody looks at it. The first ctrl-c
/// cancels the dream, the second does not wait for that.
async fn attend(runtime: &Runtime, id: &DreamId, quiet: bool) -> Result<Dream> {
    let how = DreamRun::default();
    let mut run = Box::pin(runtime.run_dream(id, &how));
    let is_drawn = !quiet && std::io::stderr().is_terminal();
    let mut watched = Watched::new(runtime, id.clone());
    let mut interrupted = Box::pin(interrupt::asked_to_end());
    let mut is_canceled = false;
    loop {
        tokio::select! {
            ended = run.as_mut() => {
                if is_drawn {
                    watched.tell(&mut to_stderr).await?;
                }
                return ended;
            }
            () = interrupted.as_mut() => {
                if is_canceled {
                    return Err(Failure::failed(format!("dream {id} was left while it ended"))
                        .hint(format!("`lucid dream resume {id}` dreams it again")));
                }
                is_canceled = true;
                interrupted = Box::pin(interrupt::asked_to_end());
                // One that has ended meanwhile cannot be canceled, and need not be.
                let _ = runtime.cancel_dream(id).await;
            }
            () = tokio::time::sleep(super::watch::POLL), if is_drawn => {
                watched.tell(&mut to_stderr).await?;
            }
        }
    }
}

/// Where nobody can read it, nothing is lost.
fn to_stderr(text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut out = anstream::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    Ok(())
}

pub(super) async fn cancel(runtime: &Runtime, dream: &Dream, json: bool) -> failure::Result {
    let mut dream = runtime.cancel_dream(&dream.id).await?;
    if !dream.status.is_terminal() {
        dream = runtime.await_dream(&dream.id).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "{\"type\":\"session\",\"id\":\"sesn_01a\",\"title\":\"t\",\
                       \"created_at\":\"2026-01-01T00:00:00.000Z\",\"agent\":{\"name\":\"a\"}}\n\
                       {\"id\":\"sevt_01a\",\"type\":\"user.message\",\"content\":[]}\n";

    #[test]
    fn a_text_is_known_by_its_sessions_without_holding_their_events() {
        let other = ONE.replace("01a", "01b").replace("[]", "[1]");
        let text = format!("\u{FEFF}{ONE}\r\n{other}");
        let [one, two]: [Given; 2] = given(&text).unwrap().try_into().unwrap();
        assert_eq!((one.id.as_str(), one.events), ("sesn_01a", 1));
        assert!(one.said.is_some() && one.said != two.said);
        assert_eq!(&text[two.place.clone()], other);
        assert_eq!(given(ONE).unwrap()[0].said, one.said, "the same, wherever it stands");
        // What gets an id here says so each time otherwise.
        let nameless = ONE.replace("\"id\":\"sevt_01a\",", "");
        assert_eq!(given(&nameless).unwrap()[0].said, None);
    }
}
