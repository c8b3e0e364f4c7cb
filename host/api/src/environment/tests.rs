use serde_json::json;

use super::*;

fn create(body: Value) -> Result<Environment> {
    let id = EnvironmentId::parse("env_01A").unwrap();
    Environment::create(crate::read::value(body)?, id, Timestamp(1_000))
}

fn config(config: Value) -> Result<Value> {
    let environment = create(json!({"name": "dev", "config": config}))?;
    Ok(serde_json::to_value(environment.config).unwrap())
}

fn update(environment: &Environment, body: Value) -> Result<Option<Environment>> {
    environment.update(crate::read::value(body)?, Timestamp(2_000))
}

fn code(error: &ApiError) -> &str {
    error.fields["details"]["error_code"].as_str().unwrap()
}

#[test]
fn an_environment_is_written_as_the_api_writes_it() {
    let expected = json!({"id": "env_01A", "type": "environment", "name": "dev",
        "description": null, "config": {"type": "cloud", "networking": {"type": "unrestricted"},
        "packages": {"type": "packages", "apt": [], "cargo": [], "gem": [], "go": [], "npm": [],
            "pip": []}}, "metadata": {}, "scope": "organization",
        "created_at": "1970-01-01T00:00:01.000Z", "updated_at": "1970-01-01T00:00:01.000Z",
        "archived_at": null});
    let written = serde_json::to_value(create(json!({"name": "dev"})).unwrap()).unwrap();
    assert_eq!(written, expected);
    let read: Environment = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), written);
    assert!(!read.is_self_hosted());
}

#[test]
fn a_config_comes_back_with_everything_filled_in() {
    assert_eq!(config(json!({"type": "self_hosted"})).unwrap(), json!({"type": "self_hosted"}));
    let limited = config(json!({"type": "cloud", "networking": {"type": "limited",
        "allowed_hosts": ["*.example.com"], "allow_mcp_servers": null}}))
    .unwrap();
    assert_eq!(
        limited["networking"],
        json!({"type": "limited",
        "allowed_hosts": ["*.example.com"], "allow_mcp_servers": false,
        "allow_package_managers": false})
    );
    let packages = config(json!({"type": "cloud", "packages":
        {"type": "packages", "pip": ["pandas==2.2.0"], "npm": null}}))
    .unwrap();
    assert_eq!(packages["packages"]["pip"], json!(["pandas==2.2.0"]));
    assert_eq!(packages["packages"]["npm"], json!([]));
    assert_eq!(config(packages.clone()).unwrap(), packages, "an answer can be sent back");
}

#[test]
fn a_config_that_makes_no_sense_is_refused() {
    let hosts = |host: String| {
        let networking = json!({"type": "limited", "allowed_hosts": [host]});
        json!({"type": "cloud", "networking": networking})
    };
    for right in ["example.com", "a", "*.example.com", "127.0.0.1"] {
        assert!(config(hosts(right.into())).is_ok(), "{right}");
    }
    for wrong in ["", "*", "*.", "https://example.com", "example.com:80", "a/b", "a.*.b", "a..b"] {
        assert!(config(hosts(wrong.into())).is_err(), "{wrong}");
    }
    assert!(config(hosts("a".repeat(63))).is_ok() && config(hosts("a".repeat(64))).is_err());
    let package = |name: String| json!({"type": "cloud", "packages": {"apt": [name]}});
    assert!(config(package("a".repeat(256))).is_ok());
    for wrong in [String::new(), "a".repeat(257), "-y".into(), "a\nb".into()] {
        assert!(config(package(wrong.clone())).is_err(), "{wrong:?}");
    }
    for wrong in [
        json!({"type": "moon"}),
        json!({}),
        json!({"type": "self_hosted", "packages": null}),
        json!({"type": "cloud", "networking": {"type": "none"}}),
        json!({"type": "cloud", "networking": {"type": "unrestricted", "allowed_hosts": []}}),
        json!({"type": "cloud", "packages": {"brew": []}}),
        json!({"type": "cloud", "packages": {"type": "parcels"}}),
        json!({"type": "cloud", "size": 3}),
        json!({"type": "cloud", "networking": {"type": "limited"}, "packages": {"apt": ["jq"]}}),
    ] {
        assert!(config(wrong.clone()).is_err(), "{wrong}");
    }
    assert!(
        config(json!({"type": "cloud", "packages": {"apt": ["jq"]}, "networking":
        {"type": "limited", "allow_package_managers": true}}))
        .is_ok()
    );
}

