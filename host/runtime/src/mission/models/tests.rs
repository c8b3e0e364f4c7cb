//! What settings of models may say, and where keys come from and go.

use lucid_engine::{Engine, EngineOptions};
use lucid_model::Prices;

use super::*;
use crate::mission::{LimitChanges, VariableSource};
use crate::plugins::{Bundled, Loaded};

const CANARY: &str = "sk-canary-5e1c7a90";

fn section(text: &str) -> ModelSection {
    toml::from_str(text).unwrap()
}

fn claude() -> ModelName {
    ModelName::Anthropic("claude-small".to_owned())
}

fn read(text: &str) -> Result<RemoteSettings> {
    settings(&Source::of(text), claude(), &section(text))
}

#[track_caller]
fn refused(text: &str, line: usize, says: &str) {
    let Err(failure) = read(text) else { panic!("{text} is read") };
    let place = format!("mission.toml:{line}: ");
    assert!(failure.message.starts_with(&place), "{text}: {failure}");
    assert!(failure.message.contains(says), "{text}: {failure}");
    assert!(failure.hint.is_some(), "{text}");
}

#[test]
fn what_is_not_set_is_as_it_is_everywhere() {
    let settings = read("").unwrap();
    assert_eq!(settings.connect_timeout_ms, 10_000);
    assert_eq!(settings.idle_timeout_ms, 120_000);
    assert_eq!(settings.request_timeout_ms, 600_000);
    assert_eq!((settings.base_url, settings.proxy), (None, None));
    assert_eq!((settings.max_output_tokens, settings.thinking_tokens), (None, None));
    assert_eq!(settings.context_tokens, None);
}

#[test]
fn every_setting_is_read_with_its_unit() {
    let text = "base_url = \"https://models.example.org/v1\"\n\
                proxy = \"http://proxy.example.org:3128\"\n\
                connect_timeout_ms = \"5 s\"\n\
                idle_timeout_ms = \"1 min\"\n\
                request_timeout_ms = \"1 h\"\n\
                max_output_tokens = 8_192\n\
                thinking_tokens = 2_048\n\
                context_tokens = 200_000\n";
    let settings = read(text).unwrap();
    assert_eq!(settings.base_url.as_deref(), Some("https://models.example.org/v1"));
    assert_eq!(settings.proxy.as_deref(), Some("http://proxy.example.org:3128"));
    assert_eq!(settings.connect_timeout_ms, 5_000);
    assert_eq!(settings.idle_timeout_ms, 60_000);
    assert_eq!(settings.request_timeout_ms, 3_600_000);
    assert_eq!(settings.max_output_tokens, Some(8_192));
    assert_eq!(settings.thinking_tokens, Some(2_048));
    assert_eq!(settings.context_tokens, Some(200_000));
}

#[test]
fn settings_that_make_no_sense_are_refused_at_their_line() {
    refused("\nconnect_timeout_ms = 0", 2, "connect_timeout_ms");
    refused("idle_timeout_ms = \"2 days\"", 1, "2 days");
    refused("request_timeout_ms = \"25 h\"", 1, "90000000");
    refused("max_output_tokens = -1", 1, "-1");
    refused("\nmax_output_tokens = \"8 KiB\"", 2, "8 KiB");
    refused("thinking_tokens = 1_000", 1, "1000");
    refused("max_output_tokens = 2_048\nthinking_tokens = 2_048", 2, "2048");
    refused("context_tokens = 0", 1, "context_tokens");
    let text = "\nthinking_tokens = 2_048";
    let openai = settings(&Source::of(text), ModelName::OpenAi("big".into()), &section(text));
    assert!(openai.unwrap_err().message.starts_with("mission.toml:2: `thinking_tokens`"));
}

