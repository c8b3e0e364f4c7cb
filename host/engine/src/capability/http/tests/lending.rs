//! What is lent to a request goes with that request, and what comes back has none of it.

use std::collections::BTreeSet;

use lucid_core::{Failure, Result};
use lucid_policy::http::{Domains, Origin, Target};

use super::*;
use crate::{Credentials, Lender, Lent, LentVariable, NotLent, UnusableCredential};

const OLD: &str = "Bearer canary-old-77";
const NEW: &str = "Bearer canary-new-77";
const VALUE: &str = "canary-value-77";
const PLACEHOLDER: &str = "lucid_secret_0";

/// Lends what it has now.
#[derive(Default)]
struct Keeper {
    /// The token for `http://127.0.0.1:8080`, and the one after it.
    token: Mutex<Option<&'static str>>,
    next: Option<&'static str>,
    variables: Vec<LentVariable>,
    broken: bool,
}

fn token(value: &str) -> Secret {
    let origin = Origin::parse("http://127.0.0.1:8080").unwrap();
    Secret::new(origin, "authorization", value).unwrap()
}

#[async_trait]
impl Credentials for Keeper {
    async fn lend(&self, target: &Target, _: &str) -> Result<Lent, NotLent> {
        if self.broken {
            let failure = Failure::failed("credential c could not be renewed").hint("make another");
            return Err(NotLent { failure, credential: Some(unusable()) });
        }
        let is_its = target.authority() == "127.0.0.1:8080";
        let header = self.token.lock().unwrap().filter(|_| is_its).map(token);
        let renewable = header.is_some() && self.next.is_some();
        Ok(Lent { header, renewable, variables: self.variables.clone() })
    }

    async fn renew(
        &self,
        target: &Target,
        path: &str,
        refused: &Lent,
    ) -> Result<Option<Lent>, NotLent> {
        assert_eq!(refused.header, self.token.lock().unwrap().map(token));
        *self.token.lock().unwrap() = self.next;
        self.lend(target, path).await.map(Some)
    }
}

fn unusable() -> UnusableCredential {
    let (vault_id, credential_id) = ("vlt_1".to_owned(), "vcrd_1".to_owned());
    UnusableCredential { vault_id, credential_id, is_unreached: true, message: "m".to_owned() }
}

fn variable(header: bool, body: bool) -> LentVariable {
    let (name, placeholder) = ("KEY".to_owned(), PLACEHOLDER.to_owned());
    LentVariable { name, placeholder, value: VALUE.to_owned(), header, body }
}

/// A caller to whom a keeper lends, and who may see these variables.
fn caller(network: FakeNetwork, keeper: Keeper, sees: &[&str]) -> (Caller, Arc<Keeper>) {
    let keeper = Arc::new(keeper);
    let Caller { network, session, effects } =
        Caller::new(network, &["127.0.0.1:8080", "127.0.0.1:8081", "*"]);
    let sees: BTreeSet<String> = sees.iter().map(|name| (*name).to_owned()).collect();
    let lender = Arc::new(Lender::new(keeper.clone()));
    let session = Arc::into_inner(session).unwrap().lending(Some(lender), sees);
    (Caller { network, session: Arc::new(session), effects }, keeper)
}

/// Answers, when it has seen this end, with all that it saw.
fn echo(end: &'static str) -> FakeNetwork {
    FakeNetwork::answering(move |seen| {
        let whole = seen.ends_with(end.as_bytes());
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", seen.len());
        whole.then(|| [head.as_bytes(), seen].concat())
    })
}

fn post(body: WasiBody, length: Option<&str>) -> Request<WasiBody> {
    let mut request = Request::post("http://127.0.0.1:8081/x").header("x-key", PLACEHOLDER);
    if let Some(length) = length {
        request = request.header("content-length", length);
    }
    request.body(body).unwrap()
}

#[tokio::test]
async fn what_is_lent_is_asked_for_at_each_request_and_goes_to_its_origin_alone() {
    let keeper = Keeper { token: Mutex::new(Some(OLD)), ..Keeper::default() };
    let (caller, keeper) = caller(echo("\r\n\r\n"), keeper, &[]);
    let mine = Request::get("http://127.0.0.1:8080/").header("Authorization", "mine");
    let got = caller.send(mine.body(empty()).unwrap()).await.unwrap();
    caller.get("http://127.0.0.1:8081/").await.unwrap();
    caller.get("http://a.example/").await.unwrap();
    *keeper.token.lock().unwrap() = None;
    caller.get("http://127.0.0.1:8080/").await.unwrap();
    let first = caller.network.seen(0);
    assert!(first.contains(&format!("authorization: {OLD}\r\n")), "{first}");
    assert!(!first.contains("mine") && first.contains("accept-encoding: identity"), "{first}");
    assert!(!got.text().contains("canary") && got.text().contains("****"), "{}", got.text());
    for other in 1..4 {
        assert!(!caller.network.seen(other).contains("canary"), "{}", caller.network.seen(other));
    }
}

