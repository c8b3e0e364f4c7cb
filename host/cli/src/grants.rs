//! What flags grant to a plugin: folders, variables, hosts, secrets, and limits.

use std::path::{Path, PathBuf};

use lucid_core::{Failure, Result};
use lucid_policy::http::{HostRule, Origin};
use lucid_policy::manifest::FileAccess;
use lucid_policy::{Access, Grants, Secret};
use lucid_runtime::{LimitChanges, Mount, Secrets};

use crate::args::CallArgs;

/// What the command line grants for one call.
#[derive(Debug, Default)]
pub(crate) struct Granted {
    pub(crate) grants: Grants,
    pub(crate) mounts: Vec<Mount>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) secrets: Secrets,
    /// What is changed about the limits of the plugin's kind.
    pub(crate) limits: LimitChanges,
}

/// Takes the grants of a command line.
///
/// # Errors
/// Invalid, for a flag that makes no sense and for what is not there; denied, for a secret
/// whose host was not granted, and for a folder with Lucid's own state in it.
pub(crate) fn granted(args: &CallArgs, state: &Path) -> Result<Granted> {
    let mut granted = Granted::default();
    for folder in &args.dirs {
        let mount = mount(folder)?;
        keep_out_of(state, &mount.host_folder)?;
        let access = match mount.access {
            Access::ReadOnly => FileAccess::ReadOnly,
            Access::ReadWrite => FileAccess::ReadWrite,
        };
        let widest = granted.grants.files == Some(FileAccess::ReadWrite);
        granted.grants.files = Some(if widest { FileAccess::ReadWrite } else { access });
        granted.mounts.push(mount);
    }
    for name in &args.environment {
        granted.grants.environment.insert(name.clone());
        granted.environment.push((name.clone(), variable(name)?));
    }
    let hosts = args.hosts.iter().map(|host| HostRule::parse(host)).collect::<Result<Vec<_>>>()?;
    let secrets = args.secrets.iter().map(|text| secret(text)).collect::<Result<_>>()?;
    granted.secrets = Secrets::new(secrets, &hosts).map_err(with_flags)?;
    granted.grants.http = hosts.into_iter().map(String::from).collect();
    granted.limits = limits(args)?;
    Ok(granted)
}

/// `--memory-mib` and `--deadline-ms` are short for two limits; `--limit` wins over them.
fn limits(args: &CallArgs) -> Result<LimitChanges> {
    let short = [
        args.memory_mib.map(|mib| format!("memory_bytes={mib}MiB")),
        args.deadline_ms.map(|ms| format!("deadline_ms={ms}")),
    ];
    let short = short.iter().flatten().map(String::as_str);
    LimitChanges::parse(short.chain(args.limits.iter().map(String::as_str)))
}

fn variable(name: &str) -> Result<String> {
    std::env::var(name).map_err(|_| {
        Failure::invalid(format!("environment variable {name} is not set here"))
            .hint(format!("set it first: `{name}=… lucid plugin call …`"))
    })
}

fn mount(text: &str) -> Result<Mount> {
    let wrong = || {
        Failure::invalid(format!("`{text}` is no folder grant"))
            .hint("write HOST::GUEST, GUEST an absolute path, then `:ro` or `:rw`")
    };
    let (host, rest) = text.split_once("::").ok_or_else(wrong)?;
    let (guest, access) = match rest.rsplit_once(':') {
        Some((guest, "rw")) => (guest, Access::ReadWrite),
        Some((guest, "ro")) => (guest, Access::ReadOnly),
        Some(_) => return Err(wrong()),
        None => (rest, Access::ReadOnly),
    };
    if host.is_empty() || !guest.starts_with('/') {
        return Err(wrong());
    }
    let host_folder = PathBuf::from(host);
    if !host_folder.is_dir() {
        return Err(Failure::invalid(format!("no such folder: {host}")));
    }
    Ok(Mount { host_folder, guest_path: guest.to_owned(), access })
}

