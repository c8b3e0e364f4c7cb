//! The editor: hands out the work, and writes the report from what came back.

use serde_json::json;

use crate::analysis::Analysis;
use crate::analyst::{ANALYSIS, DAILY};
use crate::notices::Notices;
use crate::reader::NOTICES;
use crate::report::Report;
use crate::task::Task;
use crate::turn::{Call, Conversation, STOPPED, Step, stop, wait, write};

/// Where the report goes.
const OUTPUTS: &str = "/mnt/session/outputs";

/// What the editor says or does next.
///
/// # Errors
/// How the turn ends before it is done.
pub fn next(conversation: &Conversation<'_>) -> Step<String> {
    let Some(task) = conversation.texts().iter().find_map(|text| Task::find(text)) else {
        return stop(
            "the message does not say what the report is on, from when to when, and what \
                     the limit is",
        );
    };
    let order = task.text();
    conversation.all(&[
        send("reader", &format!("Read the notices for the {order}.")),
        send("analyst", &format!("Look at the exports for the {order}.")),
    ])?;
    let read = conversation.said_by("reader");
    let analysed = conversation.said_by("analyst");
    if let Some(why) = read.iter().chain(&analysed).find_map(|text| text.strip_prefix(STOPPED)) {
        return stop(format_args!("there is no report, because {}", why.trim_end_matches('.')));
    }
    if read.is_empty() || analysed.is_empty() {
        return wait("the reader and the analyst");
    }
    let go_on = format!("The notices are in {NOTICES}. Finish the analysis.");
    conversation.one(send("analyst", &go_on))?;
    if analysed.len() < 2 {
        return wait("the analysis");
    }
    let analysis: Analysis = conversation.read_json(ANALYSIS)?;
    let notices: Notices = conversation.read_json(NOTICES)?;
    let daily = conversation.read(DAILY)?;
    let report = Report::of(task, analysis, notices);
    let data = match serde_json::to_string_pretty(&report) {
        Ok(data) => data,
        Err(error) => return stop(error),
    };
    conversation.all(&[
        write(&format!("{OUTPUTS}/report.md"), &report.markdown()),
        write(&format!("{OUTPUTS}/report.json"), &data),
        write(&format!("{OUTPUTS}/daily.csv"), daily),
    ])?;
    Ok(format!("The report is written. {}", report.short().join(" ")))
}

fn send(agent: &str, message: &str) -> Call {
    ("send_to_agent", json!({"agent_name": agent, "message": message}))
}