#[test]
fn a_server_is_reached_in_the_clear_on_this_machine_alone() {
    let plain = |url: &str| format!("base_url = \"{url}\"");
    for here in ["http://127.0.0.1:8080", "http://localhost:11434/v1", "http://[::1]:8080/"] {
        assert!(read(&plain(here)).is_ok(), "{here}");
    }
    let away = ["http://models.example.org", "http://192.168.0.7:8000/v1", "http://0.0.0.0:80"];
    for away in away {
        refused(&plain(away), 1, "no TLS");
        assert!(read(&format!("{}\ninsecure = true", plain(away))).is_ok(), "{away}");
        let secure = away.replace("http://", "https://");
        assert!(read(&plain(&secure)).is_ok(), "{secure}");
    }
    let here = plain("http://127.0.0.1:8080");
    refused(&format!("{here}\nproxy = \"http://proxy.example.org:3128\""), 1, "no TLS");
    assert!(read(&format!("{here}\nproxy = \"http://127.0.0.1:3128\"")).is_ok());
}

#[test]
fn what_is_no_url_is_refused_and_its_password_not_shown() {
    for setting in ["base_url", "proxy"] {
        let cases = [
            ("models.example.org", "https://"),
            ("", "https://"),
            ("ftp://models.example.org", "`http` and `https`"),
            ("https://", "host"),
            ("https:///v1", "host"),
            ("https://127.1/v1", "host"),
            ("https://two words/", "host"),
            ("https://models.example.org:0", "port"),
            ("https://models.example.org:99999/v1", "port"),
            ("https://models.example.org/v1?key=7", "`?`"),
            ("https://models.example.org/v1#x", "`#`"),
            ("https://models.example.org//other", "path"),
            ("https://models.example.org/a b", "path"),
        ];
        for (url, says) in cases {
            refused(&format!("\n{setting} = \"{url}\""), 2, says);
        }
        let text = format!("{setting} = \"https://{CANARY}:{CANARY}@models.example.org/\"");
        refused(&text, 1, "user or password");
        assert!(!format!("{:?}", read(&text)).contains("canary"));
    }
}

fn value(text: &str) -> Value {
    let table: toml::Table = format!("key = {text}").parse().unwrap();
    table["key"].clone()
}

#[test]
fn a_key_is_kept_in_a_variable_or_in_a_file() {
    let variable = value("{ env = \"API_KEY_2\" }");
    assert_eq!(KeyPlace::read(&variable), Ok(KeyPlace::Variable("API_KEY_2")));
    let file = value("{ file = \"keys/a.txt\" }");
    assert_eq!(KeyPlace::read(&file), Ok(KeyPlace::File("keys/a.txt")));
}

#[test]
fn a_key_that_was_written_down_is_not_repeated() {
    let wrong = [
        format!("\"{CANARY}\""),
        format!("{{ env = \"{CANARY}\" }}"),
        format!("{{ value = \"{CANARY}\" }}"),
        format!("{{ env = \"API_KEY\", file = \"{CANARY}\" }}"),
        format!("{{ env = [\"{CANARY}\"] }}"),
        format!("[\"{CANARY}\"]"),
        "{}".to_owned(),
        "{ env = \"\" }".to_owned(),
        "{ env = \"2_KEY\" }".to_owned(),
    ];
    for text in wrong {
        let refused = KeyPlace::read(&value(&text)).unwrap_err();
        assert!(!format!("{refused:?}").contains("canary"), "{refused:?}");
        assert!(refused.hint.unwrap().contains("env = "), "{text}");
    }
}

#[test]
fn what_cannot_be_a_key_is_refused_and_not_repeated() {
    assert!(check_key(format!("{CANARY}\r\n")).is_ok());
    let long = format!("canary{}", "x".repeat(8 << 10));
    for text in ["", " \n", "canary canary", "canary\ncanary", "canary\u{e9}", &long] {
        let refused = check_key(text.to_owned()).unwrap_err();
        assert!(!format!("{refused:?}").contains("canary"), "{refused:?}");
    }
}