/// A plugin that could write into the state could change what was said and done, and have
/// machine code of its own loaded; one that reads it reads everything.
fn keep_out_of(state: &Path, folder: &Path) -> Result<()> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (state, folder_is) = (real(state), real(folder));
    if state.starts_with(&folder_is) || folder_is.starts_with(state.join("cache")) {
        return Err(Failure::denied(format!(
            "folder {} holds the state of Lucid itself, or the compiled plugins in it",
            folder.display()
        ))
        .hint("give a folder beside it, or keep the state elsewhere with `--state DIR`"));
    }
    Ok(())
}

/// A secret as a flag says it: where it goes, in which header field, what stands before it,
/// and where it is kept.
#[derive(Debug, PartialEq, Eq)]
struct SecretFlag<'a> {
    origin: &'a str,
    header: &'a str,
    prefix: &'a str,
    kept: Kept<'a>,
}

#[derive(Debug, PartialEq, Eq)]
enum Kept<'a> {
    Variable(&'a str),
    File(&'a str),
}

/// Takes `ORIGIN HEADER: [PREFIX ]env:NAME` or `… file:PATH` apart.
fn secret_flag(text: &str) -> Option<SecretFlag<'_>> {
    let (origin, rest) = text.trim().split_once(' ')?;
    let (header, rest) = rest.trim_start().split_once(':')?;
    let rest = rest.trim_start();
    let start = |word: &str| {
        let at_start = |(at, _): &(usize, &str)| *at == 0 || rest[..*at].ends_with(' ');
        rest.match_indices(word).find(at_start).map(|(at, _)| at)
    };
    let from = match (start("env:"), start("file:")) {
        (Some(variable), Some(file)) => variable.min(file),
        (variable, file) => variable.or(file)?,
    };
    let (prefix, from) = rest.split_at(from);
    let kept = match from.strip_prefix("env:") {
        Some(name) => Kept::Variable(name),
        None => Kept::File(from.strip_prefix("file:")?),
    };
    Some(SecretFlag { origin, header: header.trim_end(), prefix, kept })
}

fn secret(text: &str) -> Result<Secret> {
    // The flag is not repeated: somebody may have written the secret itself.
    let flag = secret_flag(text).ok_or_else(|| {
        Failure::invalid("a secret is not written as one").hint(
            "write `ORIGIN HEADER: [PREFIX ]env:NAME` or `… file:PATH`, such as \
             'https://api.example.org authorization: Bearer env:API_KEY'",
        )
    })?;
    let value = match flag.kept {
        Kept::Variable(name) => variable(name)?,
        Kept::File(path) => std::fs::read_to_string(path)
            .map_err(|error| Failure::invalid(format!("{path}: {error}")))?,
    };
    let value = format!("{}{}", flag.prefix, value.trim_end_matches(['\r', '\n']));
    Secret::new(Origin::parse(flag.origin)?, flag.header, &value)
}

/// Puts this command's flags in the place of a mission's settings in a failure's hint.
pub(crate) fn with_flags(mut failure: Failure) -> Failure {
    failure.hint = failure.hint.map(|hint| flags_in(&hint));
    failure
}

