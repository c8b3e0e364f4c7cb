//! What is known about a model behind a network before it is asked.

use lucid_core::{Failure, Result};
use reqwest::Url;

use crate::key::Key;
use crate::name::ModelName;

/// The settings of one model, as the mission and the command line give them.
///
/// [`RemoteSettings::new`] gives every default; a field that is `None` leaves the choice to
/// the provider's wire format or its table of models.
#[derive(Debug, Clone)]
pub struct RemoteSettings {
    /// The model.
    pub name: ModelName,
    /// Where its API is, such as `http://127.0.0.1:8080`; default the provider's own.
    pub base_url: Option<String>,
    /// The key; default none, which servers on one's own machine take.
    pub key: Option<Key>,
    /// The HTTP proxy every request goes through, default none. The environment's are not
    /// asked.
    pub proxy: Option<String>,
    /// The longest a connection may take to stand, in milliseconds; default 10,000.
    pub connect_timeout_ms: u64,
    /// The longest time without a byte from the server, in milliseconds; default 120,000.
    pub idle_timeout_ms: u64,
    /// The longest time for a whole answer, in milliseconds; default 600,000.
    pub request_timeout_ms: u64,
    /// The longest answer in tokens, also of a request that asks for more; default as it asks.
    pub max_output_tokens: Option<u32>,
    /// Of these, the tokens the model may think with; default as the model has it. Models that
    /// decide by themselves how much to think are only told that they may.
    pub thinking_tokens: Option<u32>,
    /// The model's window in tokens; default as the table of models says.
    pub context_tokens: Option<u64>,
}

/// Timeouts that are longer are mistakes: a week in milliseconds.
const TIMEOUT_MS_MAX: u64 = 7 * 24 * 60 * 60 * 1_000;

impl RemoteSettings {
    /// The defaults for a model.
    #[must_use]
    pub fn new(name: ModelName) -> Self {
        Self {
            name,
            base_url: None,
            key: None,
            proxy: None,
            connect_timeout_ms: 10_000,
            idle_timeout_ms: 120_000,
            request_timeout_ms: 600_000,
            max_output_tokens: None,
            thinking_tokens: None,
            context_tokens: None,
        }
    }

    /// How long an answer may be, in tokens, when a request asks for this many.
    pub(crate) fn answer_tokens(&self, asked: u32) -> u32 {
        self.max_output_tokens.map_or(asked, |most| most.min(asked)).max(1)
    }

    /// The base URL without a slash at its end.
    pub(crate) fn base(&self) -> &str {
        let own = match self.name {
            ModelName::OpenAi(_) => "https://api.openai.com",
            ModelName::Anthropic(_) | ModelName::Plugin(_) => "https://api.anthropic.com",
        };
        self.base_url.as_deref().unwrap_or(own).trim().trim_end_matches('/')
    }

    /// The base URL's host, with the port where it is not the scheme's: for messages.
    pub(crate) fn host(&self) -> String {
        let Ok(url) = Url::parse(self.base()) else { return String::from("an unknown host") };
        let host = url.host_str().unwrap_or_default();
        url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The environment variable that holds this provider's key, unless told otherwise.
    pub(crate) fn key_variable(&self) -> &'static str {
        match self.name {
            ModelName::OpenAi(_) => "OPENAI_API_KEY",
            ModelName::Anthropic(_) | ModelName::Plugin(_) => "ANTHROPIC_API_KEY",
        }
    }

    /// Where the mission file has this model's settings.
    pub(crate) fn place(&self) -> String {
        format!("[models.\"{}\"]", self.name)
    }

