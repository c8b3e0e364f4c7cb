//! In which order the events of a log come: what clients may rely on, as a check of a log.

use std::collections::BTreeSet;

use serde_json::Value;

/// Checks the events of a session's log, as the API lists them, in order:
///
/// - a turn opens with `session.status_running` and the thread's own, before any request;
/// - what an agent says and calls stands between the start and the end of a request;
/// - every request ends, and refers to its start;
/// - a call has one result, behind it, and before the next request;
/// - a turn closes with the thread's idle, `session.usage` and, right behind,
///   `session.status_idle`;
/// - whenever the primary thread comes to rest, so does the session in the end.
///
/// Events that are of no turn, and those of other threads, may stand anywhere.
///
/// # Errors
/// A sentence about the first event that is out of order.
pub fn follows_the_grammar(events: &[Value]) -> Result<(), String> {
    let mut reader = Reader::default();
    for event in events {
        let id = text(event, "id").to_owned();
        reader.take(event).map_err(|why| format!("{id} ({}): {why}", text(event, "type")))?;
    }
    if reader.usage {
        return Err("a session.usage is not followed by a session.status_idle".to_owned());
    }
    if reader.owes_idle {
        return Err("the primary thread is idle, and nothing says that the session is".to_owned());
    }
    Ok(())
}

#[derive(Default)]
struct Reader {
    /// The primary thread, whose turns are followed: the first that a log names.
    primary: Option<String>,
    session_runs: bool,
    thread_runs: bool,
    request: Option<String>,
    calls: BTreeSet<String>,
    settled: BTreeSet<String>,
    /// Whether the event before was the session's usage.
    usage: bool,
    /// Whether the primary thread is idle, and the session was not said to be since.
    owes_idle: bool,
}

impl Reader {
    fn take(&mut self, event: &Value) -> Result<(), String> {
        let kind = text(event, "type");
        let usage = std::mem::take(&mut self.usage);
        if usage && kind != "session.status_idle" {
            return Err("it stands between session.usage and session.status_idle".to_owned());
        }
        match kind {
            "session.status_running" => self.session_runs = true,
            "session.status_rescheduled" => self.session_runs = false,
            "session.status_terminated" => {
                (self.session_runs, self.thread_runs, self.owes_idle) = (false, false, false);
            }
            "session.usage" => {
                self.rests()?;
                self.usage = true;
            }
            "session.status_idle" => {
                if !usage {
                    return Err("no session.usage stands right before it".to_owned());
                }
                (self.session_runs, self.owes_idle) = (false, false);
            }
            kind if kind.starts_with("session.thread_status_") => {
                self.thread(kind, text(event, "session_thread_id"))?;
            }
            _ if event.get("session_thread_id").is_some_and(Value::is_string) => {}
            "span.model_request_start" => self.ask(text(event, "id"))?,
            "span.model_request_end" => self.answered(text(event, "model_request_start_id"))?,
            "agent.message" | "agent.thinking" => self.in_request()?,
            "agent.tool_use" | "agent.mcp_tool_use" | "agent.custom_tool_use" => {
                self.in_request()?;
                self.calls.insert(text(event, "id").to_owned());
            }
            "agent.tool_result" => self.result(text(event, "tool_use_id"))?,
            "agent.mcp_tool_result" => self.result(text(event, "mcp_tool_use_id"))?,
            "user.tool_result" => self.result(text(event, "tool_use_id"))?,
            "user.custom_tool_result" => self.result(text(event, "custom_tool_use_id"))?,
            _ => {}
        }
        Ok(())
    }

    fn thread(&mut self, kind: &str, id: &str) -> Result<(), String> {
        if self.primary.get_or_insert_with(|| id.to_owned()) != id {
            return Ok(());
        }
        match kind {
            "session.thread_status_running" => {
                (self.thread_runs, self.owes_idle) = (true, false);
            }
            "session.thread_status_idle" => {
                if self.request.is_some() {
                    return Err("a request has no end yet".to_owned());
                }
                (self.thread_runs, self.owes_idle) = (false, true);
            }
            _ => self.thread_runs = false,
        }
        Ok(())
    }

    fn rests(&self) -> Result<(), String> {
        if self.thread_runs {
            return Err("the primary thread is not idle".to_owned());
        }
        Ok(())
    }

    fn ask(&mut self, id: &str) -> Result<(), String> {
        if !self.session_runs || !self.thread_runs {
            return Err("a model is asked, and nothing says that the session runs".to_owned());
        }
        if let Some(open) = self.calls.difference(&self.settled).next() {
            return Err(format!("call {open} has no result yet"));
        }
        match self.request.replace(id.to_owned()) {
            Some(before) => Err(format!("request {before} has no end yet")),
            None => Ok(()),
        }
    }

    fn answered(&mut self, start: &str) -> Result<(), String> {
        match self.request.take() {
            Some(request) if request == start => Ok(()),
            _ => Err(format!("request {start} is not open")),
        }
    }

    fn in_request(&self) -> Result<(), String> {
        match self.request {
            Some(_) => Ok(()),
            None => Err("it stands in no request".to_owned()),
        }
    }

    fn result(&mut self, call: &str) -> Result<(), String> {
        if self.request.is_some() {
            return Err("its request has no end yet".to_owned());
        }
        if !self.calls.contains(call) {
            return Err(format!("no call {call} stands before it"));
        }
        if !self.settled.insert(call.to_owned()) {
            return Err(format!("call {call} has a result already"));
        }
        Ok(())
    }
}

fn text<'a>(event: &'a Value, name: &str) -> &'a str {
    event.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_other_threads_do_may_stand_anywhere() {
        let running = |kind: &str, id: &str| json!({"type": kind, "session_thread_id": id});
        let log = [
            json!({"type": "session.status_running"}),
            running("session.thread_status_running", "sthr_1"),
            json!({"type": "span.model_request_start", "id": "sevt_1"}),
            running("session.thread_status_idle", "sthr_2"),
            running("agent.tool_use", "sthr_2"),
            json!({"type": "span.model_request_end", "model_request_start_id": "sevt_1"}),
        ];
        assert_eq!(follows_the_grammar(&log), Ok(()));
        assert!(follows_the_grammar(&log[2..]).is_err());
    }

    #[test]
    fn a_session_is_said_to_rest_whenever_its_primary_thread_is() {
        let of = |kind: &str| json!({"type": kind, "session_thread_id": "sthr_1"});
        let [idle, usage, rests] =
            ["session.thread_status_idle", "session.usage", "session.status_idle"].map(of);
        let mut log = vec![idle.clone(), usage.clone(), rests.clone()];
        assert_eq!(follows_the_grammar(&log), Ok(()));
        // As when somebody stops what an idle session works for.
        log.push(idle);
        assert!(follows_the_grammar(&log).unwrap_err().contains("nothing says"));
        log.extend([usage, rests]);
        assert_eq!(follows_the_grammar(&log), Ok(()));
    }
}