/// A hint with this command's flags in the place of a mission's settings.
pub(crate) fn flags_in(hint: &str) -> String {
    let mut hint = hint
        .replace("`files = \"read-write\"`", "`--dir HOST::GUEST:rw`")
        .replace("`files = \"read-only\"`", "`--dir HOST::GUEST`")
        .replace(" in the plugin's section of the mission", "");
    for (setting, flag, separator) in
        [("`environment.", "`--env ", None), ("`limits.", "`--limit ", Some("="))]
    {
        let Some((before, rest)) = hint.split_once(setting) else { continue };
        let Some((setting, after)) = rest.split_once('`') else { continue };
        let (name, value) = setting.split_once(" = ").unwrap_or((setting, ""));
        let value = separator.filter(|_| !value.is_empty()).map(|sign| format!("{sign}{value}"));
        hint = format!("{before}{flag}{name}{}`{after}", value.unwrap_or_default());
    }
    while let Some((before, rest)) = hint.split_once("`http = [\"") {
        let Some((host, after)) = rest.split_once("\"]`") else { break };
        hint = format!("{before}`--host {host}`{after}");
    }
    hint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_grant_is_read_only_unless_it_says_otherwise() {
        let here = std::env::temp_dir();
        let text = |suffix: &str| format!("{}::/data{suffix}", here.display());
        assert_eq!(mount(&text("")).unwrap().access, Access::ReadOnly);
        assert_eq!(mount(&text(":ro")).unwrap().access, Access::ReadOnly);
        assert_eq!(mount(&text(":rw")).unwrap().access, Access::ReadWrite);
        for wrong in ["", "x", "a::b", "::/data", &text(":x")] {
            assert!(mount(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_secret_says_where_it_goes_and_where_it_is_kept() {
        let flag = |prefix, kept| {
            let (origin, header) = ("https://api.example.org", "authorization");
            Some(SecretFlag { origin, header, prefix, kept })
        };
        let cases = [
            ("authorization: Bearer env:KEY", flag("Bearer ", Kept::Variable("KEY"))),
            ("authorization:env:KEY", flag("", Kept::Variable("KEY"))),
            ("authorization: file:a b/env:x.txt", flag("", Kept::File("a b/env:x.txt"))),
            ("authorization: abc", None),
            ("authorization", None),
        ];
        for (text, expected) in cases {
            let text = format!("https://api.example.org {text}");
            assert_eq!(secret_flag(&text), expected, "{text}");
        }
        assert_eq!(secret_flag("https://api.example.org"), None);
    }

    #[test]
    fn a_secret_that_was_typed_is_not_repeated() {
        for text in ["canary", "https://api.example.org x-key: canary", "a b: canary file:none"] {
            let refused = secret(text).unwrap_err();
            assert!(!format!("{refused:?}").contains("canary"), "{refused:?}");
        }
    }

    #[test]
    fn a_hint_names_the_flags_of_this_command() {
        let cases = [
            (
                "grant it with `files = \"read-write\"`, if you trust the plugin",
                "grant it with `--dir HOST::GUEST:rw`, if you trust the plugin",
            ),
            ("grant it with `environment.KEY = \"…\"`", "grant it with `--env KEY`"),
            ("grant it with `limits.deadline_ms = 5`", "grant it with `--limit deadline_ms=5`"),
            ("raise `limits.fuel` if it needs more", "raise `--limit fuel` if it needs more"),
            (
                "grant it with `http = [\"a.example:81\"]` in the plugin's section of the mission",
                "grant it with `--host a.example:81`",
            ),
            ("nothing would", "nothing would"),
        ];
        for (hint, expected) in cases {
            assert_eq!(flags_in(hint), expected);
        }
    }

    #[test]
    fn a_folder_with_the_state_in_it_is_never_granted() {
        let root = tempfile::tempdir().unwrap();
        let state = root.path().join("state");
        std::fs::create_dir_all(state.join("cache")).unwrap();
        std::fs::create_dir_all(state.join("sessions/a")).unwrap();
        std::fs::create_dir(root.path().join("beside")).unwrap();
        std::os::unix::fs::symlink(root.path(), root.path().join("beside/up")).unwrap();
        for folder in ["", "state", "state/cache", "beside/up", "beside/../state"] {
            let denied = keep_out_of(&state, &root.path().join(folder)).unwrap_err();
            assert_eq!(denied.kind, lucid_core::FailureKind::Denied, "{folder}");
        }
        for folder in ["beside", "state/sessions/a"] {
            assert_eq!(keep_out_of(&state, &root.path().join(folder)), Ok(()), "{folder}");
        }
    }
}
