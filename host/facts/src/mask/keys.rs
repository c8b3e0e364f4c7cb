//! Keys that are known by their shape.

use super::{Span, follows, is_token, run};

/// How a key begins, what it is, and how many characters follow at least.
const PREFIXES: [(&str, &str, usize); 76] = [
    ("sk-ant-", "anthropic-key", 20),
    ("sk-proj-", "openai-key", 20),
    ("sk-svcacct-", "openai-key", 20),
    ("sk-admin-", "openai-key", 20),
    ("sk-or-v1-", "provider-key", 20),
    ("sk-lf-", "provider-key", 20),
    ("sk_live_", "stripe-key", 10),
    ("sk_test_", "stripe-key", 10),
    ("rk_live_", "stripe-key", 10),
    ("rk_test_", "stripe-key", 10),
    ("whsec_", "stripe-key", 20),
    ("sk-", "openai-key", 20),
    ("AKIA", "aws-key", 16),
    ("ASIA", "aws-key", 16),
    ("ABIA", "aws-key", 16),
    ("ACCA", "aws-key", 16),
    ("AIza", "google-key", 30),
    ("ya29.", "google-key", 20),
    ("GOCSPX-", "google-key", 20),
    ("ghp_", "github-token", 20),
    ("gho_", "github-token", 20),
    ("ghu_", "github-token", 20),
    ("ghs_", "github-token", 20),
    ("ghr_", "github-token", 20),
    ("github_pat_", "github-token", 20),
    ("glpat-", "gitlab-token", 16),
    ("gldt-", "gitlab-token", 16),
    ("glrt-", "gitlab-token", 16),
    ("glptt-", "gitlab-token", 16),
    ("glcbt-", "gitlab-token", 16),
    ("glsoat-", "gitlab-token", 16),
    ("xoxb-", "slack-token", 10),
    ("xoxp-", "slack-token", 10),
    ("xoxa-", "slack-token", 10),
    ("xoxr-", "slack-token", 10),
    ("xoxs-", "slack-token", 10),
    ("xoxe-", "slack-token", 10),
    ("xoxe.", "slack-token", 10),
    ("xapp-", "slack-token", 10),
    ("npm_", "npm-token", 30),
    ("pypi-", "pypi-token", 40),
    ("SG.", "provider-key", 30),
    ("key-", "provider-key", 32),
    ("rubygems_", "provider-key", 40),
    ("dckr_pat_", "provider-key", 20),
    ("hf_", "provider-key", 30),
    ("r8_", "provider-key", 30),
    ("gsk_", "provider-key", 30),
    ("xai-", "provider-key", 40),
    ("pplx-", "provider-key", 32),
    ("nvapi-", "provider-key", 32),
    ("tvly-", "provider-key", 20),
    ("shpat_", "provider-key", 30),
    ("shpca_", "provider-key", 30),
    ("shppa_", "provider-key", 30),
    ("shpss_", "provider-key", 30),
    ("dop_v1_", "provider-key", 40),
    ("doo_v1_", "provider-key", 40),
    ("dor_v1_", "provider-key", 40),
    ("hvs.", "provider-key", 20),
    ("hvb.", "provider-key", 20),
    ("lin_api_", "provider-key", 20),
    ("ntn_", "provider-key", 30),
    ("secret_", "provider-key", 40),
    ("figd_", "provider-key", 20),
    ("PMAK-", "provider-key", 30),
    ("tskey-", "provider-key", 20),
    ("dapi", "provider-key", 32),
    ("sq0atp-", "provider-key", 20),
    ("sq0csp-", "provider-key", 20),
    ("NRAK-", "provider-key", 20),
    ("glsa_", "provider-key", 30),
    ("sntrys_", "provider-key", 30),
    ("sntryu_", "provider-key", 30),
    ("AGE-SECRET-KEY-1", "private-key", 40),
    ("SK", "provider-key", 32),
];
/// No key is longer; what is, is data.
const KEY_BYTES_MAX: usize = 1024;
/// Longer user names and hosts are none.
const AUTHORITY_BYTES_MAX: usize = 512;
/// A lone user name that is this long is a token.
const TOKEN_BYTES_MIN: usize = 16;

/// Finds keys.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        // Inside of a longer token nothing begins: so each is read once.
        if at < from || follows(text, at, is_token) {
            continue;
        }
        if byte == b'-' && text.get(at..).is_some_and(|rest| rest.starts_with("-----BEGIN ")) {
            if let Some(end) = private_key(text, at) {
                spans.push(Span { range: at..end, kind: "private-key" });
                from = end;
            }
            continue;
        }
        let found = prefixed(text, at, byte).or_else(|| jwt(text, at)).or_else(|| bot(text, at));
        if let Some((end, kind)) = found {
            spans.push(Span { range: at..end, kind });
            from = end;
        }
    }
    for (at, _) in text.match_indices("://") {
        credentials(text, at + 3, spans);
    }
    for mark in ["hooks.slack.com/services/", "/api/webhooks/"] {
        for (at, _) in text.match_indices(mark) {
            let start = at + mark.len();
            let end = run(text, start, KEY_BYTES_MAX, |b| is_token(b) || b == b'/');
            if end - start >= 20 {
                spans.push(Span { range: start..end, kind: "provider-key" });
            }
        }
    }
}

