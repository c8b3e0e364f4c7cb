//! `lucid plugin new` and `lucid plugin wit`.

use std::path::{Path, PathBuf};

use lucid_build::{Language, project};
use serde_json::json;

use crate::args::NewArgs;
use crate::failure::Ended;
use crate::show::{print, print_json};

pub(crate) fn run(args: &NewArgs, json: bool) -> crate::failure::Result {
    let (kind, language) = (args.kind(), args.language());
    let folder = args.dir.clone().unwrap_or_else(|| PathBuf::from(&args.name));
    let files = project::create(&folder, &args.name, kind, language)?;
    let place = folder.display();
    if json {
        print_json(&json!({
            "path": folder, "name": args.name, "kind": kind, "language": language.name(),
            "files": files,
        }))?;
        return Ok(Ended::Done);
    }
    let install = match language {
        Language::Rust => "",
        Language::JavaScript => "  npm install\n",
        _ => "  python3 -m venv .venv && .venv/bin/pip install -r requirements.txt\n",
    };
    print(&format!(
        "{place}: a {kind} in {language}, {files} files. Next:\n\n  cd {place}\n{install}  \
         lucid plugin build\n  lucid plugin check {name}.wasm\n\nIts README.md says the rest.\n",
        name = args.name
    ))?;
    Ok(Ended::Done)
}

/// Writes the interfaces into a project, or into a folder for a language without template.
pub(crate) fn interfaces(wit: &Path, json: bool) -> crate::failure::Result {
    let files = lucid_build::write_interfaces(wit)?;
    let deps = wit.join("deps");
    if json {
        print_json(&json!({ "path": deps, "files": files }))?;
    } else {
        print(&format!("{}: {files} files\n", deps.display()))?;
    }
    Ok(Ended::Done)
}
