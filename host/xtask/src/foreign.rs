//! Plugins of the examples in other languages than Rust: built by `lucid plugin build`, as
//! their authors would.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::failure::Failure;
use crate::process::{run, say};
use crate::toolchains::{Toolchains, install_packages};
use crate::workspace::{Workspace, entries, folders_in, name_of};

/// What builds leave in a project, beside its sources.
const NOT_SOURCES: [&str; 5] = ["build", "node_modules", "__pycache__", ".venv", "deps"];

/// Builds those of every example.
pub(crate) fn build_all(workspace: &Workspace, toolchains: &Toolchains) -> Result<(), Failure> {
    for mission in folders_in(&workspace.root.join("examples"))? {
        build(workspace, toolchains, &mission)?;
    }
    Ok(())
}

/// Builds those of the mission that the arguments of `lucid run` name, where it has any; only
/// then are other languages' compilers needed.
pub(crate) fn build_named(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    for folder in arguments.iter().map(PathBuf::from).filter(|folder| folder.is_dir()) {
        if !projects(&folder)?.is_empty() {
            build(workspace, &Toolchains::ensure(workspace)?, &folder)?;
        }
    }
    Ok(())
}

/// The projects in other languages among a mission's plugins.
fn projects(mission: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut folders = folders_in(&mission.join("plugins"))?;
    folders.retain(|folder| {
        folder.join("plugin.toml").is_file() && !folder.join("Cargo.toml").is_file()
    });
    Ok(folders)
}

fn build(workspace: &Workspace, toolchains: &Toolchains, mission: &Path) -> Result<(), Failure> {
    for project in projects(mission)? {
        let packed = project.with_extension("wasm");
        let interfaces = newest(&workspace.root.join("wit"))?;
        let lucid = workspace.release().join(format!("lucid{}", std::env::consts::EXE_SUFFIX));
        if time(&packed) > newest(&project)?.max(interfaces) {
            continue;
        }
        let locked = project.join("package-lock.json");
        if locked.is_file() && time(&project.join("node_modules")) < time(&locked) {
            install_packages(&project)?;
        }
        say(&format!("building {}", project.display()));
        let start = |arguments: &[&str], last: &[&Path]| {
            let mut command = Command::new(&lucid);
            command.arg("plugin").args(arguments).args(last).arg("--state");
            command.arg(toolchains.state()).env("PATH", toolchains.path());
            let what = format!("building plugin {}", name_of(&project));
            run(&mut command, &what, "mend what it names, and build again")
        };
        // The interfaces are those of this tree, whatever was built here before.
        start(&["wit"], &[&project.join("wit")])?;
        start(&["build"], &[&project, Path::new("--out"), &packed])?;
    }
    Ok(())
}

/// When a file was written; the beginning of time where it is not there.
fn time(path: &Path) -> SystemTime {
    fs::metadata(path).and_then(|file| file.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// When the newest source below a folder was written.
fn newest(folder: &Path) -> Result<SystemTime, Failure> {
    let mut latest = SystemTime::UNIX_EPOCH;
    for path in entries(folder)? {
        let name = name_of(&path);
        if NOT_SOURCES.contains(&name.as_str()) || name.ends_with(".wasm") {
            continue;
        }
        latest = latest.max(if path.is_dir() { newest(&path)? } else { time(&path) });
    }
    Ok(latest)
}
