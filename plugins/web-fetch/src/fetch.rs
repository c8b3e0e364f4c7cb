//! From a URL to a page, through redirects.

use crate::client::{Answer, Client, NoAnswer};
use crate::media;
use crate::page::{Fetched, Unreadable};
use crate::url::{Fault, Url, shown};
use lucid_sdk::tool::ToolError;

/// How many redirects are followed.
pub const REDIRECTS_MAX: usize = 5;

/// Bytes of one page that are read: a call may receive 8 MiB in all.
pub const PAGE_BYTES_MAX: usize = 4 << 20;

/// Fetches a page, and each page that it leads to, one after the other: whoever sends them
/// decides on every one.
///
/// # Errors
/// Each begins with a word that programs can read, as Messages API tools have them:
/// `invalid_tool_input`, `url_too_long`, `url_not_allowed`, `url_not_accessible`,
/// `too_many_requests`, `unsupported_content_type`.
pub fn fetch<C: Client>(client: &C, url: &str) -> Result<String, ToolError> {
    let asked = Url::parse(url).map_err(|fault| not_a_url(url, &fault))?;
    let mut at = asked.clone();
    for _ in 0..=REDIRECTS_MAX {
        let answer = client.get(&at).map_err(|why| no_answer(&why, &at, &asked))?;
        match redirect(&answer) {
            Some(to) => at = next(&at, &to)?,
            None => return page(answer, &at, &asked),
        }
    }
    let what = format!("url_not_accessible: {} leads through", asked.shown());
    Err(ToolError::Failed(format!("{what} more than {REDIRECTS_MAX} redirects")))
}

/// Where an answer sends whoever asked.
fn redirect(answer: &impl Answer) -> Option<String> {
    if !matches!(answer.status(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    answer.field("location").filter(|location| !location.trim().is_empty())
}

/// The URL of a redirect, if it is one that is followed.
fn next(at: &Url, to: &str) -> Result<Url, ToolError> {
    let from = at.shown();
    let to = at.join(to).map_err(|fault| {
        let what = format!("{from} redirects to {}", shown(&visible(to)));
        match fault {
            Fault::Scheme(_) => {
                ToolError::Denied(format!("url_not_allowed: {what}; only http and https are asked"))
            }
            Fault::Form(why) => ToolError::Failed(format!("url_not_accessible: {what}: {why}")),
            Fault::Length => ToolError::Failed(format!("url_too_long: {what}")),
        }
    })?;
    if at.secure && !to.secure {
        // Whoever stands in between could write there what they like.
        let what = format!("{from} redirects to {}, without TLS", to.shown());
        let hint = "ask for that URL itself, if it is enough";
        return Err(ToolError::Failed(format!("url_not_accessible: {what}: {hint}")));
    }
    Ok(to)
}

fn page(answer: impl Answer, at: &Url, asked: &Url) -> Result<String, ToolError> {
    let shown = at.shown();
    let failed = |what: String| Err(ToolError::Failed(what));
    match answer.status() {
        200..=299 => {}
        status @ (404 | 410) => {
            let what = format!("url_not_accessible: {shown} answered {status}: no such page");
            return Err(ToolError::NotFound(what));
        }
        status @ 429 => return failed(format!("too_many_requests: {shown} answered {status}")),
        status => return failed(format!("url_not_accessible: {shown} answered {status}")),
    }
    let unsupported = |what: String| failed(format!("unsupported_content_type: {shown} {what}"));
    let media = match media::of(answer.field("content-type").as_deref()) {
        Ok(media) => media,
        Err(name) => {
            return unsupported(format!("is {name}; HTML, text, JSON and XML are read"));
        }
    };
    let packed = answer.field("content-encoding").map(|coding| coding.trim().to_lowercase());
    if let Some(packed) = packed.filter(|coding| !matches!(coding.as_str(), "" | "identity")) {
        return unsupported(format!("is packed ({}), though nobody asked", visible(&packed)));
    }
    let (bytes, more) = match answer.body(PAGE_BYTES_MAX) {
        Ok(read) => read,
        Err(why) => return failed(format!("url_not_accessible: {shown}: {why}")),
    };
    let asked = (at != asked).then_some(asked);
    let fetched = Fetched { url: at, asked, media: &media, bytes: &bytes, more };
    fetched.text().or_else(|why| match why {
        Unreadable::Charset(name) => {
            let known = "UTF-8, UTF-16, ISO-8859-1 and Windows-1252 are read";
            unsupported(format!("is written in {}; {known}", visible(&name)))
        }
        Unreadable::Binary => unsupported(format!("says it is `{}`, and is no text", media.name)),
    })
}

fn not_a_url(url: &str, fault: &Fault) -> ToolError {
    let url = shown(&visible(url));
    ToolError::InvalidInput(match fault {
        Fault::Scheme(_) => format!("invalid_tool_input: `{url}`: only http and https are asked"),
        Fault::Form(why) => format!("invalid_tool_input: `{url}` is no URL: {why}"),
        Fault::Length => format!("url_too_long: `{url}`"),
    })
}

fn no_answer(why: &NoAnswer, at: &Url, asked: &Url) -> ToolError {
    let mut what = at.shown();
    if at != asked {
        what.push_str(&format!(", where {} redirects to", asked.shown()));
    }
    match why {
        NoAnswer::Denied => {
            ToolError::Denied(format!("url_not_allowed: policy does not allow a request to {what}"))
        }
        NoAnswer::Failed(why) => ToolError::Failed(format!("url_not_accessible: {what}: {why}")),
    }
}

/// What somebody wrote, on one line.
fn visible(text: &str) -> String {
    text.chars().take(1_000).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
#[path = "fetch_tests.rs"]
mod tests;
