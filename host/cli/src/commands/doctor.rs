//! `lucid doctor`: is everything there that Lucid needs?

use lucid_build::ToolchainStatus;
use lucid_core::{Failure, Result};
use lucid_policy::Grants;
use lucid_policy::http::HostRule;
use lucid_policy::manifest::{FileAccess, Kind};
use lucid_runtime::{Bundled, Engine, Plugin, Runtime, RuntimeOptions};
use serde_json::{Value, json};

use crate::failure::Ended;
use crate::show::{print, print_list};

/// One thing that was looked at.
struct Check {
    name: String,
    result: Result<String>,
}

/// The plugins that come with Lucid.
const BUNDLED: [(&str, Kind); 11] = [
    ("bench", Kind::Tool),
    ("bench-files", Kind::Tool),
    ("checks", Kind::Grader),
    ("consolidate", Kind::Dream),
    ("echo", Kind::Model),
    ("files", Kind::Tool),
    ("judge", Kind::Grader),
    ("panel", Kind::Grader),
    ("reflect", Kind::Dream),
    ("script", Kind::Model),
    ("web-fetch", Kind::Tool),
];

pub(crate) async fn run(options: RuntimeOptions, json: bool) -> crate::failure::Result {
    let mut checks = Vec::new();
    let engine = Runtime::engine(&options);
    checks.push(Check {
        name: "engine".to_owned(),
        result: engine.as_ref().map(|_| "starts".to_owned()).map_err(Clone::clone),
    });
    if let Ok(engine) = &engine {
        let bundled = Bundled::new(options.bundled.clone());
        for (name, kind) in BUNDLED {
            let result = load(engine, &bundled, name, kind);
            checks.push(Check { name: format!("plugin {name}"), result });
        }
        checks.push(Check { name: "compile cache".to_owned(), result: kept(engine) });
    }
    let state = options.state.display().to_string();
    let result = match Runtime::open(options) {
        Ok(runtime) => runtime.store.sessions(&lucid_runtime::SessionFilter::default()).await,
        Err(failure) => Err(failure),
    };
    let result = result.map(|sessions| format!("{state}, {} sessions", sessions.len()));
    checks.push(Check { name: "state".to_owned(), result });
    let well = checks.iter().all(|check| check.result.is_ok());
    // Lucid is well without them: only who writes plugins needs one.
    let compilers: Vec<Check> = compilers();
    if json {
        let optional = compilers.iter().map(|check| document(check, true));
        print_list(checks.iter().map(|check| document(check, false)).chain(optional))?;
    } else {
        let optional = compilers.iter().map(|check| line(check, "-"));
        let lines = checks.iter().map(|check| line(check, "FAILED")).chain(optional);
        print(&lines.collect::<String>())?;
    }
    Ok(if well { Ended::Done } else { Ended::Failed })
}

fn load(engine: &Engine, bundled: &Bundled, name: &str, kind: Kind) -> Result<String> {
    let grants = match kind {
        Kind::Dream => Grants::dream(),
        Kind::Grader => Grants { model: true, graders: true, ..Grants::grader() },
        // Nothing is called, so nothing is sent either.
        Kind::Tool => Grants {
            files: Some(FileAccess::ReadWrite),
            http: [HostRule::ANY.to_string()].into(),
            ..Grants::default()
        },
        Kind::Model => Grants::default(),
    };
    let plugin = Plugin::load(engine, &bundled.read(name)?, kind, &grants)?;
    Ok(format!("{kind}, version {}", plugin.manifest().version))
}

/// Whether compiled plugins are kept; the plugins were loaded, so it was tried.
fn kept(engine: &Engine) -> Result<String> {
    match engine.cache_problem() {
        None => Ok("is used".to_owned()),
        Some(problem) => Err(Failure::failed(format!("compiled plugins are not kept: {problem}"))
            .hint("each load compiles again; give the state folder to this user alone")),
    }
}

/// What builds plugins, as seen from the folder that `lucid` was started in.
fn compilers() -> Vec<Check> {
    let here = std::env::current_dir().unwrap_or_default();
    let found = lucid_build::toolchains(&crate::home::machine(), &here);
    let check = |status: ToolchainStatus| Check {
        name: format!("{} plugins", status.language),
        result: status.found,
    };
    found.into_iter().map(check).collect()
}

fn document(check: &Check, optional: bool) -> Value {
    let failure: Option<&Failure> = check.result.as_ref().err();
    json!({
        "name": check.name,
        "ok": check.result.is_ok(),
        "optional": optional,
        "detail": check.result.as_ref().ok(),
        "error": failure,
    })
}

/// A check as a line, with a word for one that did not pass.
fn line(check: &Check, not_passed: &str) -> String {
    match &check.result {
        Ok(detail) => format!("ok      {:<20} {detail}\n", check.name),
        Err(failure) => {
            let hint = failure.hint.as_deref().unwrap_or("see the message");
            format!("{not_passed:<7} {:<20} {failure}\n        hint: {hint}\n", check.name)
        }
    }
}
