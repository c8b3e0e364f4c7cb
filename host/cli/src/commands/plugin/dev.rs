//! `lucid plugin dev`: build, check, run the examples; again when a source changes.

mod watch;

use std::path::Path;

use lucid_build::{ExampleCall, Examples};
use lucid_core::Result;
use lucid_runtime::RuntimeOptions;
use lucid_runtime::conformance::{CheckOptions, DEADLINE_MS, Outcome, check};
use serde::Serialize;

use super::build::build;
use super::call::{call, show_beside, texts};
use crate::args::{CallArgs, DevArgs};
use crate::failure::{Ended, report};
use crate::show::{print, print_json, short};
use watch::Sources;

/// An answer is shown up to so many characters.
const WIDTH: usize = 400;

/// What came of one example.
#[derive(Debug, Serialize)]
struct Tried {
    tool: String,
    input: String,
    passed: bool,
    /// The answer, or why there is none.
    answer: String,
    /// A text that the answer should have had.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
    wall_ms: u64,
}

/// What came of one round.
#[derive(Debug, Serialize)]
struct Round {
    path: std::path::PathBuf,
    digest: String,
    checks_failed: Vec<String>,
    examples: Vec<Tried>,
    passed: bool,
}

pub(crate) async fn run(
    options: RuntimeOptions,
    args: &DevArgs,
    json: bool,
) -> crate::failure::Result {
    if args.once {
        let round = round(&options, args).await?;
        show(&round, json)?;
        return Ok(if round.passed { Ended::Done } else { Ended::Failed });
    }
    loop {
        // Looked at before the build, so that a change during it starts another.
        let before = Sources::of(&args.build.dir);
        match round(&options, args).await {
            Ok(round) => show(&round, json)?,
            // A mistake in the sources ends the round, and not the work on them.
            Err(failure) => drop(report(&failure)),
        }
        let dir = args.build.dir.display();
        anstream::eprintln!("watching {dir} for changes; Ctrl-C ends it");
        before.changed().await;
    }
}

/// Builds once and tries out what was built.
async fn round(options: &RuntimeOptions, args: &DevArgs) -> Result<Round> {
    let examples = Examples::of(&args.build.dir)?;
    let built = build(options, &args.build).await?;
    let bytes = std::fs::read(&built.path).map_err(|error| {
        lucid_core::Failure::failed(format!("{}: {error}", built.path.display()))
    })?;
    let scratch = std::env::temp_dir();
    let checking = CheckOptions { runtime: options.clone(), scratch, deadline_ms: DEADLINE_MS };
    let conformance = check(&checking, &bytes).await?;
    let failed = conformance.checks.iter().filter(|check| check.result == Outcome::Failed);
    let checks_failed: Vec<String> =
        failed.map(|check| format!("{}: {}", check.name, check.message)).collect();
    let mut tried = Vec::new();
    for example in &examples.calls {
        tried.push(try_one(options, &args.build.dir, &bytes, example).await?);
    }
    let passed = checks_failed.is_empty() && tried.iter().all(|one| one.passed);
    let (path, digest) = (built.path, built.inspection.digest);
    Ok(Round { path, digest, checks_failed, examples: tried, passed })
}

/// Makes one example's call. A grant that makes no sense ends the round; what the plugin does
/// wrong is in what comes back.
async fn try_one(
    options: &RuntimeOptions,
    project: &Path,
    bytes: &[u8],
    example: &ExampleCall,
) -> Result<Tried> {
    let args = CallArgs {
        tool: example.tool.clone(),
        input: example.input_json(),
        // Read beside the file they stand in, wherever `lucid` was started.
        dirs: example.dirs.iter().map(|dir| format!("{}/{dir}", project.display())).collect(),
        hosts: example.hosts.clone(),
        environment: example.env.clone(),
        limits: example.limits.clone(),
        ..CallArgs::default()
    };
    let report = call(options, bytes, &args).await?;
    show_beside(&report);
    let wall_ms = report.usage.wall_ms;
    let (answer, is_error) = match &report.result {
        Ok(answer) => (texts(answer).join("\n"), answer.is_error),
        Err(failure) => (failure.to_string(), true),
    };
    let missing = example.contains.iter().find(|text| !answer.contains(text.as_str())).cloned();
    let passed = missing.is_none() && is_error == example.is_error;
    let CallArgs { tool, input, .. } = args;
    Ok(Tried { tool, input, passed, answer, missing, wall_ms })
}

fn show(round: &Round, json: bool) -> Result<()> {
    if json {
        return print_json(round);
    }
    let mut text = format!("{}\n", round.path.display());
    match round.checks_failed.as_slice() {
        [] => text.push_str("ok      every check\n"),
        failed => {
            text.extend(failed.iter().map(|line| format!("FAILED  {}\n", short(line, WIDTH))));
            let plugin = round.path.display();
            text.push_str(&format!("        hint: `lucid plugin check {plugin}` says more\n"));
        }
    }
    for one in &round.examples {
        let word = if one.passed { "ok" } else { "FAILED" };
        let input = short(&one.input, WIDTH);
        text.push_str(&format!("{word:<7} {} {input}, {} ms\n", one.tool, one.wall_ms));
        text.push_str(&format!("        {}\n", short(&one.answer, WIDTH)));
        if let Some(missing) = &one.missing {
            text.push_str(&format!("        lacks {}\n", short(missing, WIDTH)));
        }
    }
    print(&text)
}
