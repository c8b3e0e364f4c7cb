use serde_json::json;

use super::*;
use crate::read::{body, value};
use crate::vault::TokenEndpointAuth;

const NOW: Timestamp = Timestamp(1_000);
const LATER: &str = "2026-11-22T10:00:00.000Z";

fn create(auth: Value) -> Result<NewCredential> {
    let create = value(json!({"auth": auth}))?;
    Credential::create("vcrd_01".into(), "vlt_01".into(), create, NOW)
}

fn update(before: &Credential, auth: Value) -> Result<NewCredential> {
    before.clone().updated(value(json!({"auth": auth}))?, Timestamp(2_000))
}

fn oauth() -> Value {
    json!({
        "type": "mcp_oauth", "mcp_server_url": "https://mcp.example.com/",
        "access_token": "canary1", "expires_at": LATER, "refresh": {
            "refresh_token": "canary2", "token_endpoint": "https://auth.example.com/token",
            "client_id": "me", "scope": "read", "token_endpoint_auth": {
                "type": "client_secret_post", "client_secret": "canary3"}}})
}

fn bearer() -> Value {
    json!({"type": "static_bearer", "mcp_server_url": "https://a.test", "token": "canary1"})
}

fn variable() -> Value {
    json!({"type": "environment_variable", "secret_name": "API_KEY", "secret_value": "canary1",
        "networking": {"type": "limited", "allowed_hosts": ["api.test"]}})
}

/// With another value at a place.
fn with(mut auth: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    auth.pointer_mut(parent).unwrap()[name] = value;
    auth
}

#[test]
fn a_credential_shows_how_it_is_used_and_none_of_its_secrets() {
    let NewCredential { credential, secrets } = create(oauth()).unwrap();
    let expected = json!({
        "id": "vcrd_01", "type": "vault_credential", "vault_id": "vlt_01", "display_name": null,
        "metadata": {}, "auth": {
            "type": "mcp_oauth", "mcp_server_url": "https://mcp.example.com/", "expires_at": LATER,
            "refresh": {"client_id": "me", "token_endpoint": "https://auth.example.com/token",
                "token_endpoint_auth": {"type": "client_secret_post"}, "scope": "read",
                "resource": null}},
        "created_at": "1970-01-01T00:00:01.000Z", "updated_at": "1970-01-01T00:00:01.000Z",
        "archived_at": null,
    });
    assert_eq!(serde_json::to_value(&credential).unwrap(), expected);
    assert_eq!(serde_json::from_value::<Credential>(expected).unwrap(), credential);
    let names: Vec<_> = secrets.keys().map(|field| field.as_str()).collect();
    assert_eq!(names, ["access_token", "refresh_token", "client_secret"]);

    let auth = |given| serde_json::to_value(create(given).unwrap().credential.auth).unwrap();
    assert_eq!(
        auth(bearer()),
        json!({"type": "static_bearer", "mcp_server_url": "https://a.test"})
    );
    let expected = json!({"type": "environment_variable", "secret_name": "API_KEY",
        "networking": {"type": "limited", "allowed_hosts": ["api.test"]},
        "injection_location": {"header": true, "body": true}});
    assert_eq!(auth(variable()), expected);
    let open = with(variable(), "/networking", json!({"type": "unrestricted"}));
    assert_eq!(auth(open)["networking"], json!({"type": "unrestricted"}));
}