fn prefixed(text: &str, at: usize, first: u8) -> Option<(usize, &'static str)> {
    let rest = text.get(at..)?;
    let (prefix, kind, least) = PREFIXES.iter().find(|(prefix, ..)| {
        prefix.as_bytes().first() == Some(&first) && rest.starts_with(prefix)
    })?;
    let start = at + prefix.len();
    let dotted = prefix.ends_with('.');
    let end = run(text, start, KEY_BYTES_MAX, |b| is_token(b) || (dotted && b == b'.'));
    let body = text.get(start..end)?;
    let digits = body.contains(|c: char| c.is_ascii_digit());
    let plain = match *prefix {
        // No separator sets these off from words, so their form has to.
        "AKIA" | "ASIA" | "ABIA" | "ACCA" => {
            body.len() == 16 && body.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        }
        "SK" | "dapi" | "key-" => body.len() == *least && body.bytes().all(is_small_hex) && digits,
        // A scikit of that name, a slug: a key has digits, and no word between each dash.
        "sk-" | "hf_" | "npm_" | "secret_" | "pypi-" | "xai-" => {
            digits && body.split(['-', '_']).any(|part| part.len() >= *least)
        }
        _ => digits || body.contains(|c: char| c.is_ascii_uppercase()),
    };
    (body.len() >= *least && plain).then_some((end, *kind))
}

fn is_small_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

/// `eyJ….eyJ….…`, signed or encrypted.
fn jwt(text: &str, at: usize) -> Option<(usize, &'static str)> {
    // Behind a dot it is a part of what began before, which was read already.
    if !text.get(at..)?.starts_with("eyJ") || follows(text, at, |b| b == b'.') {
        return None;
    }
    let end = run(text, at, 8 * KEY_BYTES_MAX, |b| is_token(b) || b == b'.');
    let parts: Vec<&str> = text.get(at..end)?.split('.').collect();
    let [first, second, ..] = parts.as_slice() else { return None };
    let is = parts.len() >= 3 && first.len() >= 10 && (second.len() >= 8 || parts.len() == 5);
    is.then_some((end, "jwt"))
}

/// The token of a Telegram bot: `123456789:` and 35 characters.
fn bot(text: &str, at: usize) -> Option<(usize, &'static str)> {
    // As a part of a URL it stands behind `bot`.
    let at = if text.get(at..)?.starts_with("bot") { at + 3 } else { at };
    let colon = run(text, at, 11, |b| b.is_ascii_digit());
    if !(8..=10).contains(&(colon - at)) || text.as_bytes().get(colon) != Some(&b':') {
        return None;
    }
    let end = run(text, colon + 1, KEY_BYTES_MAX, is_token);
    (end - colon - 1 == 35).then_some((end, "provider-key"))
}

/// The end of a private key that begins here. Its end may be missing, if it is one.
fn private_key(text: &str, at: usize) -> Option<usize> {
    let head = run(text, at + 11, 64, |b| b.is_ascii_uppercase() || b == b' ');
    let label = text.get(at + 11..head)?;
    let body = text.get(head..)?.strip_prefix("-----")?;
    if !label.contains("PRIVATE KEY") {
        return None;
    }
    let start = text.len() - body.len();
    let is_body = |c: char| c.is_alphanumeric() || c.is_whitespace() || "+/=:,.()\\".contains(c);
    let mut end = start;
    let mut rest = body;
    loop {
        let inside = rest.len() - rest.trim_start_matches(is_body).len();
        end += inside;
        rest = rest.get(inside..).unwrap_or_default();
        if let Some(tail) = rest.strip_prefix("-----END ") {
            let closed = run(tail, 0, 64, |b| b.is_ascii_uppercase() || b == b' ');
            let dashes = run(tail, closed, 5, |b| b == b'-');
            return Some(end + 9 + dashes);
        }
        // Headers such as `DEK-Info` have single dashes.
        if rest.starts_with('-') && !rest.starts_with("--") {
            end += 1;
            rest = rest.get(1..).unwrap_or_default();
        } else {
            break;
        }
    }
    let first = body.trim_start_matches(|c: char| c.is_whitespace() || c == '\\');
    let first = run(first, 0, 64, |b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
    (first >= 32).then_some(end)
}

/// The password of a URL, or its user where that is a token.
fn credentials(text: &str, start: usize, spans: &mut Vec<Span>) {
    let end = run(text, start, AUTHORITY_BYTES_MAX, |b| {
        !b.is_ascii_whitespace() && !b"/?#\"'<>`)]},;|\\".contains(&b)
    });
    // A byte limit may cut a character; then it is no authority.
    let Some(authority) = text.get(start..end) else { return };
    let Some((user, _)) = authority.rsplit_once('@') else { return };
    let (from, secret) = match user.split_once(':') {
        Some((name, password)) => (start + name.len() + 1, password),
        None if user.len() >= TOKEN_BYTES_MIN => (start, user),
        None => return,
    };
    let reference = secret.starts_with(['$', '{', '<', '*', '%']) || secret.is_empty();
    if !reference {
        spans.push(Span { range: from..from + secret.len(), kind: "url-credentials" });
    }
}
