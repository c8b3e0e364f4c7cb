//! Secrets of a plugin: read when a mission is loaded, added by the host to requests to their
//! own origins, and masked in all that the plugin gives back.
//!
//! A plugin never has the value. A server that it asks may send it back, though, so whatever
//! comes out of a plugin with secrets is masked before it is written or shown.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use lucid_core::{Block, Completion, Failure, Result, ToolContent};
use lucid_engine::{Lender, LogLine, Report, ToolAnswer};
use lucid_policy::Secret;
use lucid_policy::http::{HostRule, Origin, Target, may_send};
use lucid_policy::redact::Redactor;
use toml::{Table, Value};

use super::file::PluginSection;
use super::files::read_kept;
use super::source::Source;

/// What a secret's table has.
const KEYS: [&str; 4] = ["origin", "header", "from", "prefix"];

/// The largest file with a secret in it, in bytes: twice the longest secret.
const FILE_BYTES_MAX: u64 = 16 << 10;

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Where environment variables are looked up. The command line gives one over its own
/// environment; nothing else of the host reads that (I3).
#[derive(Clone)]
pub struct VariableSource(Arc<Lookup>);

impl VariableSource {
    /// Looks variables up with a function: the value of a name, where it is set.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    pub(crate) fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }
}

impl Default for VariableSource {
    /// No variable is set.
    fn default() -> Self {
        Self::new(|_| None)
    }
}

/// Says nothing of what it could look up.
impl fmt::Debug for VariableSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("VariableSource")
    }
}

/// The secrets of one plugin, and what keeps them out of what it gives back.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    attached: Arc<[Secret]>,
    redactor: Redactor,
}

impl Secrets {
    /// Takes secrets for a plugin that may send to these hosts.
    ///
    /// # Errors
    /// Denied, when no grant covers a secret's origin; invalid, when two are for the same
    /// header field of one origin.
    pub fn new(secrets: Vec<Secret>, hosts: &[HostRule]) -> Result<Self> {
        for (number, secret) in secrets.iter().enumerate() {
            let origin = secret.origin();
            let Origin { secure, host, port } = origin.clone();
            if may_send(hosts, &Target { secure, host, port }).is_err() {
                return Err(Failure::denied(format!(
                    "a secret is for {origin}, where the plugin may not send"
                ))
                .hint(format!("grant it with `http = [\"{}\"]`", host_of(origin))));
            }
            let same =
                |other: &Secret| (other.origin(), other.header()) == (origin, secret.header());
            if secrets.iter().take(number).any(same) {
                return Err(Failure::invalid(format!(
                    "two secrets are for the header field `{}` of {origin}",
                    secret.header()
                ))
                .hint("leave one of them"));
            }
        }
        let redactor = Redactor::of(&secrets);
        Ok(Self { attached: secrets.into(), redactor })
    }

    /// The secrets, for a call.
    #[must_use]
    pub fn attached(&self) -> Arc<[Secret]> {
        self.attached.clone()
    }

    /// The same, masking what was lent beside it.
    #[must_use]
    pub(crate) fn and_lent(&self, lender: Option<&Lender>) -> Self {
        let lent = lender.map(Lender::redactor).unwrap_or_default();
        Self { attached: self.attached.clone(), redactor: self.redactor.and(&lent) }
    }

    /// Masks all that a call gave; `result` masks the result itself.
    pub fn mask_report<T>(&self, report: &mut Report<T>, result: impl Fn(&Self, &mut T)) {
        if self.redactor.is_empty() {
            return;
        }
        match &mut report.result {
            Ok(value) => result(self, value),
            Err(failure) => {
                self.mask(&mut failure.message);
                failure.hint.iter_mut().for_each(|hint| self.mask(hint));
            }
        }
        for LogLine { message, .. } in &mut report.logs {
            self.mask(message);
        }
        self.mask(&mut report.stdout);
        self.mask(&mut report.stderr);
        report.effects.files.iter_mut().for_each(|file| self.mask(&mut file.path));
        for denial in &mut report.effects.denied {
            self.mask(&mut denial.what);
            self.mask(&mut denial.hint);
        }
        for credential in &mut report.effects.unusable {
            self.mask(&mut credential.message);
        }
    }

    /// Masks what a tool said.
    pub fn mask_answer(&self, answer: &mut ToolAnswer) {
        for block in &mut answer.content {
            match block {
                ToolContent::Text(text) | ToolContent::Json(text) => self.mask(text),
                ToolContent::File(path, media_type) => {
                    self.mask(path);
                    self.mask(media_type);
                }
                ToolContent::Image(media_type, data) => {
                    self.mask(media_type);
                    *data = self.redactor.mask_bytes(data);
                }
            }
        }
    }

    /// Masks what a model said.
    pub(crate) fn mask_completion(&self, completion: &mut Completion) {
        self.mask_blocks(&mut completion.content);
    }