#[tokio::test]
async fn a_placeholder_becomes_its_value_in_header_and_body() {
    let keeper = Keeper { variables: vec![variable(true, true)], ..Keeper::default() };
    let (caller, _) = caller(echo(" end"), keeper, &["KEY"]);
    let body = pieces(&["a lucid_se", "cret_0", " end"]);
    let got = caller.send(post(body, Some("20"))).await.unwrap();
    let seen = caller.network.seen(0);
    assert!(seen.contains(&format!("x-key: {VALUE}\r\n")), "{seen}");
    assert!(seen.ends_with(&format!("\r\n\r\na {VALUE} end")), "{seen}");
    assert!(seen.contains("content-length: 21\r\n") && !seen.contains(PLACEHOLDER), "{seen}");
    assert!(!got.text().contains("canary"), "{}", got.text());
}

#[tokio::test]
async fn a_value_is_put_only_where_it_was_lent_to_and_never_into_a_path() {
    for (header, body) in [(true, false), (false, true), (false, false)] {
        let keeper = Keeper { variables: vec![variable(header, body)], ..Keeper::default() };
        // Where nothing is put into it, the body comes in chunks.
        let network = FakeNetwork::answering(|seen| {
            let whole = seen.windows(4).any(|part| part == b" end");
            whole.then(|| OK.as_bytes().to_vec())
        });
        let (caller, _) = caller(network, keeper, &["KEY"]);
        let mut request = post(pieces(&["lucid_secret_0 end"]), None);
        *request.uri_mut() =
            format!("http://a.example/{PLACEHOLDER}?{PLACEHOLDER}").parse().unwrap();
        caller.send(request).await.unwrap();
        let seen = caller.network.seen(0);
        assert!(seen.starts_with(&format!("POST /{PLACEHOLDER}?{PLACEHOLDER} ")), "{seen}");
        assert_eq!(seen.contains(&format!("x-key: {VALUE}")), header, "{seen}");
        assert_eq!(seen.contains(&format!("{VALUE} end")), body, "{seen}");
    }
}

#[tokio::test]
async fn a_plugin_cannot_use_a_variable_that_it_may_not_see() {
    let keeper = Keeper { variables: vec![variable(true, true)], ..Keeper::default() };
    let (caller, _) = caller(echo("\r\n\r\n"), keeper, &["OTHER"]);
    let request = Request::get("http://a.example/").header("x-key", PLACEHOLDER);
    caller.send(request.body(empty()).unwrap()).await.unwrap();
    let seen = caller.network.seen(0);
    assert!(seen.contains(&format!("x-key: {PLACEHOLDER}")) && !seen.contains("canary"), "{seen}");
}

#[tokio::test]
async fn what_was_stored_in_an_earlier_turn_comes_back_masked() {
    let stored = format!("a {VALUE} {OLD}");
    let head = format!("HTTP/1.1 200 OK\r\nx-key: {VALUE}\r\ncontent-length: {}", stored.len());
    let answer = format!("{head}\r\n\r\n{stored}");
    // Each turn has a lender of its own, and this one asks for nothing that was lent; it may be
    // another plugin, too.
    for sees in [&["KEY"][..], &[]] {
        let (token, variables) = (Mutex::new(Some(OLD)), vec![variable(true, true)]);
        let keeper = Keeper { token, variables, ..Keeper::default() };
        let (caller, _) = caller(FakeNetwork::saying(answer.clone()), keeper, sees);
        let got = caller.get("http://127.0.0.1:8080/").await.unwrap();
        assert_eq!(got.text(), format!("a *************** {}", "*".repeat(OLD.len())));
        assert_eq!(got.headers["x-key"], "***************");
        assert!(!caller.network.seen(0).contains(VALUE), "{}", caller.network.seen(0));
    }
}