    /// Checks all that can be checked before anything is sent.
    ///
    /// # Errors
    /// Invalid, with the setting's name and what to write.
    pub(crate) fn check(&self) -> Result<()> {
        let place = self.place();
        check_url(self.base(), "base_url").map_err(|error| error.about(&place))?;
        if let Some(proxy) = &self.proxy {
            check_url(proxy, "proxy").map_err(|error| error.about(&place))?;
        }
        let times = [
            ("connect_timeout_ms", self.connect_timeout_ms),
            ("idle_timeout_ms", self.idle_timeout_ms),
            ("request_timeout_ms", self.request_timeout_ms),
        ];
        for (name, time_ms) in times {
            if !(1..=TIMEOUT_MS_MAX).contains(&time_ms) {
                return Err(Failure::invalid(format!("{place}: {name} is {time_ms} ms"))
                    .hint("give a time of 1 ms to 7 days"));
            }
        }
        let tokens = [
            ("max_output_tokens", self.max_output_tokens.map(u64::from)),
            ("thinking_tokens", self.thinking_tokens.map(u64::from)),
            ("context_tokens", self.context_tokens),
        ];
        for (name, number) in tokens {
            if number == Some(0) {
                return Err(Failure::invalid(format!("{place}: {name} is 0"))
                    .hint("leave it out for the default"));
            }
        }
        match &self.key {
            Some(key) if key.reveal().is_empty() => {
                Err(Failure::invalid(format!("{place}: the key is empty")).hint(self.key_hint()))
            }
            Some(key) if !key.reveal().bytes().all(|byte| byte.is_ascii_graphic()) => {
                Err(Failure::invalid(format!(
                    "{place}: the key has a character in it that no key has"
                ))
                .hint("a key is one word of plain letters, digits and signs: look for line breaks"))
            }
            _ => Ok(()),
        }
    }

    /// How the key is set. A server of one's own is sent the key that was written for it, and
    /// never the provider's by itself.
    pub(crate) fn key_hint(&self) -> String {
        let (variable, place) = (self.key_variable(), self.place());
        if self.base_url.is_some() {
            return format!(
                "write where this server's key is into `{place}`, such as \
                 `key = {{ env = \"{variable}\" }}`"
            );
        }
        format!("set the key in {variable}, or name where it is in `{place} key`")
    }
}

/// An absolute `http` or `https` URL. What it holds is not in the message: a password may be.
fn check_url(text: &str, name: &str) -> Result<()> {
    let wrong = |why: &str| {
        Err(Failure::invalid(format!("{name} {why}"))
            .hint("write it like `https://models.example.com` or `http://127.0.0.1:8080`"))
    };
    let Ok(url) = Url::parse(text) else { return wrong("is no URL") };
    if !matches!(url.scheme(), "http" | "https") {
        return wrong("is neither http nor https");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return wrong("names no host");
    }
    if name == "base_url" && !(url.username().is_empty() && url.password().is_none()) {
        return wrong("has a user or a password in it");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("has a `?` or a `#` in it");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> RemoteSettings {
        RemoteSettings::new(ModelName::Anthropic("claude-sonnet-5".into()))
    }

    #[test]
    fn the_defaults_are_sound() {
        settings().check().unwrap();
        RemoteSettings::new(ModelName::OpenAi("m".into())).check().unwrap();
        assert_eq!(settings().host(), "api.anthropic.com");
    }

    #[test]
    fn a_wrong_setting_is_named_and_quoted_without_secrets() {
        let check = |change: &dyn Fn(&mut RemoteSettings), expected: &str| {
            let mut settings = settings();
            change(&mut settings);
            let error = settings.check().unwrap_err();
            assert!(error.message.contains(expected), "{error}");
            assert!(error.message.contains("[models.\"claude-sonnet-5\"]"), "{error}");
            let hint = error.hint.unwrap();
            assert!(!format!("{}{hint}", error.message).contains("hush"), "{hint}");
        };
        check(&|it| it.base_url = Some("localhost:8080".into()), "base_url is neither");
        check(&|it| it.base_url = Some("models".into()), "base_url is no URL");
        check(&|it| it.base_url = Some("https://me:hush@host".into()), "a password");
        check(&|it| it.base_url = Some("https://host/?key=hush".into()), "`?`");
        check(&|it| it.proxy = Some("socks5://hush@host".into()), "proxy is neither");
        check(&|it| it.key = Some(Key::new(" \n")), "key is empty");
        check(&|it| it.key = Some(Key::new("hush\r\nx-other: 1")), "the key has a character");
        check(&|it| it.idle_timeout_ms = 0, "idle_timeout_ms is 0 ms");
        check(&|it| it.request_timeout_ms = u64::MAX, "request_timeout_ms is");
        check(&|it| it.thinking_tokens = Some(0), "thinking_tokens is 0");
    }

    #[test]
    fn a_host_is_told_with_a_port_of_its_own() {
        let mut settings = settings();
        settings.base_url = Some("http://127.0.0.1:8080/".into());
        assert_eq!(settings.host(), "127.0.0.1:8080");
        assert_eq!(settings.base(), "http://127.0.0.1:8080");
    }
}