    fn mask_blocks(&self, blocks: &mut [Block]) {
        for block in blocks {
            match block {
                Block::Text { text } => self.mask(text),
                Block::Thinking { text, signature } => {
                    self.mask(text);
                    signature.iter_mut().for_each(|signature| self.mask(signature));
                }
                Block::RedactedThinking { data } => self.mask(data),
                Block::ToolUse { id, name, input_json } => {
                    [id, name, input_json].into_iter().for_each(|text| self.mask(text));
                }
                Block::ToolResult { tool_use_id, text, attachments, .. } => {
                    [tool_use_id, text].into_iter().for_each(|text| self.mask(text));
                    self.mask_blocks(attachments);
                }
                Block::Image { media_type, data } | Block::Document { media_type, data, .. } => {
                    self.mask(media_type);
                    *data = self.redactor.mask_bytes(data);
                }
            }
        }
    }

    fn mask(&self, text: &mut String) {
        *text = self.redactor.mask(text);
    }
}

/// Reads the secrets of a plugin's section; a mistake is shown with its line, never with what
/// was found.
pub(crate) fn read(
    source: &Source,
    folder: &Path,
    variables: &VariableSource,
    section: &PluginSection,
    hosts: &[HostRule],
) -> Result<Secrets> {
    let mut secrets = Vec::new();
    for (name, value) in &section.secrets {
        let secret = one(name.get_ref(), value, folder, variables);
        secrets.push(secret.map_err(|failure| source.at(&name.span(), failure))?);
    }
    let place = section.secrets.keys().next().map_or(0..0, |name| name.span());
    Secrets::new(secrets, hosts).map_err(|failure| source.at(&place, failure))
}

fn one(name: &str, value: &Value, folder: &Path, variables: &VariableSource) -> Result<Secret> {
    let form = || {
        let hint = "write `origin`, `header`, `from` and, where there is one, `prefix`, each a \
                    text; `from` is `env:NAME` or `file:PATH`, never the secret itself";
        Failure::invalid(format!("secret `{name}` is not written as one")).hint(hint)
    };
    let table = value.as_table().ok_or_else(form)?;
    if table.keys().any(|key| !KEYS.contains(&key.as_str())) {
        return Err(form());
    }
    let text =
        |table: &Table, key: &str| table.get(key).map(|value| value.as_str().map(String::from));
    let needed = |key: &str| text(table, key).flatten().ok_or_else(form);
    let (origin, header, from) = (needed("origin")?, needed("header")?, needed("from")?);
    let prefix = text(table, "prefix").map_or(Ok(String::new()), |text| text.ok_or_else(form))?;
    let about = |failure: Failure| failure.about(format!("secret `{name}`"));
    let origin = Origin::parse(&origin).map_err(about)?;
    let found = find(&from, folder, variables).map_err(about)?;
    Secret::new(origin, &header, &format!("{prefix}{found}")).map_err(about)
}

/// The value of a secret, from where it is kept.
fn find(from: &str, folder: &Path, variables: &VariableSource) -> Result<String> {
    if let Some(name) = from.strip_prefix("env:") {
        return variables.get(name).ok_or_else(|| {
            Failure::invalid(format!("environment variable {} is not set", name.escape_debug()))
                .hint(format!("set it before: `{}=… lucid run …`", name.escape_debug()))
        });
    }
    if let Some(path) = from.strip_prefix("file:") {
        let text = read_kept(folder, path, FILE_BYTES_MAX)?;
        return Ok(text.trim_end_matches(['\r', '\n']).to_owned());
    }
    // Not shown: it may be the secret itself.
    Err(Failure::invalid("`from` does not say where it is kept")
        .hint("write `env:NAME` for an environment variable, or `file:PATH` for a file"))
}

/// How a grant would name an origin's host.
fn host_of(origin: &Origin) -> String {
    let standard = if origin.secure { 443 } else { 80 };
    if origin.port == standard && origin.host.address().is_none() {
        origin.host.to_string()
    } else {
        format!("{}:{}", origin.host, origin.port)
    }
}

#[cfg(test)]
mod tests {
    use lucid_core::{CallUsage, FailureKind};

    use super::*;

    const CANARY: &str = "canary-5e1c7a90";

    fn variables() -> VariableSource {
        VariableSource::new(|name| (name == "API_KEY").then(|| CANARY.to_owned()))
    }

    fn resolve(text: &str) -> Result<Secret> {
        let folder = Path::new("no-such-folder");
        one("key", &Value::Table(text.parse().unwrap()), folder, &variables())
    }

    const WRITTEN: &str = "origin = \"https://api.example.org\"\nheader = \"Authorization\"\n";

