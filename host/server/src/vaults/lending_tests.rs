use serde_json::{Value, json};

use super::*;
use crate::documents::New;
use crate::testing::TestServer;

/// A server, and what it lends to a session with two vaults; `paths` are those of the vaults.
struct Lending {
    server: TestServer,
    paths: Vec<String>,
    credentials: Arc<dyn Credentials>,
}

impl Lending {
    async fn new(credentials: [Vec<Value>; 2], self_hosted: bool) -> Self {
        let server = TestServer::new().await;
        let (mut paths, mut vault_ids) = (Vec::new(), Vec::new());
        for auths in credentials {
            let (_, vault) = server.post("/v1/vaults", json!({"display_name": "v"})).await;
            let id = vault["id"].as_str().unwrap().to_owned();
            let path = format!("/v1/vaults/{id}");
            for auth in auths {
                let path = format!("{path}/credentials");
                let (status, made) = server.post(&path, json!({ "auth": auth })).await;
                assert_eq!(status, 200, "{made}");
            }
            paths.push(path);
            vault_ids.push(id);
        }
        let space = server.app.spaces.default.clone();
        let id = space.new_id(SessionId::new);
        let now = space.clock.now();
        let local = SessionRecord::local("a", None, "", [].into(), now).unwrap();
        let value = &SessionRecord { vault_ids, self_hosted, ..local };
        let new = New { id: id.as_str(), parent: None, key: None, created_at: now, value };
        space.create(SESSION, new).await.unwrap();
        let credentials = lends(&space, server.app.reach.clone())(&id);
        Self { server, paths, credentials }
    }

    /// The token that goes to a URL, and the names of the values that may.
    async fn lent(&self, scheme: &str, authority: &str) -> (Option<String>, Vec<String>) {
        let target = Target::parse(scheme, authority).unwrap();
        let lent = self.credentials.lend(&target, "/mcp/x").await.unwrap();
        let value = lent.header.map(|header| header.value().to_owned());
        let told = |variable: LentVariable| format!("{}={}", variable.name, variable.value);
        (value, lent.variables.into_iter().map(told).collect())
    }

    async fn archive(&self, vault: usize) {
        let path = format!("{}/archive", self.paths[vault]);
        assert_eq!(self.server.post(&path, Value::Null).await.0, 200);
    }
}

fn bearer(url: &str, token: &str) -> Value {
    json!({"type": "static_bearer", "mcp_server_url": url, "token": token})
}

fn variable(name: &str, value: &str, networking: &Value) -> Value {
    json!({"type": "environment_variable", "secret_name": name, "secret_value": value,
        "networking": networking})
}

fn some(token: &str) -> Option<String> {
    Some(format!("Bearer {token}"))
}

#[tokio::test]
async fn the_first_vault_with_a_match_wins_and_in_it_the_longest_path() {
    let first = vec![bearer("https://a.test", "whole"), bearer("https://a.test/mcp", "mcp")];
    let second = vec![bearer("https://a.test/mcp/x", "longer"), bearer("https://b.test", "b")];
    let lending = Lending::new([first, second], false).await;
    assert_eq!(lending.lent("https", "a.test").await.0, some("mcp"));
    assert_eq!(lending.lent("https", "b.test").await.0, some("b"));
    for (scheme, other) in [("http", "a.test"), ("https", "a.test:8443"), ("https", "c.test")] {
        assert_eq!(lending.lent(scheme, other).await.0, None, "{scheme} {other}");
    }
    // What is archived is passed over at once.
    lending.archive(0).await;
    assert_eq!(lending.lent("https", "a.test").await.0, some("longer"));
    lending.archive(1).await;
    assert_eq!(lending.lent("https", "a.test").await.0, None);
}

#[tokio::test]
async fn a_value_goes_to_the_hosts_that_its_credential_names_and_through_tls() {
    let limited = json!({"type": "limited", "allowed_hosts": ["*.a.test"]});
    let anywhere = json!({"type": "unrestricted"});
    let all = || {
        let first = vec![variable("ONE", "1", &limited)];
        [first, vec![variable("ONE", "other", &anywhere), variable("TWO", "2", &anywhere)]]
    };
    let lending = Lending::new(all(), false).await;
    for (scheme, host, expected) in [
        ("https", "x.a.test", vec!["ONE=1", "TWO=2"]),
        ("https", "a.test", vec!["TWO=2"]),
        ("http", "x.a.test", vec![]),
        ("http", "127.0.0.1:8080", vec!["TWO=2"]),
    ] {
        assert_eq!(lending.lent(scheme, host).await.1, expected, "{scheme} {host}");
    }
    // What a worker runs gets its environment from the worker.
    let lending = Lending::new(all(), true).await;
    assert_eq!(lending.lent("https", "x.a.test").await.1, Vec::<String>::new());
}
