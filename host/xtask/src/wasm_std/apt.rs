//! Fetching Debian packages into a folder, without root and without touching the system.
//!
//! apt keeps its lists and downloads in our folder, and `dpkg -x` unpacks there; nothing
//! is installed. The only mirror ever used is the one the machine is set up with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::process::{output, run};
use crate::workspace::{entries, name_of, read};

const HINT: &str = "this way needs Debian 12 or newer and its package mirror; otherwise let \
                    `rustup target add wasm32-wasip2` have its network";

/// apt with all its state in one folder.
pub(super) struct Apt {
    folder: PathBuf,
    options: Vec<String>,
}

impl Apt {
    /// apt with the machine's own sources.
    pub(super) fn of_machine(folder: &Path) -> Result<Self, Failure> {
        let mut options = vec![
            format!("Dir::State::lists={}", folder.join("lists").display()),
            format!("Dir::Cache={}", folder.join("cache").display()),
            // The locks are for the system's state, which is only read.
            "Debug::NoLocking=1".to_owned(),
        ];
        // The user `_apt`, as which root's apt downloads, cannot write to our folder.
        options.push("APT::Sandbox::User=root".to_owned());
        for part in ["lists/partial", "cache/archives/partial"] {
            let part = folder.join(part);
            fs::create_dir_all(&part).map_err(|error| Failure::file("make", &part, &error))?;
        }
        Ok(Self { folder: folder.to_path_buf(), options })
    }

    /// apt with the machine's main Debian mirror alone, at another release.
    pub(super) fn of_release(folder: &Path, release: &str) -> Result<Self, Failure> {
        let mut apt = Self::of_machine(folder)?;
        let list = folder.join("sources.list");
        let line = main_mirror(Path::new("/etc/apt"))?.line(release);
        fs::write(&list, line).map_err(|error| Failure::file("write", &list, &error))?;
        apt.options.push(format!("Dir::Etc::sourcelist={}", list.display()));
        apt.options.push("Dir::Etc::sourceparts=/dev/null".to_owned());
        Ok(apt)
    }

    /// Downloads the packages, with what they need that the machine lacks, and unpacks them.
    pub(super) fn unpack(&self, packages: &[&str], into: &Path) -> Result<(), Failure> {
        run(self.command().args(["-qq", "update"]), "apt-get update", HINT)?;
        let mut install = self.command();
        // `--reinstall`: a package that the machine has is wanted here all the same.
        install.args(["-qq", "--download-only", "--reinstall", "--no-install-recommends", "-y"]);
        install.arg("install").args(packages);
        // What apt says on standard output is about an installation that will not be.
        output(&mut install, "apt-get install --download-only", HINT)?;
        fs::create_dir_all(into).map_err(|error| Failure::file("make", into, &error))?;
        for file in entries(&self.folder.join("cache/archives"))? {
            if file.extension().is_some_and(|extension| extension == "deb") {
                let mut dpkg = Command::new("dpkg");
                let what = format!("unpacking {}", name_of(&file));
                run(dpkg.arg("-x").arg(&file).arg(into), &what, HINT)?;
            }
        }
        Ok(())
    }

    fn command(&self) -> Command {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        for option in &self.options {
            apt.arg("-o").arg(option);
        }
        apt
    }
}

/// A mirror the machine takes Debian's main packages from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mirror {
    uri: String,
    signed_by: Option<String>,
}

impl Mirror {
    /// The mirror's entry for a release, in the one-line format.
    fn line(&self, release: &str) -> String {
        let Self { uri, signed_by } = self;
        match signed_by {
            Some(key) => format!("deb [signed-by={key}] {uri} {release} main\n"),
            None => format!("deb {uri} {release} main\n"),
        }
    }
}