#[test]
fn texts_have_the_lengths_of_the_api() {
    let named = |n: usize| create(json!({"name": "ä".repeat(n)}));
    assert!(named(1).is_ok() && named(256).is_ok() && named(0).is_err() && named(257).is_err());
    let told = |n: usize| create(json!({"name": "a", "description": "ä".repeat(n)}));
    assert!(told(1_024).is_ok() && told(1_025).is_err());
    assert_eq!(told(0).unwrap().description.as_deref(), Some(""), "empty is not none here");
    assert!(create(json!({"name": "a", "scope": "organization"})).is_ok());
    assert!(create(json!({"name": "a", "scope": "account"})).is_err());
    assert!(create(json!({"name": "a", "colour": 1})).is_err());
}

#[test]
fn bad_metadata_has_its_code() {
    for wrong in [json!({"a": 3}), json!({"": "x"}), json!({"a": "x".repeat(513)})] {
        let error = create(json!({"name": "a", "metadata": wrong})).unwrap_err();
        assert_eq!(code(&error), "invalid_metadata");
        let error = update(&create(json!({"name": "a"})).unwrap(), json!({"metadata": wrong}));
        assert_eq!(code(&error.unwrap_err()), "invalid_metadata");
    }
}

#[test]
fn what_an_update_leaves_out_stays() {
    let before = create(json!({"name": "dev", "description": "d", "metadata": {"a": "1", "b": "2",
        "c": "3"}, "config": {"type": "cloud", "packages": {"pip": ["x"]}, "networking":
        {"type": "limited", "allowed_hosts": ["a.com"], "allow_package_managers": true}}}))
    .unwrap();
    let next = |body: Value| update(&before, body).unwrap().expect("something changes");
    let after = next(json!({"name": "ops", "metadata": {"a": null, "b": "", "d": "4"}}));
    assert_eq!((after.name.as_str(), after.updated_at), ("ops", Timestamp(2_000)));
    assert_eq!((&after.config, &after.description), (&before.config, &before.description));
    assert_eq!(serde_json::to_value(after.metadata).unwrap(), json!({"c": "3", "d": "4"}));
    assert_eq!(next(json!({"description": null})).description, None);
    assert_eq!(next(json!({"description": ""})).description.as_deref(), Some(""));
    let after = next(json!({"config": {"type": "cloud", "packages": {"apt": ["jq"]},
        "networking": {"type": "limited", "allow_mcp_servers": true}}}));
    let written = serde_json::to_value(after.config).unwrap();
    assert_eq!(written["networking"]["allowed_hosts"], json!(["a.com"]));
    assert_eq!(written["networking"]["allow_mcp_servers"], json!(true));
    assert_eq!(
        (&written["packages"]["pip"], &written["packages"]["apt"]),
        (&json!(["x"]), &json!(["jq"]))
    );
    let closed = json!({"config": {"type": "cloud",
        "networking": {"type": "limited", "allow_package_managers": false}}});
    assert!(update(&before, closed).is_err(), "packages are left over");
    for same in [
        json!({}),
        json!({"name": null, "config": null, "scope": null}),
        json!({"config": {"type": "cloud"}}),
        json!({"metadata": {"x": null}}),
    ] {
        assert_eq!(update(&before, same.clone()).unwrap(), None, "{same}");
    }
}

#[test]
fn the_type_of_an_environment_stays() {
    let cloud = create(json!({"name": "a"})).unwrap();
    let own = create(json!({"name": "a", "config": {"type": "self_hosted"}})).unwrap();
    for (environment, other) in [(&cloud, "self_hosted"), (&own, "cloud")] {
        let error = update(environment, json!({"config": {"type": other}})).unwrap_err();
        assert_eq!((error.status, code(&error)), (400, "invalid_config_type_change"));
    }
    assert_eq!(update(&own, json!({"config": {"type": "self_hosted"}})).unwrap(), None);
}

#[test]
fn an_archived_environment_stays_as_it_is() {
    let archived = create(json!({"name": "a"})).unwrap().archived(Timestamp(3_000));
    assert_eq!(archived.archived_at, Some(Timestamp(3_000)));
    assert_eq!(archived.archived(Timestamp(4_000)), archived);
    let error = update(&archived, json!({"name": "b"})).unwrap_err();
    assert_eq!((error.status, code(&error)), (400, "environment_archived"));
    assert!(archived.check_not_archived().is_err());
}
