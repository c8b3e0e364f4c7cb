//! Where things are on this machine: the state folder, the bundled plugins, compilers.

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use lucid_build::Machine;
use lucid_core::{Failure, Result};
use lucid_outgoing::Authorities;
use lucid_runtime::{Compiler, RuntimeOptions, VariableSource};

/// What the names begin with by which processes of this program claim sessions.
const OWNER: &str = "lucid";

/// The grader that judges where none is named.
pub(crate) const GRADER: &str = "checks";

/// The command of this program that compiles what is on its standard input.
const COMPILE: &str = "compile";

/// What a runtime needs to know of this machine.
///
/// # Errors
/// Invalid, when nothing says where state is to be kept; failed, when the system does not
/// say where this program is.
pub(crate) fn options(state: Option<PathBuf>) -> Result<RuntimeOptions> {
    let folder = state_folder(state, std::env::consts::OS, |name| std::env::var_os(name));
    let state = folder.ok_or_else(|| {
        Failure::invalid("no folder for state: there is no home folder")
            .hint("give one with `--state DIR` or LUCID_HOME")
    })?;
    let program = std::env::current_exe()
        .map_err(|error| Failure::failed(format!("where this program is: {error}")))?;
    // Compiling goes to this very program; what is bundled lies beside the file it is.
    let file = program.canonicalize().ok();
    let bundled = file.as_deref().map(bundled_folders).unwrap_or_default();
    let compiler = Compiler::Process { program, arguments: vec![COMPILE.to_owned()] };
    let variables = VariableSource::new(|name| std::env::var(name).ok());
    let owner = OWNER.to_owned();
    Ok(RuntimeOptions { bundled, owner, compiler, variables, ..RuntimeOptions::new(state) })
}

/// The longest file of a key, in bytes: one that is larger is none.
const KEY_BYTES_MAX: usize = 4_096;

/// The API key of a server: from a file, else from LUCID_API_KEY; none where neither says one.
///
/// # Errors
/// Invalid, when the file cannot be read or is none of a key. No error repeats it.
pub(crate) fn api_key(file: Option<&Path>) -> Result<Option<String>> {
    let Some(file) = file else { return Ok(text_of("LUCID_API_KEY")) };
    let wrong = |why: &str| {
        Failure::invalid(format!("key file {}: {why}", file.display()))
            .hint("give a file with the key that `lucid key create` printed, and nothing else")
    };
    let text = beginning(file, KEY_BYTES_MAX)
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| io::Error::other("it is no text")));
    let text = text.map_err(|error| wrong(&error.to_string()))?;
    match text.trim() {
        "" => Err(wrong("it is empty")),
        _ if text.len() > KEY_BYTES_MAX => Err(wrong("it is longer than any key")),
        key => Ok(Some(key.to_owned())),
    }
}

/// The longest file of authorities, in bytes: several times as long as that of all public ones.
const CA_BYTES_MAX: usize = 1 << 20;

/// Who may vouch for a server: the authorities in a file, else in the one that LUCID_CA_FILE
/// names, else the public ones.
///
/// # Errors
/// Invalid, when the file cannot be read or has no certificates of authorities.
pub(crate) fn authorities(file: Option<PathBuf>) -> Result<Authorities> {
    let variable = || std::env::var_os("LUCID_CA_FILE").filter(|value| !value.is_empty());
    let Some(file) = file.or_else(|| variable().map(PathBuf::from)) else {
        return Ok(Authorities::public());
    };
    let about = format!("CA file {}", file.display());
    let wrong = |why: &str| {
        Failure::invalid(format!("{about}: {why}"))
            .hint("give a file with the certificates of authorities as PEM")
    };
    let text = beginning(&file, CA_BYTES_MAX).map_err(|error| wrong(&error.to_string()))?;
    if text.len() > CA_BYTES_MAX {
        return Err(wrong("it is longer than 1 MiB"));
    }
    Authorities::of_pem(&text).map_err(|failure| failure.about(about))
}

/// A file's bytes, and no more than one of what is beyond so many.
fn beginning(file: &Path, bytes: usize) -> io::Result<Vec<u8>> {
    let most = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(1);
    let mut read = Vec::new();
    std::fs::File::open(file)?.take(most).read_to_end(&mut read)?;
    Ok(read)
}

/// The URL of the server that the environment names, where it names one.
pub(crate) fn server() -> Option<String> {
    text_of("LUCID_SERVER")
}