/// The main Debian mirror of an apt configuration.
fn main_mirror(apt: &Path) -> Result<Mirror, Failure> {
    let mut files = vec![apt.join("sources.list")];
    if let Ok(parts) = entries(&apt.join("sources.list.d")) {
        files.extend(parts);
    }
    for file in files.iter().filter(|file| file.is_file()) {
        let text = read(file)?;
        let deb822 = file.extension().is_some_and(|extension| extension == "sources");
        let mirror = if deb822 { in_deb822(&text) } else { in_list(&text) };
        if let Some(mirror) = mirror {
            return Ok(mirror);
        }
    }
    let message = format!("{} names no mirror of Debian's main packages", apt.display());
    Err(Failure::new(message, HINT))
}

/// A release by its plain name: `bookworm`, not `bookworm-updates` or `bookworm-security`.
fn is_main(uri: &str, suites: &str, components: &str) -> bool {
    uri.trim_end_matches('/').ends_with("/debian")
        && suites.split_whitespace().any(|suite| !suite.contains(['-', '/']))
        && components.split_whitespace().any(|component| component == "main")
}

/// Reads `deb [options] URI SUITE COMPONENTS…` lines.
fn in_list(text: &str) -> Option<Mirror> {
    text.lines().find_map(|line| {
        let rest = line.split('#').next()?.trim().strip_prefix("deb ")?.trim_start();
        let (options, rest) = match rest.strip_prefix('[') {
            Some(rest) => rest.split_once(']')?,
            None => ("", rest),
        };
        let mut words = rest.split_whitespace();
        let (uri, suite) = (words.next()?, words.next()?);
        let components = words.collect::<Vec<_>>().join(" ");
        let key = options.split_whitespace().find_map(|option| option.strip_prefix("signed-by="));
        is_main(uri, suite, &components)
            .then(|| Mirror { uri: uri.to_owned(), signed_by: key.map(str::to_owned) })
    })
}

/// Reads stanzas of `Field: value` lines.
fn in_deb822(text: &str) -> Option<Mirror> {
    let is_text = |line: &&str| !line.starts_with('#');
    let lines: Vec<&str> = text.lines().filter(is_text).collect();
    lines.split(|line| line.trim().is_empty()).find_map(|stanza| {
        let field = |name: &str| {
            stanza.iter().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then_some(value.trim())
            })
        };
        let off = field("Enabled").is_some_and(|value| value == "no");
        let binary = field("Types")?.split_whitespace().any(|kind| kind == "deb");
        let uri = field("URIs")?.split_whitespace().next()?;
        // A key written into the stanza itself is of no use in the one-line format.
        let key = field("Signed-By").filter(|key| key.starts_with('/'));
        (binary && !off && is_main(uri, field("Suites")?, field("Components")?))
            .then(|| Mirror { uri: uri.to_owned(), signed_by: key.map(str::to_owned) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_mirror_is_found_in_either_format() {
        let list = "# deb http://no.example/debian bookworm main\n\
                    deb https://tools.example/apt cloud-sdk main\n\
                    deb http://m.example/debian-security bookworm-security main\n\
                    deb http://m.example/debian bookworm-updates main\n\
                    deb [arch=amd64 signed-by=/k.gpg] http://m.example/debian/ bookworm main x\n";
        let found = in_list(list).unwrap();
        assert_eq!(found.line("t"), "deb [signed-by=/k.gpg] http://m.example/debian/ t main\n");

        let stanzas = "Types: deb\nURIs: http://m.example/debian-security\n\
                       Suites: bookworm-security\nComponents: main\n\n\
                       Enabled: no\nTypes: deb\nURIs: http://off.example/debian\n\
                       Suites: bookworm\nComponents: main\n\n\
                       Types: deb deb-src\n# a comment\nURIs: http://m.example/debian\n\
                       Suites: bookworm bookworm-updates\nComponents: main contrib\n";
        let found = in_deb822(stanzas).unwrap();
        assert_eq!(found.line("t"), "deb http://m.example/debian t main\n");
    }

    #[test]
    fn a_mirror_of_something_else_is_not_taken_for_debians() {
        assert_eq!(in_list("deb https://tools.example/node_20.x nodistro main\n"), None);
        assert_eq!(in_list("deb http://m.example/debian\n"), None);
        assert_eq!(in_deb822("Types: deb\nURIs: https://tools.example/x\n"), None);
    }
}
