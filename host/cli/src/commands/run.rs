//! `lucid run`.

use std::path::Path;
use std::sync::Arc;

use lucid_core::{Failure, OutcomeResult, Result};
use lucid_runtime::{Mission, Runtime, RuntimeOptions, StudyOptions, StudyResult, World};
use serde_json::json;

use crate::args::RunArgs;
use crate::failure::Ended;
use crate::show::progress::Progress;
use crate::show::{print, print_json, study, svg, table};

pub(crate) async fn run(
    options: RuntimeOptions,
    args: RunArgs,
    json: bool,
) -> crate::failure::Result {
    let (runtime, mission) = Runtime::open_for(options, &args.mission).await?;
    let ending = if mission.study.is_some() {
        run_study(&runtime, &mission, &args, json).await
    } else {
        run_once(&runtime, &mission, &args, json).await
    };
    runtime.store.close().await?;
    ending
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
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::failed(format!("folder {}: {error}", folder.display())))?;
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
    if json {
        print_json(&json!({
            "mission": mission.name,
            "session_id": session.id,
            "outcome": end.outcome,
            "criteria": criteria,
            "text": end.last_text,
            "outputs": end.workspace.outputs_folder(),
            "tool_calls": end.tool_calls,
            "threads": end.threads,
            "events": end.events,
        }))?;
    } else {
        let mut text = format!("{}\n\n", end.last_text.trim());
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
