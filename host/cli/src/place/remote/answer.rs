//! What a server answered: what was asked for, or the failure that it tells.

use lucid_core::{Failure, FailureKind, Result};
use lucid_verbs::Verb;
use serde::Deserialize;

/// This program's version.
const OURS: &str = env!("CARGO_PKG_VERSION");

/// An error in the API's form.
#[derive(Deserialize)]
struct Body {
    error: Told,
}

#[derive(Deserialize)]
struct Told {
    message: String,
    #[serde(default)]
    lucid: Option<Ours>,
}

/// What the failure was before it took the API's form.
#[derive(Default, Deserialize)]
struct Ours {
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    kind: Option<FailureKind>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    hint: Option<String>,
}

/// Reads what a server answered to a verb.
///
/// # Errors
/// The failure that it tells, as it was there; failed, when no Lucid of this version answered.
pub(super) fn read<V: Verb>(
    url: &str,
    status: u16,
    version: Option<&str>,
    body: &[u8],
) -> Result<V::Answer> {
    if status == 200 {
        return serde_json::from_slice(body).map_err(|error| match version {
            Some(theirs) => Failure::failed(format!(
                "the server at {url} (version {theirs}) answers what version {OURS} cannot read: \
                 {error}"
            ))
            .hint("use the command line of the server's version"),
            None => no_lucid(url, status),
        });
    }
    let Ok(Body { error: Told { message, lucid } }) = serde_json::from_slice(body) else {
        return Err(no_lucid(url, status));
    };
    let known = lucid.is_some();
    let Ours { version, kind, message: own, hint } = lucid.unwrap_or_default();
    if let Some(kind) = kind {
        return Err(Failure { kind, message: own.unwrap_or(message), hint });
    }
    Err(match status {
        401 => Failure::denied(format!("the server at {url} does not let us in: {message}"))
            .hint("give its key in LUCID_API_KEY, or with `--api-key-file FILE`"),
        403 => Failure::denied(format!("the server at {url} refuses: {message}")),
        404 if known || message.contains("route") => older::<V>(url, version.as_deref()),
        404 => Failure::failed(format!("the server at {url}: {message}")),
        413 => Failure::exceeded(format!("the server at {url} takes no more: {message}")),
        400..500 => Failure::invalid(format!("the server at {url}: {message}")),
        _ => Failure::failed(format!("the server at {url}: {message}")),
    })
}

/// A verb that the server has not.
fn older<V: Verb>(url: &str, theirs: Option<&str>) -> Failure {
    let theirs = theirs.map_or_else(String::new, |theirs| format!(" (version {theirs})"));
    Failure::failed(format!(
        "the server at {url}{theirs} is older than this program ({OURS}): it cannot `{}`",
        V::NAME
    ))
    .hint("update the server, or use the command line of its version")
}

fn no_lucid(url: &str, status: u16) -> Failure {
    Failure::failed(format!("what answers at {url} is no `lucid serve` (status {status})"))
        .hint("see that the URL is the server's own, with the path that a proxy gives it")
}

#[cfg(test)]
mod tests {
    use lucid_verbs::ListSessions;
    use serde_json::{Value, json};

    use super::*;

    fn told(status: u16, error: Value) -> Failure {
        let body = json!({"type": "error", "error": error, "request_id": "req_1"}).to_string();
        read::<ListSessions>("http://x", status, None, body.as_bytes()).unwrap_err()
    }

    #[test]
    fn a_failure_is_what_it_was_there() {
        let lucid = json!({"version": "1.0.0", "kind": "denied", "message": "no", "hint": "ask"});
        let failure = told(400, json!({"type": "t", "message": "no (hint: ask)", "lucid": lucid}));
        assert_eq!(failure, Failure::denied("no").hint("ask"));
        let own = json!({"version": "1.0.0", "kind": "bug"});
        let failure = told(500, json!({"message": "its log says why", "lucid": own}));
        assert_eq!(failure, Failure::bug("its log says why"));
    }

    #[test]
    fn a_server_that_does_not_know_a_verb_is_older() {
        let known = json!({"message": "there is no verb", "lucid": {"version": "0.0.9"}});
        let routes = json!({"message": "there is no such route; the API's paths begin with /v1/"});
        assert!(told(404, known).message.contains("(version 0.0.9) is older"));
        assert!(told(404, routes).message.contains("is older"));
    }

    #[test]
    fn who_is_not_let_in_is_told_where_a_key_comes_from() {
        let failure = told(401, json!({"message": "send an API key"}));
        assert_eq!(failure.kind, FailureKind::Denied);
        assert!(failure.hint.unwrap().contains("LUCID_API_KEY"));
    }

    #[test]
    fn what_is_no_lucid_is_told_as_that() {
        for (status, body) in [(200, "<html>"), (302, ""), (404, "{}"), (502, "Bad Gateway")] {
            let failure = read::<ListSessions>("http://x", status, None, body.as_bytes());
            assert!(failure.unwrap_err().message.contains("no `lucid serve`"), "{status}");
        }
        let newer = read::<ListSessions>("http://x", 200, Some("9.0.0"), b"{\"data\": 1}");
        assert!(newer.unwrap_err().message.contains("version 9.0.0"));
        assert!(read::<ListSessions>("http://x", 200, None, b"[]").is_ok());
    }
}