#[tokio::test]
async fn what_was_lent_comes_back_masked_also_when_there_is_another_value_by_then() {
    let stored = format!("a {OLD} {NEW}");
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{stored}", stored.len());
    let keeper = Arc::new(Keeper { token: Mutex::new(Some(OLD)), ..Keeper::default() });
    let lender = Arc::new(Lender::new(keeper.clone()));
    let stars = |text: &str| "*".repeat(text.len());
    // The next turn of a session has the same lender, whatever there is to lend by then.
    for (expected, next) in [
        (format!("a {} {NEW}", stars(OLD)), Some(NEW)),
        (format!("a {} {}", stars(OLD), stars(NEW)), None),
        (format!("a {} {}", stars(OLD), stars(NEW)), None),
    ] {
        let Caller { network, session, effects } =
            Caller::new(FakeNetwork::saying(answer.clone()), &["127.0.0.1:8080"]);
        let session = Arc::into_inner(session).unwrap();
        let session = Arc::new(session.lending(Some(lender.clone()), BTreeSet::new()));
        let caller = Caller { network, session, effects };
        assert_eq!(caller.get("http://127.0.0.1:8080/").await.unwrap().text(), expected);
        *keeper.token.lock().unwrap() = next;
    }
}

#[test]
fn what_is_remembered_is_bounded_and_the_newest_is_kept() {
    let lender = Lender::new(Arc::new(Keeper::default()));
    let value = |at: usize| format!("canary-{at}-{}", "x".repeat(8_000));
    let lent = |at| {
        let variables = vec![LentVariable { value: value(at), ..variable(true, true) }];
        Lent { variables, ..Lent::default() }
    };
    for at in 0..100 {
        lender.remember(&lent(0));
        lender.remember(&lent(at));
    }
    let redactor = lender.redactor();
    assert!(redactor.bytes() <= 256 << 10, "{}", redactor.bytes());
    let is_masked = |at| !redactor.mask(&value(at)).contains("canary");
    assert!(is_masked(0) && is_masked(98) && is_masked(99), "what is lent still is remembered");
    assert!(!is_masked(1));
}

#[tokio::test]
async fn a_packed_answer_is_refused_where_something_could_have_been_lent_before() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx";
    let keeper = Keeper { variables: vec![variable(true, true)], ..Keeper::default() };
    let (caller, _) = caller(FakeNetwork::saying(answer), keeper, &["KEY"]);
    let request = Request::get("http://a.example/").header("accept-encoding", "gzip");
    let refused = caller.send(request.body(empty()).unwrap()).await;
    assert!(matches!(refused, Err(Error::HttpResponseContentCoding(_))), "{refused:?}");
    let seen = caller.network.seen(0);
    assert!(seen.contains("accept-encoding: identity") && !seen.contains("gzip"), "{seen}");
}

