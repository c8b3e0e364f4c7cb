//! Credentials of vaults reach their servers, and nothing that anybody can read.

use std::fs;

use super::*;

const TOKEN: &str = "canary-token-4f81";
const VALUE: &str = "canary-value-4f81";
const LATER: &str = "2126-11-22T10:00:00Z";

/// An agent that has a plugin as its server.
pub(super) fn with_plugin(plugin: &str) -> Value {
    let allow = json!({"type": "always_allow"});
    json!({
        "mcp_servers": [{"type": "url", "name": "it", "url": format!("plugin:{plugin}")}],
        "tools": [{"type": "mcp_toolset", "mcp_server_name": "it",
            "default_config": {"enabled": true, "permission_policy": allow}}],
    })
}

/// An agent that may fetch pages, with these settings.
fn with_web(settings: &Value) -> Value {
    let mut fetch = json!({"name": "web_fetch", "enabled": true});
    for (name, value) in settings.as_object().unwrap() {
        fetch[name] = value.clone();
    }
    json!({"tools": [{"type": "agent_toolset_20260401", "default_config": {"enabled": false},
        "configs": [fetch]}]})
}

fn vault(server: &Served, credentials: &[Value]) -> (String, Vec<String>) {
    let vault = server.make("/v1/vaults", &json!({"display_name": "mine"}));
    let path = format!("/v1/vaults/{vault}/credentials");
    let ids = credentials.iter().map(|auth| server.make(&path, &json!({ "auth": auth })));
    let paths = ids.map(|id| format!("{path}/{id}")).collect();
    (vault, paths)
}

fn bearer(peer: &Peer, path: &str, token: &str) -> Value {
    let url = format!("http://{}{path}", peer.host);
    json!({"type": "static_bearer", "mcp_server_url": url, "token": token})
}

/// What the ledger of a session gets: where its peer is, and whose account it is. One that is
/// left empty is the session's own.
fn ledger(peer: &Peer, run: &str) -> String {
    let host = &peer.host;
    format!(
        "[plugins.ledger-tool]\nfiles = \"read-write\"\nhttp = [\"{host}\"]\n\
         environment = {{ PEER = \"{host}\", RUN = \"{run}\" }}\n"
    )
}

fn fetches(peers: &[&Peer]) -> String {
    let hosts: Vec<_> = peers.iter().map(|peer| format!("\"{}\"", peer.host)).collect();
    format!("[plugins.web-fetch]\nhttp = [{}]\n", hosts.join(", "))
}

