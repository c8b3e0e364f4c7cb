//! `lucid plugin call`: one call with explicit grants.

use lucid_core::{Failure, Limits, Result, Timestamp, ToolContent};
use lucid_policy::manifest::Kind;
use lucid_runtime::{
    Call, GuestTime, Plugin, Report, Runtime, RuntimeOptions, Secrets, ToolAnswer, check_needs,
};
use serde_json::json;

use super::read;
use crate::args::CallArgs;
use crate::failure::Ended;
use crate::grants::{flags_in, granted, with_flags};
use crate::show::{plain, print, print_json};

/// What a plugin prints is shown up to so many lines.
const LINES_MAX: usize = 20;

pub(crate) async fn run(
    options: &RuntimeOptions,
    args: &CallArgs,
    json: bool,
) -> crate::failure::Result {
    let bytes = read(options, &args.plugin)?;
    let report = call(options, &bytes, args).await?;
    show_beside(&report);
    let usage = report.usage;
    let (files, denied) = (&report.effects.files, &report.effects.denied);
    let answer = match report.result {
        Ok(answer) => answer,
        Err(failure) => {
            if json {
                print_json(&json!({
                    "error": failure, "usage": usage, "files": files, "denied": denied,
                }))?;
            }
            return Err(with_flags(failure).into());
        }
    };
    let texts = texts(&answer);
    if json {
        print_json(&json!({
            "content": texts, "is_error": answer.is_error, "usage": usage, "files": files,
            "denied": denied,
        }))?;
    } else {
        print(&plain(&format!("{}\n", texts.join("\n"))))?;
        anstream::eprintln!(
            "{} ms, {} KiB of memory, {} bytes in, {} out, {} host calls",
            usage.wall_ms,
            usage.memory_peak_bytes >> 10,
            usage.input_bytes,
            usage.output_bytes,
            usage.host_calls
        );
    }
    if answer.is_error {
        let tool = &args.tool;
        return Err(Failure::failed(format!("tool `{tool}` answered with an error")).into());
    }
    Ok(Ended::Done)
}

/// Makes the call, with what was granted and with nothing secret in what comes back.
pub(super) async fn call(
    options: &RuntimeOptions,
    bytes: &[u8],
    args: &CallArgs,
) -> Result<Report<ToolAnswer>> {
    let granted = granted(args, &options.state)?;
    let (tool, input) = (args.tool.as_str(), args.input.as_str());
    if !serde_json::from_str::<serde_json::Value>(input).is_ok_and(|value| value.is_object()) {
        return Err(Failure::invalid("the input is not a JSON object")
            .hint("write it in single quotes, such as '{\"text\": \"hello\"}'"));
    }
    let fixed = |seed| GuestTime::Fixed { now: Timestamp(0), seed };
    let engine = Runtime::engine(options)?;
    let plugin = Plugin::load(&engine, bytes, Kind::Tool, &granted.grants).map_err(with_flags)?;
    let limits = granted.limits.over(Limits::STANDARD);
    check_needs(plugin.manifest(), &limits).map_err(with_flags)?;
    let setup = Call {
        mounts: granted.mounts.clone(),
        environment: granted.environment.clone(),
        secrets: granted.secrets.attached(),
        time: args.seed.map_or(GuestTime::Real, fixed),
        ..Call::bare(limits)
    };
    let mut report = plugin.call_tool(setup, tool, input).await;
    granted.secrets.mask_report(&mut report, Secrets::mask_answer);
    Ok(report)
}

/// The blocks of an answer, each as text.
pub(super) fn texts(answer: &ToolAnswer) -> Vec<String> {
    let text = |content: &ToolContent| match content {
        ToolContent::Text(text) | ToolContent::Json(text) => text.clone(),
        ToolContent::Image(kind, data) => format!("[image {kind}, {} bytes]", data.len()),
        ToolContent::File(path, kind) => format!("[file {path}, {kind}]"),
    };
    answer.content.iter().map(text).collect()
}

/// Shows what a call left beside its answer: what it logged and printed, and was denied.
pub(super) fn show_beside(report: &Report<ToolAnswer>) {
    for line in &report.logs {
        anstream::eprintln!("log {:?}: {}", line.level, plain(&line.message));
    }
    // Of a call that was stopped the log has it already.
    if !report.logs.iter().any(|line| line.message.starts_with("stderr:")) {
        printed("stderr", &report.stderr);
    }
    printed("stdout", &report.stdout);
    if !report.stdout.is_empty() {
        anstream::eprintln!(
            "hint: no agent and no log sees what a plugin prints; return it, or log it"
        );
    }
    for denial in &report.effects.denied {
        let (what, rule) = (plain(&denial.what), &denial.rule);
        anstream::eprintln!("denied {}: {what} (rule `{rule}`)", denial.capability);
        anstream::eprintln!("hint: {}", plain(&flags_in(&denial.hint)));
    }
}

fn printed(stream: &str, text: &str) {
    for line in text.lines().take(LINES_MAX) {
        anstream::eprintln!("{stream}: {}", plain(line));
    }
    let more = text.lines().count().saturating_sub(LINES_MAX);
    if more > 0 {
        anstream::eprintln!("{stream}: … {more} more lines");
    }
}