#[tokio::test]
async fn a_value_with_line_breaks_is_masked_when_it_comes_back_in_json() {
    let value = "canary-first\ncanary-second".to_owned();
    let keeper = Keeper {
        variables: vec![LentVariable { value, ..variable(false, true) }],
        ..Keeper::default()
    };
    let stored = r#"{"key":"canary-first\ncanary-second"}"#;
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{stored}", stored.len());
    let (caller, _) = caller(FakeNetwork::saying(answer), keeper, &["KEY"]);
    let got = caller.get("http://a.example/").await.unwrap();
    assert_eq!(got.text(), format!(r#"{{"key":"{}"}}"#, "*".repeat(27)));
}

/// Lends a token to every server, and another where that is refused.
struct Generous;

#[async_trait]
impl Credentials for Generous {
    async fn lend(&self, target: &Target, _: &str) -> Result<Lent, NotLent> {
        let Target { secure, host, port } = target.clone();
        let header = Secret::new(Origin { secure, host, port }, "authorization", OLD)?;
        Ok(Lent { header: Some(header), renewable: true, ..Lent::default() })
    }

    async fn renew(&self, _: &Target, _: &str, _: &Lent) -> Result<Option<Lent>, NotLent> {
        Err(Failure::failed("there is no other").into())
    }
}

#[tokio::test]
async fn a_plugin_that_may_send_anywhere_is_lent_no_token() {
    let echoed = format!("HTTP/1.1 401 x\r\ncontent-length: {}\r\n\r\n{OLD}", OLD.len());
    for (granted, is_lent) in [
        (&["*"][..], false),
        (&["b.example", "a.example:8080", "*"], false),
        (&["a.example", "*"], true),
    ] {
        let Caller { network, session, effects } =
            Caller::new(FakeNetwork::saying(echoed.clone()), granted);
        let lender = Some(Arc::new(Lender::new(Arc::new(Generous))));
        let session = Arc::into_inner(session).unwrap().lending(lender, BTreeSet::new());
        let caller = Caller { network, session: Arc::new(session), effects };
        let got = caller.get("http://a.example/").await.unwrap();
        // What it reads is masked all the same.
        assert_eq!(got.text(), "*".repeat(OLD.len()));
        assert_eq!(caller.network.seen(0).contains(OLD), is_lent, "{}", caller.network.seen(0));
        // A refusal of what was not lent is the server's answer and nothing else.
        assert_eq!(caller.denials().len(), usize::from(is_lent));
    }
}

#[tokio::test]
async fn a_long_body_is_filled_as_it_comes() {
    let long: &'static str = Box::leak("x".repeat(200 << 10).into_boxed_str());
    let keeper = Keeper { variables: vec![variable(true, true)], ..Keeper::default() };
    let (caller, _) = caller(echo("0\r\n\r\n"), keeper, &["KEY"]);
    let body = pieces(&[long, long, "lucid_sec", "ret_0!", long, "lucid_secret_0"]);
    caller.send(post(body, None)).await.unwrap();
    let seen = caller.network.seen(0);
    assert!(seen.contains("transfer-encoding: chunked"));
    assert_eq!(seen.matches(VALUE).count(), 3, "one in the header");
    assert!(!seen.contains(PLACEHOLDER));
}

#[tokio::test]
async fn a_request_whose_credential_is_refused_is_sent_once_more_with_a_newer_one() {
    let refusing = |taken: &'static str| {
        FakeNetwork::answering(move |seen| {
            let text = std::str::from_utf8(seen).unwrap();
            let status = if text.contains(taken) { "200 OK" } else { "401 Unauthorized" };
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            text.ends_with("body").then(|| answer.into_bytes())
        })
    };
    for (taken, status) in [(NEW, 200), ("nothing", 401)] {
        let token = Mutex::new(Some(OLD));
        let keeper = Keeper { token, next: Some(NEW), ..Keeper::default() };
        let (caller, _) = caller(refusing(taken), keeper, &[]);
        let request = Request::post("http://127.0.0.1:8080/").body(pieces(&["a ", "body"]));
        let got = caller.send(request.unwrap()).await.unwrap();
        assert_eq!((got.status.as_u16(), caller.network.connections().len()), (status, 2));
        assert!(caller.network.seen(0).contains(OLD) && caller.network.seen(1).contains(NEW));
        assert!(caller.network.seen(1).ends_with("a body"), "{}", caller.network.seen(1));
        assert_eq!(caller.session.meter.requests(), 2);
    }
}

#[tokio::test]
async fn what_cannot_be_lent_is_not_sent_and_says_why() {
    let (caller, _) =
        caller(FakeNetwork::saying(OK), Keeper { broken: true, ..Keeper::default() }, &[]);
    let refused = caller.get("http://127.0.0.1:8080/").await;
    assert!(matches!(refused, Err(Error::HttpRequestDenied)), "{refused:?}");
    assert!(caller.network.connections().is_empty());
    // Once for the call, however often it asks.
    assert!(caller.get("http://127.0.0.1:8080/").await.is_err());
    let effects = caller.effects.take();
    let (denials, credentials) = (effects.denied, effects.unusable);
    assert_eq!((denials.len(), denials[0].rule.as_str()), (1, "credential"));
    assert_eq!(denials[0].hint, "credential c could not be renewed; make another");
    assert_eq!(credentials, [unusable()]);
}

#[tokio::test]
async fn a_request_has_to_satisfy_each_list_of_domains() {
    let Caller { network, session, effects } = Caller::new(FakeNetwork::saying(OK), &["*"]);
    let list = |name: &str| Some(vec![name.to_owned()]);
    let lists = [
        Domains::new(list("a.example"), Vec::new()).unwrap(),
        Domains::new(None, vec!["b.a.example".to_owned()]).unwrap(),
    ];
    let session = Arc::into_inner(session).unwrap().narrowed(lists.into());
    let caller = Caller { network, session: Arc::new(session), effects };
    assert!(caller.get("http://x.a.example/").await.is_ok());
    for other in ["http://d.example/", "http://c.example/", "http://b.a.example/"] {
        assert!(caller.get(other).await.is_err(), "{other}");
    }
    assert_eq!(caller.network.connections().len(), 1);
    let rules: Vec<_> = caller.denials().into_iter().map(|denial| denial.rule).collect();
    assert_eq!(rules, ["domain_not_allowed", "domain_not_allowed", "domain_blocked"]);
}

#[test]
fn what_is_lent_is_not_printed() {
    let lent =
        Lent { header: Some(token(OLD)), renewable: true, variables: vec![variable(true, true)] };
    let lender = Lender::new(Arc::new(Keeper::default()));
    let shown = format!("{lent:?} {lender:?}");
    assert!(shown.contains("KEY") && !shown.contains("canary"), "{shown}");
}
