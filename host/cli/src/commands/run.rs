//! `lucid run`.

use std::path::Path;
use std::sync::Arc;

use lucid_core::{Failure, OutcomeResult, Result};
use lucid_runtime::{
    LimitChanges, Mission, Runtime, RuntimeOptions, StudyOptions, StudyResult, World,
};
use serde_json::json;

use crate::args::RunArgs;
use crate::failure::Ended;
use crate::show::progress::Progress;
use crate::show::{plain, print, print_json, study, svg, table};

pub(crate) async fn run(
    mut options: RuntimeOptions,
    args: RunArgs,
    json: bool,
) -> crate::failure::Result {
    options.limits = LimitChanges::parse(args.limits.iter().map(String::as_str))?;
    let (runtime, mission) = Runtime::open_for(options, &args.mission).await?;
    check_options(&mission, &args)?;
    let ending = if mission.study.is_some() {
        run_study(&runtime, &mission, &args, json).await
    } else {
        run_once(&runtime, &mission, &args, json).await
    };
    runtime.store.close().await?;
    ending
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
    let progress = Arc::new(Progress::new());
    let ran = runtime.run_study(mission, &options, progress.clone()).await;
    progress.clear();
    let result = ran?;
    if json {
        print_json(&result.report)?;
    } else {
        print(&study::render(&result))?;
    }
    if let Some(file) = &args.report {
        let text = serde_json::to_string_pretty(&result.report)
            .map_err(|error| Failure::bug(format!("a report that is not JSON: {error}")))?;
        write(file, &text)?;
    }
    if let Some(folder) = &args.plots {
        write_plots(folder, &result)?;
    }
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
    let (session, end) = runtime.run_once(mission, seed, &world).await?;
    let criteria: Vec<_> = end.evaluation.iter().flat_map(|e| &e.criteria).collect();
    let document = json!({
            "mission": mission.name,
            "session_id": session.id,
            "outcome": end.outcome,
            "criteria": criteria,
            "text": end.last_text,
            "outputs": end.workspace.outputs_folder(),
            "tool_calls": end.tool_calls,
            "threads": end.threads,
            "events": end.events,
    });
    if let Some(file) = &args.report {
        write(file, &format!("{document:#}"))?;
    }
    if json {
        print_json(&document)?;
    } else {
        let mut text = format!("{}\n\n", plain(end.last_text.trim()));
        if !criteria.is_empty() {
            text.push_str(&table::criteria(&criteria));
        }
        if let Some(outcome) = end.outcome {
            text.push_str(&format!("\noutcome  {}", outcome.as_str()));
        }
        text.push_str(&format!(
            "\noutputs  {}\nevents   lucid session events {}\n",
            end.workspace.outputs_folder().display(),
            session.id
        ));
        print(&text)?;
    }
    match end.outcome {
        None | Some(OutcomeResult::Satisfied) => Ok(Ended::Done),
        Some(_) => Ok(Ended::NotSatisfied),
    }
}