/// Files below a folder that hold a text.
fn holding(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(folder) {
        // The server is at work: what it has taken away since holds nothing.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return found,
        entries => entries.unwrap(),
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else if let Ok(bytes) = fs::read(&path)
            && bytes.windows(text.len()).any(|part| part == text.as_bytes())
        {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_sends_the_credentials_of_its_vaults_until_they_are_archived() {
    // It sends back all that it was sent.
    let peer = Peer::new(|request| ("200 OK", request.to_owned()));
    let server = Served::new(&ledger(&peer, "")).await;
    let variable = json!({"type": "environment_variable", "secret_name": "RUN",
        "secret_value": VALUE, "networking": {"type": "unrestricted"}});
    let (second, _) = vault(&server, &[bearer(&peer, "", "canary-second")]);
    let (first, credentials) = vault(&server, &[bearer(&peer, "", TOKEN), variable]);
    let script = "call list {}\nsay One: {result}\ncall list {}\nsay Two: {result}";
    let session = server.session(script, &with_plugin("ledger-tool"), &[&first, &second]);
    server.say(&session).await;
    let heard = peer.heard().remove(0);
    assert!(heard.contains(&format!("authorization: Bearer {TOKEN}\r\n")), "{heard}");
    // What the guest has is the placeholder, which it put where nothing is put in.
    assert!(heard.starts_with("GET /lucid_secret_"), "{heard}");
    assert!(!heard.contains(VALUE), "{heard}");
    server.post(&format!("{}/archive", credentials[0]), &json!({}));
    server.post(&format!("/v1/vaults/{second}/archive"), &json!({}));
    let events = json!(server.say(&session).await).to_string();
    let heard = peer.heard().remove(1);
    assert!(!heard.contains("authorization"), "{heard}");
    assert!(events.contains("Two: GET /lucid_secret_") && events.contains("***"), "{events}");
    assert!(!events.contains("canary"), "{events}");
    assert!(!server.lines.lock().unwrap().contains("canary"));
    assert_eq!(holding(server.folder(), "canary"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credential_goes_to_its_own_server_and_never_along_with_a_redirect() {
    let other = Peer::new(|_| ("200 OK\r\ncontent-type: text/plain", "elsewhere".to_owned()));
    let to = other.host.clone();
    let peer = Peer::new(move |request| match request.starts_with("GET /mcp/moved ") {
        // A header line behind the status: where it leads.
        true => (
            Box::leak(format!("302 Found\r\nlocation: http://{to}/x").into_boxed_str()),
            String::new(),
        ),
        false => ("200 OK\r\ncontent-type: text/plain", "here".to_owned()),
    });
    let server = Served::new(&fetches(&[&peer, &other])).await;
    let (vault, _) = vault(&server, &[bearer(&peer, "/mcp", TOKEN)]);
    let url = |path: &str| json!({"url": format!("http://{}{path}", peer.host)});
    let (moved, beside) = (url("/mcp/moved"), url("/mcpx"));
    let script = format!("call web_fetch {moved}\ncall web_fetch {beside}\nsay Done.");
    let session = server.session(&script, &with_web(&json!({})), &[&vault]);
    let events = json!(server.say(&session).await).to_string();
    assert!(events.contains("elsewhere"), "{events}");
    let heard = peer.heard();
    assert!(heard[0].contains(TOKEN) && !heard[1].contains(TOKEN), "{heard:?}");
    assert_eq!(other.heard().len(), 1);
    assert!(!other.heard()[0].contains(TOKEN), "{:?}", other.heard());
}

/// A credential of OAuth for a peer that has its token endpoint as well.
fn oauth(peer: &Peer) -> Value {
    json!({"type": "mcp_oauth", "mcp_server_url": format!("http://{}", peer.host),
        "access_token": "canary-old-4f81", "expires_at": LATER, "refresh": {
            "refresh_token": "canary-refresh-4f81", "client_id": "me",
            "token_endpoint": format!("http://{}/token", peer.host),
            "token_endpoint_auth": {"type": "none"}}})
}

/// Takes no token but this one, which its token endpoint gives or does not give.
fn guarded(token: &'static str, gives: bool) -> Peer {
    Peer::new(move |request| match request.starts_with("POST /token ") {
        true if gives => {
            ("200 OK", json!({"access_token": token, "expires_in": 3_600}).to_string())
        }
        true => ("400 Bad Request", request.to_owned()),
        false if request.contains(&format!("Bearer {token}\r\n")) => ("200 OK", "paid".to_owned()),
        false => ("401 Unauthorized", "who?".to_owned()),
    })
}

fn asked_for_tokens(peer: &Peer) -> usize {
    peer.heard().iter().filter(|request| request.starts_with("POST /token ")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_refused_is_had_anew_once_for_all_calls_and_kept() {
    let peer = guarded("canary-new-4f81", true);
    let server = Served::new(&ledger(&peer, "nobody")).await;
    let (vault, credentials) = vault(&server, &[oauth(&peer)]);
    let script = "call list {}\nand call list {}\nand call list {}\nsay {result}";
    let session = server.session(script, &with_plugin("ledger-tool"), &[&vault]);
    let events = json!(server.say(&session).await).to_string();
    assert_eq!(events.matches("\"paid\"").count(), 4, "{events}");
    assert_eq!(asked_for_tokens(&peer), 1);
    assert!(!events.contains("canary"), "{events}");
    assert_ne!(server.get(&credentials[0])["auth"]["expires_at"], LATER);
    assert_eq!(holding(server.folder(), "canary"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_is_told_of_a_token_that_could_not_be_had() {
    let peer = guarded("canary-new-4f81", false);
    let server = Served::new(&ledger(&peer, "nobody")).await;
    let (vault, credentials) = vault(&server, &[oauth(&peer)]);
    let script = "call list {}\ncall list {}\nsay Done.";
    let session = server.session(script, &with_plugin("ledger-tool"), &[&vault]);
    let events = server.say(&session).await;
    let errors = errors(&events);
    let events = json!(events).to_string();
    let id = credentials[0].rsplit('/').next().unwrap();
    assert!(events.contains(id) && events.contains("could not be renewed"), "{events}");
    assert!(events.contains("its token endpoint refused"), "{events}");
    assert!(!events.contains("canary"), "{events}");
    // What failed a moment ago is not tried again at once.
    assert_eq!(asked_for_tokens(&peer), 1);
    // Each call that went without has an error behind its result, and the turn goes on.
    assert_eq!(errors.len(), 2, "{events}");
    for error in errors {
        assert_eq!(error["type"], "mcp_authentication_failed_error");
        assert!(error["mcp_server_name"].as_str().is_some_and(|name| !name.is_empty()), "{error}");
        assert_eq!(error["retry_status"], json!({"type": "retrying"}));
        assert!(error["message"].as_str().unwrap().contains(id), "{error}");
    }
    assert!(events.contains("Done."), "{events}");
}

/// The errors in a session's log.
fn errors(events: &[Value]) -> Vec<Value> {
    let errors = events.iter().filter(|event| event["type"] == "session.error");
    errors.map(|event| event["error"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_endpoint_that_is_not_reached_is_told_with_its_credential() {
    let peer = Peer::new(|_| ("401 Unauthorized", "who?".to_owned()));
    let mut auth = oauth(&peer);
    // Nobody listens there.
    auth["refresh"]["token_endpoint"] = json!("http://127.0.0.1:1/token");
    let server = Served::new(&ledger(&peer, "nobody")).await;
    let (vault, credentials) = vault(&server, &[auth]);
    let script = "call list {}\nsay Done.";
    let session = server.session(script, &with_plugin("ledger-tool"), &[&vault]);
    let events = server.say(&session).await;
    let errors = errors(&events);
    assert_eq!(errors.len(), 1, "{events:?}");
    assert_eq!(errors[0]["type"], "credential_host_unreachable_error");
    assert_eq!(errors[0]["credential_id"], credentials[0].rsplit('/').next().unwrap());
    assert_eq!(errors[0]["vault_id"], vault);
    assert_eq!(errors[0]["retry_status"], json!({"type": "retrying"}));
    let events = json!(events).to_string();
    assert!(events.contains("Done.") && !events.contains("canary"), "{events}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_refuses_every_token_does_not_make_the_host_ask_for_many() {
    // What its token endpoint gives it does not take either.
    let peer = Peer::new(|request| match request.starts_with("POST /token ") {
        true => ("200 OK", json!({"access_token": "canary-new-4f81"}).to_string()),
        false => ("401 Unauthorized", "who?".to_owned()),
    });
    let server = Served::new(&ledger(&peer, "nobody")).await;
    let (vault, _) = vault(&server, &[oauth(&peer)]);
    let script = "call list {}\ncall list {}\ncall list {}\nsay Done.";
    let session = server.session(script, &with_plugin("ledger-tool"), &[&vault]);
    let events = json!(server.say(&session).await).to_string();
    assert!(events.contains("it was renewed a moment ago"), "{events}");
    assert!(!events.contains("canary"), "{events}");
    assert_eq!(asked_for_tokens(&peer), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_stored_with_a_server_in_one_turn_is_masked_in_the_next() {
    // What was put into a body or a header of an earlier turn; nothing of this one has it.
    let peer = Peer::new(|_| ("200 OK", format!("stored: {VALUE}")));
    let server = Served::new(&ledger(&peer, "")).await;
    let variable = json!({"type": "environment_variable", "secret_name": "RUN",
        "secret_value": VALUE, "networking": {"type": "unrestricted"}});
    let (vault, _) = vault(&server, &[variable]);
    let script = "call list {}\nsay One: {result}";
    let session = server.session(script, &with_plugin("ledger-tool"), &[&vault]);
    let events = json!(server.say(&session).await).to_string();
    assert!(!peer.heard().remove(0).contains(VALUE));
    assert!(events.contains("One: stored: ***") && !events.contains("canary"), "{events}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_fetches_from_its_own_domains_and_no_more_than_it_may() {
    let long = "a long page ".repeat(100);
    let peer = Peer::new(move |_| ("200 OK\r\ncontent-type: text/plain", long.clone()));
    let server = Served::new(&fetches(&[&peer])).await;
    let script =
        format!("call web_fetch {}\nsay Done.", json!({"url": format!("http://{}/", peer.host)}));
    let told = async |settings: Value| {
        let session = server.session(&script, &with_web(&settings), &[]);
        json!(server.say(&session).await).to_string()
    };
    let events = told(json!({"allowed_domains": ["example.org"]})).await;
    assert!(events.contains("domain_not_allowed"), "{events}");
    assert!(peer.heard().is_empty());
    let events = told(json!({"blocked_domains": ["example.org"], "max_content_tokens": 40})).await;
    assert!(events.contains("a long page a long") && events.contains("120 bytes"), "{events}");
    assert!(!events.contains(&"a long page ".repeat(20)), "{events}");
}
