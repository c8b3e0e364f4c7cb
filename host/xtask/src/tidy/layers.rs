//! Who may depend on whom: DESIGN's map, as a table.
//!
//! Read from the crates' own Cargo.toml, so that a forbidden arrow fails where it is
//! written. Dependencies of tests are free: an arrow is what a user's build has.

use super::{File, Report};

/// The host's crates, by folder, and the crates of ours that each may use.
const ARROWS: [(&str, &[&str]); 18] = [
    ("core", &[]),
    ("policy", &["core"]),
    ("rubric", &[]),
    ("facts", &[]),
    ("score", &[]),
    ("memory", &["core", "policy", "facts"]),
    ("store", &["core"]),
    ("outgoing", &["core"]),
    ("model", &["core", "policy", "outgoing"]),
    ("build", &["core", "policy"]),
    ("engine", &["core", "policy", "outgoing"]),
    ("runtime", &["core", "policy", "facts", "memory", "store", "model", "engine"]),
    ("api", &["core"]),
    (
        "cli",
        &["core", "policy", "rubric", "score", "build", "outgoing", "runtime", "verbs", "server"],
    ),
    ("server", &["core", "policy", "api", "store", "outgoing", "runtime", "verbs"]),
    ("verbs", &["core", "runtime"]),
    ("mcp", &["core", "policy", "runtime"]),
    ("xtask", &["policy"]),
];

/// The crates that decide and compute but never act (I2), and what acting would need.
const PURE: [&str; 7] = ["core", "policy", "rubric", "facts", "score", "memory", "api"];
const ACTING: [&str; 8] =
    ["tokio", "rusqlite", "cap-std", "reqwest", "hyper", "rustix", "libc", "getrandom"];

/// Checks every Cargo.toml.
pub(super) fn check(files: &[File], report: &mut Report) {
    for file in files {
        let Some(folder) = file.path.strip_suffix("/Cargo.toml") else {
            continue;
        };
        for dependency in dependencies(&file.text) {
            if let Some(problem) = forbidden(folder, &dependency) {
                report.problems.push(format!("{}: {problem}", file.path));
            }
        }
        if let Some(name) = folder.strip_prefix("host/")
            && arrows(name).is_none()
        {
            let message = "has no place in DESIGN's map: add it to xtask's tidy/layers.rs";
            report.problems.push(format!("{}: {message}", file.path));
        }
    }
}

fn arrows(name: &str) -> Option<&'static [&'static str]> {
    ARROWS.iter().find(|(folder, _)| *folder == name).map(|(_, allowed)| *allowed)
}

fn forbidden(folder: &str, dependency: &str) -> Option<String> {
    let ours = dependency.strip_prefix("lucid-");
    if let Some(name) = folder.strip_prefix("host/") {
        // A crate without a place is reported as that, not arrow by arrow.
        let allowed = arrows(name)?;
        if ours.is_some_and(|ours| !allowed.contains(&ours)) {
            return Some(format!("{name} must not depend on {dependency}"));
        }
        let engine = dependency.starts_with("wasmtime");
        if engine && name != "engine" {
            return Some(format!("only engine depends on {dependency} (I1)"));
        }
        if PURE.contains(&name) && ACTING.contains(&dependency) {
            return Some(format!("{name} is pure and must not depend on {dependency} (I2)"));
        }
        return None;
    }
    // Guests know the host by its interface alone; so does the SDK they are written with. How a
    // rubric is read is nobody's secret: graders and the command line have to read it alike.
    let guest = ["plugins/", "examples/", "tests/guests/"].iter().any(|f| folder.starts_with(f));
    let sdk = folder.starts_with("sdk/");
    if (guest && ours.is_some_and(|ours| !["sdk", "rubric", "facts"].contains(&ours)))
        || (sdk && ours.is_some_and(|ours| !ours.starts_with("sdk")))
    {
        return Some(format!("a guest must not depend on {dependency}, which is the host's"));
    }
    None
}

/// The names of the dependencies a Cargo.toml has for its library or program.
fn dependencies(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            let header = header.split(']').next().unwrap_or_default();
            let (table, name) = split_header(header);
            inside = table && name.is_none();
            if let Some(name) = name.filter(|_| table) {
                names.push(name.trim_matches('"').to_owned());
            }
        } else if inside && !line.starts_with('#') {
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
            if line.contains('=') && !name.is_empty() {
                names.push(name.trim_matches('"').to_owned());
            }
        }
    }
    names
}

/// Whether a table's header is of dependencies, and of which one if of only one.
fn split_header(header: &str) -> (bool, Option<&str>) {
    // `target.'cfg(unix)'.dependencies` has dots of its own only before the last part.
    let tail = match header.rfind("dependencies") {
        Some(at) => header.get(at..).unwrap_or_default(),
        None => return (false, None),
    };
    let before = header.get(..header.len() - tail.len()).unwrap_or_default();
    let ours = before.is_empty() || before == "build-" || before.ends_with('.');
    let workspace = before.starts_with("workspace.");
    (ours && !workspace, tail.strip_prefix("dependencies.").filter(|name| !name.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_found_however_they_are_written() {
        let text = "[package]\nname = \"x\"\n[dependencies]\na.workspace = true\nb = \"1\"\n\
                    # c = \"1\"\n[dependencies.d]\nversion = \"1\"\n[dev-dependencies]\ne = \"1\"\n\
                    [build-dependencies]\nf = \"1\"\n[target.'cfg(unix)'.dependencies]\ng = \"1\"\n\
                    [target.'cfg(unix)'.dev-dependencies]\nh = \"1\"\n\
                    [workspace.dependencies]\ni = \"1\"\n[features]\nj = []\n";
        assert_eq!(dependencies(text), ["a", "b", "d", "f", "g"]);
    }

    #[track_caller]
    fn check_arrow(folder: &str, dependency: &str, allowed: bool) {
        let problem = forbidden(folder, dependency);
        assert_eq!(problem.is_none(), allowed, "{folder} -> {dependency}: {problem:?}");
    }

    #[test]
    fn arrows_point_down_only() {
        check_arrow("host/cli", "lucid-runtime", true);
        check_arrow("host/cli", "lucid-engine", false);
        check_arrow("host/core", "lucid-policy", false);
        check_arrow("host/memory", "lucid-store", false);
        check_arrow("host/engine", "lucid-core", true);
        check_arrow("host/runtime", "lucid-cli", false);
    }

    #[test]
    fn only_the_engine_knows_wasmtime_and_the_pure_crates_do_not_act() {
        check_arrow("host/engine", "wasmtime-wasi", true);
        check_arrow("host/runtime", "wasmtime", false);
        check_arrow("host/memory", "tokio", false);
        check_arrow("host/policy", "cap-std", false);
        check_arrow("host/store", "tokio", true);
    }

    #[test]
    fn guests_know_the_sdk_and_rubrics_alone() {
        check_arrow("plugins/files", "lucid-sdk", true);
        check_arrow("plugins/files", "lucid-core", false);
        check_arrow("plugins/checks", "lucid-rubric", true);
        check_arrow("examples/m/plugins/x", "lucid-policy", false);
        check_arrow("sdk/rust", "lucid-core", false);
        check_arrow("tests/integration", "lucid-runtime", true);
    }
}
