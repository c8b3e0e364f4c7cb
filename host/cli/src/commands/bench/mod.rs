//! `lucid bench`.

mod plugin;
mod promise;
mod session;
mod steps;
mod store;

use std::fs::DirBuilder;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use lucid_core::{Failure, Result};
use lucid_runtime::bench::{self, BenchOptions, EngineBench, LiveProcess, Part};
use lucid_runtime::{Bundled, RuntimeOptions};

use crate::args::{BenchArgs, BenchCommand, BenchPart};
use crate::failure::Ended;
use crate::show::bench::{Bar, render};
use crate::show::{print, print_json};

pub(crate) async fn run(
    options: RuntimeOptions,
    command: BenchCommand,
    json: bool,
) -> crate::failure::Result {
    match command {
        BenchCommand::Engine(args) => engine(options, &args, json).await,
        BenchCommand::Plugin(args) => plugin::run(&options, &args, json).await,
        BenchCommand::Store(args) => store::run(&options, &args, json).await,
        BenchCommand::Session(args) => Box::pin(session::run(options, &args, json)).await,
    }
}

async fn engine(options: RuntimeOptions, args: &BenchArgs, json: bool) -> crate::failure::Result {
    let bundled = Bundled::new(options.bundled);
    let (component, files) = (bundled.read("bench")?, bundled.read("bench-files")?);
    let scratch = Scratch::new(args.scratch.clone())?;
    let options = BenchOptions {
        calls: args.calls,
        live: args.live.clone(),
        deadline_calls: args.deadline_calls,
        only: args.only.map(part),
        live_process: live_process(args, scratch.folder())?,
        ..BenchOptions::standard(component, files, scratch.folder().to_owned())
    };
    let bar = Bar::new();
    let measured = bench::run(&options, &|progress| bar.show(progress)).await;
    bar.clear();
    let figures = measured?;
    if json {
        print_json(&figures)?;
    } else {
        print(&render(&figures))?;
    }
    Ok(Ended::Done)
}

fn part(part: BenchPart) -> Part {
    match part {
        BenchPart::Live => Part::Live,
        BenchPart::Load => Part::Load,
        BenchPart::Calls => Part::Calls,
        BenchPart::Deadline => Part::Deadline,
        BenchPart::Kills => Part::Kills,
        BenchPart::Files => Part::Files,
    }
}

/// Live instances are measured by this program, started again: memory that this process has
/// freed would be used by them and not be seen.
fn live_process(args: &BenchArgs, folder: &Path) -> Result<Option<LiveProcess>> {
    if args.scratch.is_some() {
        return Ok(None);
    }
    let program = std::env::current_exe()
        .map_err(|error| Failure::failed(format!("where this program is: {error}")))?;
    let folder = folder.to_owned();
    Ok(Some(Arc::new(move |n| alone(&program, &folder, n))))
}

fn alone(program: &Path, folder: &Path, n: u32) -> Result<f64> {
    let failed = |why: String| Failure::failed(format!("a process of its own: {why}"));
    let output = Command::new(program)
        .args(["bench", "engine", "--json", "--only", "live", "--live", &n.to_string()])
        .arg("--scratch")
        .arg(folder)
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
        return Err(failed(format!("{}: {last}", output.status)));
    }
    let told: EngineBench =
        serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))?;
    told.live_kib(n).ok_or_else(|| failed(told.notes.join("; ")))
}

/// The folder of one run, for its owner only; removed after it, unless it was given.
struct Scratch {
    folder: PathBuf,
    mine: bool,
}

impl Scratch {
    fn new(given: Option<PathBuf>) -> Result<Self> {
        if let Some(folder) = given {
            return Ok(Self { folder, mine: false });
        }
        let folder = std::env::temp_dir().join(format!("lucid-bench-{}", std::process::id()));
        Self::make(folder, "remove it, or set TMPDIR to another place")
    }

    /// A folder on the disk that state is kept on.
    fn inside(state: &Path) -> Result<Self> {
        let mut builder = private();
        builder.recursive(true).create(state).map_err(|error| {
            Failure::failed(format!("state folder {}: {error}", state.display()))
                .hint("give another with `--state DIR`")
        })?;
        let folder = state.join(format!("bench-{}", std::process::id()));
        Self::make(folder, "remove it, or give another folder of state with `--state DIR`")
    }

    fn make(folder: PathBuf, hint: &str) -> Result<Self> {
        // Not recursive: a folder that is there already is somebody else's.
        private().create(&folder).map_err(|error| {
            Failure::failed(format!("folder {}: {error}", folder.display())).hint(hint)
        })?;
        Ok(Self { folder, mine: true })
    }

    fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.mine {
            // What stays behind is in the folder for temporary files.
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// Makes folders for their owner only.
fn private() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_inside_the_state_is_removed_and_another_s_is_refused_and_kept() {
        let parent = tempfile::tempdir().unwrap();
        let state = parent.path().join("a/state");
        let scratch = Scratch::inside(&state).unwrap();
        std::fs::write(scratch.folder().join("file"), "x").unwrap();
        let refused = Scratch::inside(&state).err().unwrap();
        assert!(refused.hint.is_some(), "{refused}");
        assert!(scratch.folder().join("file").exists());
        drop(scratch);
        assert_eq!(std::fs::read_dir(&state).unwrap().count(), 0);
    }
}