#[test]
fn no_answer_repeats_what_may_be_a_secret() {
    let wrong = [
        json!("canary"),
        json!(["canary"]),
        json!({"type": "canary"}),
        json!({"type": "static_bearer", "mcp_server_url": "https://a.test", "token": ["canary"]}),
        json!({"type": "static_bearer", "mcp_server_url": "https://a.test", "other": "canary"}),
        with(bearer(), "/token", json!("canary with spaces")),
        with(bearer(), "/token", json!("canary\nheader: x")),
        with(bearer(), "/mcp_server_url", json!("https://u:canary@a.test")),
        with(oauth(), "/refresh", json!("canary")),
        with(oauth(), "/refresh/token_endpoint_auth", json!("canary")),
        with(oauth(), "/refresh/token_endpoint_auth", json!({"type": "canary"})),
        with(oauth(), "/expires_at", json!("canary")),
        with(oauth(), "/access_token", json!({"x": "canary"})),
        with(variable(), "/secret_name", json!("canary-1")),
        with(variable(), "/secret_value", json!("canary\u{0}")),
        with(variable(), "/networking", json!("canary")),
        with(variable(), "/networking", json!({"type": "limited", "allowed_hosts": ["canary/"]})),
        with(variable(), "/injection_location", json!("canary")),
    ];
    let credential = create(bearer()).unwrap().credential;
    for auth in wrong {
        let error = create(auth.clone()).unwrap_err();
        assert_eq!(error.status, 400, "{auth}");
        assert!(!error.to_body("req_1").to_string().contains("canary"), "{auth}: {error}");
        assert!(error.message.starts_with("auth"), "{auth}: {error}");
        let error = update(&credential, auth.clone()).unwrap_err();
        assert!(!error.to_body("req_1").to_string().contains("canary"), "{auth}: {error}");
    }
    let read: CredentialCreate = body(json!({"auth": bearer()}).to_string().as_bytes()).unwrap();
    let shown = format!("{read:?} {:?}", create(oauth()).unwrap());
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn a_credential_is_made_only_of_what_fits() {
    let wrong = [
        with(bearer(), "/token", json!("")),
        with(bearer(), "/token", json!("x".repeat(8_001))),
        with(bearer(), "/type", json!("other")),
        with(oauth(), "/expires_at", json!("1970-01-01T00:00:01Z")),
        with(oauth(), "/refresh/token_endpoint", json!("http://auth.example.com/token")),
        with(oauth(), "/refresh/client_id", json!("")),
        with(oauth(), "/refresh/token_endpoint_auth", json!({"type": "client_secret_post"})),
        with(variable(), "/secret_name", json!("1KEY")),
        with(variable(), "/secret_name", json!("")),
        with(variable(), "/injection_location", json!(null)),
        with(variable(), "/networking/allowed_hosts", json!(vec!["h"; 17])),
    ];
    for auth in wrong {
        assert!(create(auth.clone()).is_err(), "{auth}");
    }
    for field in ["mcp_server_url", "token"] {
        let mut auth = bearer();
        auth.as_object_mut().unwrap().remove(field);
        let error = create(auth).unwrap_err();
        assert!(error.message.contains(field), "{error}");
    }
    let none = with(oauth(), "/refresh/token_endpoint_auth", json!({"type": "none"}));
    assert!(!create(none).unwrap().secrets.contains_key(&SecretField::ClientSecret));
    for nulls in [with(oauth(), "/refresh", json!(null)), with(oauth(), "/expires_at", json!(null))]
    {
        assert!(create(nulls).is_ok());
    }
}

#[test]
fn whom_it_is_for_never_changes() {
    let of = |auth| create(auth).unwrap().credential;
    let cases = [
        (of(oauth()), json!({"type": "mcp_oauth", "mcp_server_url": "https://other.test"})),
        (of(oauth()), json!({"type": "mcp_oauth", "refresh": {"client_id": "you"}})),
        (
            of(oauth()),
            json!({"type": "mcp_oauth", "refresh": {"token_endpoint": "https://o.test"}}),
        ),
        (of(oauth()), json!({"type": "static_bearer", "token": "x"})),
        (of(bearer()), json!({"type": "static_bearer", "mcp_server_url": "https://a.test"})),
        (of(variable()), json!({"type": "environment_variable", "secret_name": "API_KEY"})),
        (of(bearer()), json!(null)),
    ];
    for (credential, auth) in cases {
        assert_eq!(update(&credential, auth.clone()).unwrap_err().status, 400, "{auth}");
    }
}

#[test]
fn a_change_replaces_secrets_and_keeps_what_it_does_not_name() {
    let before = create(oauth()).unwrap().credential;
    let auth = json!({"type": "mcp_oauth", "access_token": "new", "expires_at": null, "refresh": {
        "scope": "",
        "token_endpoint_auth": {"type": "client_secret_basic", "client_secret": "s"}}});
    let NewCredential { credential, secrets } = update(&before, auth).unwrap();
    let fields: Vec<_> = secrets.iter().map(|(field, secret)| (*field, secret.reveal())).collect();
    assert_eq!(fields, [(SecretField::AccessToken, "new"), (SecretField::ClientSecret, "s")]);
    let Auth::McpOauth { expires_at, refresh, .. } = &credential.auth else { panic!() };
    let refresh = refresh.as_ref().unwrap();
    assert_eq!((expires_at, &refresh.scope), (&None, &None));
    assert_eq!(refresh.token_endpoint_auth, TokenEndpointAuth::ClientSecretPost);
    assert_eq!(credential.updated_at, Timestamp(2_000));

    let kept = json!({"type": "mcp_oauth", "access_token": null, "refresh": null});
    let kept = update(&before, kept).unwrap();
    assert!(kept.secrets.is_empty());
    assert_eq!(kept.credential.auth, before.auth);

    let plain = with(oauth(), "/refresh", json!(null));
    let plain = create(plain).unwrap().credential;
    assert!(update(&plain, json!({"type": "mcp_oauth", "refresh": {"scope": "x"}})).is_err());
    let none = with(oauth(), "/refresh/token_endpoint_auth", json!({"type": "none"}));
    let none = create(none).unwrap().credential;
    let auth = json!({"type": "mcp_oauth", "refresh": {"token_endpoint_auth": {
        "type": "client_secret_basic", "client_secret": "s"}}});
    assert!(update(&none, auth).is_err());
}

#[test]
fn a_token_that_was_had_anew_has_its_own_end() {
    let before = create(oauth()).unwrap().credential;
    let answer = br#"{"access_token": "new", "refresh_token": "next", "expires_in": 60}"#;
    let refreshed = Refreshed::read(answer).unwrap();
    let NewCredential { credential, secrets } = before.refreshed(&refreshed, NOW).unwrap();
    let Auth::McpOauth { expires_at, .. } = &credential.auth else { panic!() };
    assert_eq!((*expires_at, secrets.len()), (Some(Timestamp(61_000)), 2));
    let endless = Refreshed { expires_in: Some(u64::MAX), ..refreshed };
    assert!(credential.clone().refreshed(&endless, NOW).is_ok());
    assert!(credential.archived(NOW).refreshed(&endless, NOW).is_err());
    assert!(create(bearer()).unwrap().credential.refreshed(&endless, NOW).is_err());
}

#[test]
fn the_places_of_a_secret_are_merged_and_its_hosts_replaced() {
    let before = create(variable()).unwrap().credential;
    let auth = json!({"type": "environment_variable", "injection_location": {"body": false},
        "networking": {"type": "unrestricted"}});
    let after = update(&before, auth).unwrap().credential;
    let shown = serde_json::to_value(&after.auth).unwrap();
    assert_eq!(shown["injection_location"], json!({"header": true, "body": false}));
    assert_eq!(shown["networking"], json!({"type": "unrestricted"}));
    for location in [json!({"header": false}), json!(null)] {
        let auth = json!({"type": "environment_variable", "injection_location": location});
        assert!(update(&after, auth).is_err());
    }
}

#[test]
fn what_is_archived_does_not_change() {
    let credential = create(bearer()).unwrap().credential.archived(Timestamp(3));
    assert_eq!(credential.archived_at, Some(Timestamp(3)));
    let update: CredentialUpdate = value(json!({"display_name": "x"})).unwrap();
    assert_eq!(credential.updated(update, NOW).unwrap_err().status, 400);
}

#[test]
fn a_vault_holds_20_credentials() {
    assert!(Credential::must_fit(CREDENTIALS_MAX - 1).is_ok());
    assert!(Credential::must_fit(CREDENTIALS_MAX).is_err());
}

#[test]
fn two_spellings_of_a_server_have_one_key() {
    let other = with(bearer(), "/mcp_server_url", json!("HTTPS://A.test:443//"));
    let key = |auth| create(auth).unwrap().credential.auth.key();
    assert_eq!(key(bearer()), key(other));
    assert_ne!(key(bearer()), key(variable()));
}