/// A variable's text without what stands around it; none when it is not set or empty. One that
/// is no text is not passed over: it will be refused for what it is.
fn text_of(variable: &str) -> Option<String> {
    let value = std::env::var_os(variable)?;
    let text = value.to_string_lossy().trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// What building a plugin needs to know of this machine.
pub(crate) fn machine() -> Machine {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let path = variable("PATH").map(|path| std::env::split_paths(&path).collect());
    // Cargo takes the same variable for its compiler.
    Machine { path: path.unwrap_or_default(), rustc: variable("RUSTC").map(PathBuf::from) }
}

fn state_folder(
    given: Option<PathBuf>,
    os: &str,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Option<PathBuf> {
    let folder = |name: &str| variable(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let platform = || match os {
        "macos" => folder("HOME").map(|home| home.join("Library/Application Support/lucid")),
        // The XDG rules: a folder that is not absolute is to be ignored.
        _ => folder("XDG_DATA_HOME")
            .filter(|data| data.is_absolute())
            .or_else(|| folder("HOME").map(|home| home.join(".local/share")))
            .map(|data| data.join("lucid")),
    };
    given.or_else(|| folder("LUCID_HOME")).or_else(platform)
}

/// The time zone of this machine by its name: what TZ says, else what the system is set to, else
/// UTC.
pub(crate) fn time_zone() -> String {
    let variable = std::env::var("TZ").ok();
    let link = std::fs::read_link("/etc/localtime").ok();
    zone(variable.as_deref(), link.as_deref()).unwrap_or("UTC").to_owned()
}

/// A name such as `Europe/Berlin`. TZ may have other forms, which are no names.
fn zone<'a>(variable: Option<&'a str>, link: Option<&'a Path>) -> Option<&'a str> {
    let is_name = |name: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
        name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(plain)
    };
    let said = variable.map(|name| name.trim_start_matches(':'));
    let said = said.filter(|name| is_name(name) && (name.contains('/') || *name == "UTC"));
    let linked = link.and_then(Path::to_str);
    let linked = linked.and_then(|link| link.split_once("zoneinfo/")).map(|(_, name)| name);
    said.or(linked.filter(is_name))
}

/// Beside the program, as a build leaves them, and where a package installs them.
fn bundled_folders(program: &Path) -> Vec<PathBuf> {
    let Some(folder) = program.parent() else { return Vec::new() };
    let installed = folder.parent().map(|prefix| prefix.join("lib/lucid/plugins"));
    [Some(folder.join("plugins")), installed].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: Option<&str>, os: &str, variables: &[(&str, &str)], expected: Option<&str>) {
        let variable = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let found = state_folder(given.map(PathBuf::from), os, variable);
        assert_eq!(found, expected.map(PathBuf::from));
    }

    #[test]
    fn state_is_where_the_nearest_word_says() {
        let all = [("LUCID_HOME", "/l"), ("XDG_DATA_HOME", "/x"), ("HOME", "/h")];
        check(Some("/s"), "linux", &all, Some("/s"));
        check(None, "linux", &all, Some("/l"));
        check(None, "linux", &all[1..], Some("/x/lucid"));
        check(None, "linux", &all[2..], Some("/h/.local/share/lucid"));
        check(None, "macos", &all[1..], Some("/h/Library/Application Support/lucid"));
        let relative = [("LUCID_HOME", ""), ("XDG_DATA_HOME", "x"), ("HOME", "/h")];
        check(None, "linux", &relative, Some("/h/.local/share/lucid"));
        check(None, "linux", &[], None);
    }

    #[test]
    fn a_key_file_has_a_key_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let read = |text: &str| {
            std::fs::write(&file, text).unwrap();
            api_key(Some(&file))
        };
        assert_eq!(read("lucid_abc\n"), Ok(Some("lucid_abc".to_owned())));
        for text in ["", " \n", &"tell-no-one".repeat(KEY_BYTES_MAX)] {
            let failure = read(text).unwrap_err();
            assert!(!format!("{failure:?}").contains("tell"), "{failure:?}");
        }
        assert!(api_key(Some(&folder.path().join("none"))).unwrap_err().hint.is_some());
    }

    #[test]
    fn a_ca_file_that_names_nobody_is_refused_and_nobody_else_is_trusted_instead() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        for text in [&b""[..], b"no PEM", &[b'-'; CA_BYTES_MAX + 1]] {
            std::fs::write(&file, text).unwrap();
            let failure = authorities(Some(file.clone())).unwrap_err();
            assert_eq!(failure.kind, lucid_core::FailureKind::Invalid);
            assert!(failure.message.contains("ca.pem") && failure.hint.is_some(), "{failure}");
        }
        assert!(authorities(Some(folder.path().join("none"))).unwrap_err().hint.is_some());
        assert!(authorities(Some(folder.path().to_owned())).unwrap_err().hint.is_some());
    }

    #[test]
    fn the_time_zone_is_what_tz_says_else_what_the_system_is_set_to() {
        let link = Path::new("/usr/share/zoneinfo/America/New_York");
        let cases = [
            (Some("Europe/Berlin"), Some(link), Some("Europe/Berlin")),
            (Some(":Asia/Kolkata"), None, Some("Asia/Kolkata")),
            (Some("UTC"), Some(link), Some("UTC")),
            // Rules instead of a name, and a file.
            (Some("CET-1CEST"), Some(link), Some("America/New_York")),
            (Some("/etc/zone"), Some(link), Some("America/New_York")),
            (Some(""), None, None),
            (None, Some(Path::new("../usr/share/zoneinfo/Etc/GMT+2")), Some("Etc/GMT+2")),
            (None, Some(Path::new("/etc/zone")), None),
        ];
        for (variable, link, expected) in cases {
            assert_eq!(zone(variable, link), expected, "{variable:?} {link:?}");
        }
    }

    #[test]
    fn bundled_plugins_are_beside_the_program_or_in_its_prefix() {
        let folders = bundled_folders(Path::new("/usr/bin/lucid"));
        let expected = ["/usr/bin/plugins", "/usr/lib/lucid/plugins"].map(PathBuf::from);
        assert_eq!(folders, expected);
    }
}
