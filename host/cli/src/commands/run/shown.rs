//! What a run came to: printed, and written where somebody wants it in files.

use std::path::Path;

use lucid_core::{Failure, Result};
use lucid_runtime::StudyResult;
use lucid_verbs::RunResult;
use serde::Serialize;

use crate::args::RunArgs;
use crate::commands::dream::{proof_document, show_proof};
use crate::commands::session_state;
use crate::failure::{self, Ended};
use crate::place::Place;
use crate::show::ending::Ending;
use crate::show::{outcome_study, print, print_json, study, svg};

/// Refuses, before anything runs, what could not be written after it.
pub(super) fn check(args: &RunArgs) -> Result<()> {
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

/// Prints what a run came to, writes it into the files that are wanted, and says how the
/// program ends with it.
pub(super) async fn show(
    place: &Place,
    result: &RunResult,
    args: &RunArgs,
    json: bool,
) -> failure::Result {
    if args.plots.is_some() && !matches!(result, RunResult::Study(_)) {
        return Err(Failure::invalid("a run without a study of memory has no plots")
            .hint("leave `--plots` out")
            .into());
    }
    match result {
        RunResult::Study(result) => {
            if json {
                print_json(&result.report)?;
            } else {
                print(&study::render(result))?;
            }
            write_report(args, &result.report)?;
            if let Some(folder) = &args.plots {
                write_plots(folder, result)?;
            }
            Ok(Ended::Done)
        }
        RunResult::OutcomeStudy(report) => {
            if json {
                print_json(report)?;
            } else {
                print(&outcome_study::render(report))?;
            }
            write_report(args, report)?;
            Ok(Ended::Done)
        }
        RunResult::Session { id, mission } => {
            let state = session_state(place, id).await?;
            let ending = Ending::of(id, &state, place.outputs(id));
            let document = ending.document(Some(mission));
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
        RunResult::Proof(evaluated) => {
            let ended = show_proof(evaluated, json)?;
            write_report(args, &proof_document(evaluated))?;
            Ok(ended)
        }
    }
}

/// Writes a report, where somebody wants it in a file.
fn write_report(args: &RunArgs, report: &impl Serialize) -> Result<()> {
    let Some(file) = &args.report else { return Ok(()) };
    let text = serde_json::to_string_pretty(report)
        .map_err(|error| Failure::bug(format!("a report that is not JSON: {error}")))?;
    write(file, &text)
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