/// What a mission with this section of a `claude-…` model gives as its key, where the usual
/// variable and another are set.
fn found(written: &str, set: &[&str]) -> Result<bool> {
    let engine = Engine::new(EngineOptions::standard())?;
    let set: Vec<String> = set.iter().map(|name| (*name).to_owned()).collect();
    let lookup = move |name: &str| set.iter().any(|set| set == name).then(|| CANARY.to_owned());
    let loading = Loading {
        engine: &engine,
        bundled: &Bundled::new(Vec::new()),
        loaded: &Loaded::default(),
        variables: &VariableSource::new(lookup),
        limits: &LimitChanges::default(),
        transports: &http_transport,
        offline: false,
        prices: Prices::bundled(),
    };
    let folder = Path::new("no-such-folder");
    let key = key(&Source::of(written), folder, &loading, &section(written), &claude(), &(0..0))?;
    assert!(!format!("{key:?}").contains("canary"));
    Ok(key.is_some())
}

#[test]
fn the_usual_key_goes_to_its_provider_and_to_no_server_that_a_mission_names() {
    assert_eq!(found("", &["ANTHROPIC_API_KEY"]), Ok(true));
    let elsewhere = "base_url = \"https://models.example.org\"\n";
    assert_eq!(found(elsewhere, &["ANTHROPIC_API_KEY"]), Ok(false));
    let named = format!("{elsewhere}key = {{ env = \"OTHER\" }}");
    assert_eq!(found(&named, &["ANTHROPIC_API_KEY", "OTHER"]), Ok(true));
    let missing = found(&named, &["ANTHROPIC_API_KEY"]).unwrap_err();
    assert!(missing.message.starts_with("mission.toml:2: model `claude-small`"), "{missing}");
    assert!(missing.message.contains("OTHER"), "{missing}");
}

#[test]
fn a_key_that_is_missing_is_told_with_its_variable() {
    let missing = found("", &["OPENAI_API_KEY"]).unwrap_err();
    assert!(missing.message.contains("ANTHROPIC_API_KEY"), "{missing}");
    assert!(missing.hint.unwrap().contains("ANTHROPIC_API_KEY="));
    let missing = found("\nkey = { file = \"../key.txt\" }", &[]).unwrap_err();
    assert!(missing.message.starts_with("mission.toml:2: model `claude-small`"), "{missing}");
    assert!(missing.message.contains("../key.txt"), "{missing}");
}

fn checked(text: &str) -> Result<()> {
    check(&Source::of(text), &toml::from_str(text).unwrap())
}

const MISSION: &str = "name = \"m\"\nlead = \"a\"\nmessage = \"m\"\n[agents.a]\n\
                       model = \"claude-small\"\n[plugins.judge]\nmodel = \"openai:big\"\n";

#[test]
fn settings_for_a_model_that_nobody_names_are_refused() {
    for used in ["claude-small", "openai:big"] {
        let text = format!("{MISSION}[models.\"{used}\"]\nconnect_timeout_ms = \"1 s\"\n");
        assert_eq!(checked(&text), Ok(()), "{used}");
    }
    let cases = [
        ("claude-smal", "", "8: nobody uses"),
        ("openai:small", "", "8: nobody uses"),
        ("plugin:echo", "", "8: model `plugin:echo`"),
        ("gpt", "", "8: no such model"),
        ("openai:big", "max_output_tokens = 0", "9: `max_output_tokens`"),
        ("openai:big", "key = \"sk-canary\"", "9: `key`"),
    ];
    for (name, line, says) in cases {
        let refused = checked(&format!("{MISSION}[models.\"{name}\"]\n{line}\n")).unwrap_err();
        assert!(refused.message.starts_with(&format!("mission.toml:{says}")), "{refused}");
        assert!(refused.hint.is_some());
        assert!(!format!("{refused:?}").contains("canary"));
    }
}
