//! `lucid run`.

use std::path::Path;
use std::sync::Arc;

use lucid_core::{Failure, Result};
use lucid_runtime::{
    LimitChanges, Mission, Pace, RunOptions, Runtime, RuntimeOptions, StudyOptions, StudyResult,
    Transports, World,
};
use serde::Serialize;

use super::ask;
use crate::args::{ReplayPace, RunArgs};
use crate::failure::Ended;
use crate::place::Place;
use crate::show::ending::{Ending, Outputs};
use crate::show::live::Live;
use crate::show::progress::Progress;
use crate::show::{outcome_study, print, print_json, study, svg};

pub(crate) async fn run(
    mut options: RuntimeOptions,
    args: RunArgs,
    json: bool,
) -> crate::failure::Result {
    options.limits = LimitChanges::parse(args.limits.iter().map(String::as_str))?;
    options.transports = transports(&args)?;
    let (runtime, mission) = Runtime::open_for(options, &args.mission).await?;
    check_options(&mission, &args)?;
    let of_the_outcome = mission.outcome.as_ref().is_some_and(|outcome| outcome.study.is_some());
    let ending = if mission.study.is_some() {
        run_study(&runtime, &mission, &args, json).await
    } else if of_the_outcome {
        run_outcome_study(&runtime, &mission, &args, json).await
    } else {
        run_once(&runtime, &mission, &args, json).await
    };
    runtime.store.close().await?;
    ending
}

/// How models on the network are reached: over it, or by way of a recording.
fn transports(args: &RunArgs) -> Result<Transports> {
    if let Some(file) = &args.record {
        // What was recorded cost money: it is never written over.
        let mut open = std::fs::OpenOptions::new();
        open.write(true).create_new(true);
        // Prompts and answers are in it: nobody else reads it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
        let opened = open.open(file).map_err(|error| {
            Failure::failed(format!("recording {}: {error}", file.display()))
                .hint("give a file that is not there yet")
        })?;
        return Ok(Transports::record(opened));
    }
    let Some(file) = &args.replay else { return Ok(Transports::default()) };
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::invalid(format!("recording {}: {error}", file.display()))
            .hint("give a file that `lucid run --record FILE` wrote")
    })?;
    let pace = match args.pace {
        ReplayPace::AsRecorded => Pace::AsRecorded,
        ReplayPace::AtOnce => Pace::AtOnce,
    };
    Transports::replay(&text, pace).map_err(|failure| failure.about(file.display()))
}

/// Refuses, before anything runs, what would be ignored or could not be written after it.
fn check_options(mission: &Mission, args: &RunArgs) -> Result<()> {
    let of_a_study = [
        ("--held-out", args.held_out.is_some()),
        ("--training", args.training.is_some()),
        ("--shuffle-labels", args.shuffle_labels),
        ("--plots", args.plots.is_some()),
    ];
    if let Some((option, _)) = of_a_study.iter().find(|(_, given)| *given)
        && mission.study.is_none()
    {
        return Err(Failure::invalid(format!("{option} needs a mission with a study"))
            .hint(format!("mission `{}` has no [study] in its mission.toml", mission.name)));
    }
    if let Some(folder) = &args.plots {
        make(folder)?;
    }
    if let Some(file) = &args.report
        && let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty())
        && !folder.is_dir()
    {
        return Err(Failure::invalid(format!("no such folder: {}", folder.display()))
            .hint("make it first, or write the report elsewhere"));
    }
    Ok(())
}

fn make(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| {
        Failure::failed(format!("folder {}: {error}", folder.display()))
            .hint("give another with `--plots DIR`")
    })
}

async fn run_study(
    runtime: &Runtime,
    mission: &Mission,
    args: &RunArgs,
    json: bool,
) -> crate::failure::Result {
    let options = StudyOptions {
        seed: args.seed,
        held_out: args.held_out,
        training: args.training,
        shuffle_labels: args.shuffle_labels,
        deterministic: args.deterministic,
    };
    let (progress, how) = watched(args);
    let ran = runtime.run_study(mission, &options, &how).await;
    progress.clear();
    let result = ran?;
    if json {
        print_json(&result.report)?;
    } else {
        print(&study::render(&result))?;
    }
    write_report(args, &result.report)?;
    if let Some(folder) = &args.plots {
        write_plots(folder, &result)?;
    }
    Ok(Ended::Done)
}

/// How a study is run: with its progress in sight.
fn watched(args: &RunArgs) -> (Arc<Progress>, RunOptions) {
    let progress = Arc::new(Progress::new());
    let how = RunOptions {
        approver: ask::approver(args.later, Some(progress.clone())),
        observer: progress.clone(),
        resume: args.resume,
    };
    (progress, how)
}

/// Writes a study's report, where somebody wants it in a file.
fn write_report(args: &RunArgs, report: &impl Serialize) -> Result<()> {
    let Some(file) = &args.report else { return Ok(()) };
    let text = serde_json::to_string_pretty(report)
        .map_err(|error| Failure::bug(format!("a report that is not JSON: {error}")))?;
    write(file, &text)
}

async fn run_outcome_study(
    runtime: &Runtime,
    mission: &Mission,
    args: &RunArgs,
    json: bool,
) -> crate::failure::Result {
    let options = StudyOptions {
        seed: args.seed,
        deterministic: args.deterministic,
        ..StudyOptions::default()
    };
    let (progress, how) = watched(args);
    let ran = runtime.run_outcome_study(mission, &options, &how).await;
    progress.clear();
    let report = ran?;
    if json {
        print_json(&report)?;
    } else {
        print(&outcome_study::render(&report))?;
    }
    write_report(args, &report)?;
    Ok(Ended::Done)
}

fn write_plots(folder: &Path, result: &StudyResult) -> Result<()> {
    make(folder)?;
    for (number, (plot, before, after)) in result.plots.iter().enumerate() {
        for (when, curves) in [("before", before), ("after", after)] {
            let title = format!("{}, {when} the dream", plot.title);
            let file = folder.join(format!("plot-{}-{when}.svg", number + 1));
            write(&file, &svg::curves(&title, &plot.x, &plot.y, curves))?;
        }
    }
    write(&folder.join("held-out.svg"), &svg::rates(&result.report.held_out))
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text)
        .map_err(|error| Failure::failed(format!("{}: {error}", file.display())))
}

async fn run_once(
    runtime: &Runtime,
    mission: &Mission,
    args: &RunArgs,
    json: bool,
) -> crate::failure::Result {
    let seed = args.seed.unwrap_or(0);
    let world = if args.deterministic { World::deterministic(seed) } else { World::real() };
    let live = Live::begin(Place::here(runtime.clone()), json);
    let options = RunOptions {
        approver: ask::approver(args.later, live.progress()),
        observer: live.observer(),
        resume: args.resume,
    };
    let ran = runtime.run_once(mission, seed, &world, &options).await;
    live.end().await;
    let (session, end) = ran?;
    let state = runtime.session_state(&session.id).await?;
    let outputs = Outputs::Here(end.workspace.outputs_folder());
    let ending = Ending::of(&session.id, &state, outputs);
    let document = ending.document(Some(&mission.name));
    if let Some(file) = &args.report {
        write(file, &format!("{document:#}"))?;
    }
    if json {
        print_json(&document)?;
    } else {
        print(&ending.text())?;
    }
    Ok(ending.ended())
}