    #[test]
    fn a_secret_is_found_where_it_is_kept() {
        let text = format!("{WRITTEN}from = \"env:API_KEY\"\nprefix = \"Bearer \"\n");
        let secret = resolve(&text).unwrap();
        assert_eq!(secret.value(), format!("Bearer {CANARY}"));
        assert_eq!(secret.header(), "authorization");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key.txt");
        #[expect(clippy::disallowed_methods, reason = "a test's own folder")]
        std::fs::write(file, format!("{CANARY}\n")).unwrap();
        let found = find("file:key.txt", folder.path(), &variables());
        assert_eq!(found, Ok(CANARY.to_owned()));
        assert!(find("file:../key.txt", folder.path(), &variables()).is_err());
    }

    #[test]
    fn a_variable_that_is_missing_is_named() {
        let missing = resolve(&format!("{WRITTEN}from = \"env:OTHER_KEY\"")).unwrap_err();
        assert!(missing.message.contains("OTHER_KEY"), "{missing}");
        assert!(missing.hint.unwrap().contains("OTHER_KEY="));
    }

    #[test]
    fn a_secret_that_was_written_down_is_not_repeated() {
        let wrong = [
            format!("{WRITTEN}from = \"{CANARY}\""),
            format!("{WRITTEN}from = \"env:API_KEY\"\nvalue = \"{CANARY}\""),
            format!("{WRITTEN}from = [\"{CANARY}\"]"),
            format!("{WRITTEN}from = \"env:API_KEY\"\nprefix = \"{CANARY}\\n\""),
        ];
        for text in wrong {
            let refused = resolve(&text).unwrap_err();
            assert_eq!(refused.kind, FailureKind::Invalid);
            assert!(!format!("{refused:?}").contains("canary"), "{refused:?}");
        }
        let bare = one("key", &Value::String(CANARY.into()), Path::new(""), &variables());
        assert!(!format!("{:?}", bare.unwrap_err()).contains("canary"));
    }

    fn secret(origin: &str, header: &str) -> Secret {
        Secret::new(Origin::parse(origin).unwrap(), header, CANARY).unwrap()
    }

    fn hosts(rules: &[&str]) -> Vec<HostRule> {
        rules.iter().map(|rule| HostRule::parse(rule).unwrap()).collect()
    }

    #[test]
    fn a_secret_needs_a_grant_for_its_own_origin() {
        let cases = [
            ("https://api.example.org", "api.example.org"),
            ("https://api.example.org:8443", "api.example.org:8443"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://127.0.0.1", "127.0.0.1:80"),
        ];
        for (origin, grant) in cases {
            let secrets = || vec![secret(origin, "x-key")];
            assert!(Secrets::new(secrets(), &hosts(&[grant])).is_ok(), "{origin}");
            for other in [&[][..], &["example.org"], &["127.0.0.1:81"]] {
                let denied = Secrets::new(secrets(), &hosts(other)).unwrap_err();
                assert_eq!(denied.kind, FailureKind::Denied, "{origin} {other:?}");
                assert!(denied.hint.unwrap().contains(&format!("\"{grant}\"")), "{origin}");
            }
        }
        let origin = "https://api.example.org";
        let twice = vec![secret(origin, "x-key"), secret(origin, "X-Key")];
        assert!(Secrets::new(twice, &hosts(&["api.example.org"])).is_err());
    }

    #[test]
    fn what_a_server_sends_back_is_masked_wherever_it_comes_out() {
        let origin = "https://api.example.org";
        let secrets = Secrets::new(vec![secret(origin, "x-key")], &hosts(&["*"])).unwrap();
        let said = || format!("got {CANARY}!");
        let mut report = Report {
            result: Ok(ToolAnswer {
                content: vec![
                    ToolContent::Text(said()),
                    ToolContent::Json(said()),
                    ToolContent::File(said(), said()),
                    ToolContent::Image(said(), said().into_bytes()),
                ],
                is_error: false,
            }),
            usage: CallUsage::default(),
            logs: vec![LogLine { level: lucid_core::LogLevel::Info, message: said() }],
            stdout: said(),
            stderr: said(),
            effects: lucid_engine::Effects {
                files: vec![lucid_core::FileChange {
                    path: said(),
                    change: lucid_core::FileChangeKind::Created,
                    bytes: 1,
                }],
                denied: vec![lucid_core::Denial {
                    capability: "http".into(),
                    what: said(),
                    rule: "r".into(),
                    hint: said(),
                }],
                unusable: vec![lucid_engine::UnusableCredential {
                    vault_id: "vlt_1".into(),
                    credential_id: "vcrd_1".into(),
                    is_unreached: false,
                    message: said(),
                }],
                unlisted: 0,
            },
        };
        secrets.mask_report(&mut report, Secrets::mask_answer);
        let left = format!("{report:?}");
        assert!(!left.contains("canary") && left.contains("got ***"), "{left}");
        report.result = Err(Failure::failed(said()).hint(said()));
        secrets.mask_report(&mut report, Secrets::mask_answer);
        assert!(!format!("{report:?}").contains("canary"));
        assert!(!format!("{secrets:?} {:?}", variables()).contains("canary"));
    }
}
