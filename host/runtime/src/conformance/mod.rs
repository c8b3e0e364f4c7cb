//! Whether one plugin keeps to what a plugin promises, tried on the real host.
//!
//! The engine, the limits, the grants and the folders are those of every other run; the
//! model, the clock, the network and the sessions of a dream are not real, so that a check
//! costs nothing, reaches nothing and comes out the same again. The plugin is granted exactly
//! what it asks for, and then left without each part of that in turn.

mod bench;
mod calling;
mod conversing;
mod difference;
mod dreaming;
mod fake;
mod grading;
mod input;
mod inspection;
mod loading;
mod past;
mod sample;
mod schema;
mod scratch;
mod tools;
mod wanted;

use std::path::PathBuf;

use lucid_core::{Failure, Result, sha256_hex};
use lucid_policy::manifest::{Kind, Manifest};
use serde::Serialize;

use crate::state::RuntimeOptions;
use bench::Bench;
use loading::Loaded;
use scratch::Scratch;

pub use difference::{Difference, LimitChange, Names, ToolChange, Tools, Version, compare};
pub use inspection::{GivenBy, Inspection, Need, Want, inspect};

/// How long one call of a check may take, unless the manifest asks for longer: 2,000 ms.
pub const DEADLINE_MS: u64 = 2_000;

/// The checks, by name, in the order they are reported.
pub const CHECKS: [&str; 15] = [
    "manifest",
    "load",
    "asking",
    "grants",
    "tools",
    "schemas",
    "bad-input",
    "grading",
    "dreaming",
    "conversation",
    "deterministic",
    "read-only",
    "limits",
    "printing",
    "outside",
];

/// What a plugin is checked with.
#[derive(Debug, Clone)]
pub struct CheckOptions {
    /// Of these only the folder of compiled components is used.
    pub runtime: RuntimeOptions,
    /// A folder in which one for this check is made, and removed again.
    pub scratch: PathBuf,
    /// How long one call may take, in milliseconds, unless the manifest asks for longer.
    /// [`DEADLINE_MS`].
    pub deadline_ms: u64,
}

/// How one check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The plugin keeps to it.
    Passed,
    /// It does not.
    Failed,
    /// It does not apply, or an earlier check failed that it needs.
    Skipped,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Which, of [`CHECKS`].
    pub name: &'static str,
    /// How it came out.
    pub result: Outcome,
    /// What was seen, in one sentence.
    pub message: String,
    /// What to do, where it failed.
    pub hint: Option<String>,
}

impl Check {
    fn new(name: &'static str, result: Outcome, message: impl Into<String>) -> Self {
        Self { name, result, message: message.into(), hint: None }
    }

    fn passed(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(name, Outcome::Passed, message)
    }

    fn skipped(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(name, Outcome::Skipped, message)
    }

    fn failed(name: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..Self::new(name, Outcome::Failed, message) }
    }

    /// A check that failed as a call of the engine did.
    fn of_failure(name: &'static str, failure: &Failure, hint: &str) -> Self {
        Self::failed(name, &failure.message, failure.hint.as_deref().unwrap_or(hint))
    }

    /// Passed where nothing was found, else failed with the first finding and how many other
    /// ones there are.
    fn of_findings(
        name: &'static str,
        findings: &[String],
        well: impl Into<String>,
        hint: &str,
    ) -> Self {
        let mut distinct: Vec<&String> = Vec::new();
        for finding in findings {
            if !distinct.contains(&finding) {
                distinct.push(finding);
            }
        }
        match distinct.as_slice() {
            [] => Self::passed(name, well),
            [one] => Self::failed(name, one.as_str(), hint),
            [first, rest @ ..] => {
                Self::failed(name, format!("{first} (and {} more)", rest.len()), hint)
            }
        }
    }
}

/// What came of checking one plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conformance {
    /// Its name, where it has a manifest.
    pub name: Option<String>,
    /// Its kind, where it has a manifest.
    pub kind: Option<Kind>,
    /// SHA-256 of the file.
    pub digest: String,
    /// Every check of [`CHECKS`], in that order.
    pub checks: Vec<Check>,
    /// Whether none failed.
    pub passed: bool,
}

impl Conformance {
    /// The names of the checks that failed.
    pub fn failed(&self) -> impl Iterator<Item = &'static str> {
        let failed = self.checks.iter().filter(|check| check.result == Outcome::Failed);
        failed.map(|check| check.name)
    }

    /// Puts the checks in order, and says why those that were not made were not.
    fn new(bytes: &[u8], manifest: Option<&Manifest>, made: Vec<Check>, missing: &str) -> Self {
        let found = |name: &'static str| {
            let made = made.iter().find(|check| check.name == name).cloned();
            made.unwrap_or_else(|| Check::skipped(name, missing))
        };
        let checks: Vec<Check> = CHECKS.into_iter().map(found).collect();
        Self {
            name: manifest.map(|manifest| manifest.name.clone()),
            kind: manifest.map(|manifest| manifest.kind),
            digest: sha256_hex(bytes),
            passed: checks.iter().all(|check| check.result != Outcome::Failed),
            checks,
        }
    }
}

/// Checks one plugin.
///
/// # Errors
/// Failed, when the machine does not let it be checked: no engine, no folder. What the plugin
/// does wrong is in what comes back.
pub async fn check(options: &CheckOptions, bytes: &[u8]) -> Result<Conformance> {
    let engine = fake::engine(&options.runtime)?;
    let own = bytes.to_vec();
    // Compiling may take seconds, which the threads of calls and their deadlines do not have.
    let loaded = fake::beside(move || loading::checks(&engine, &own)).await?;
    let Loaded { manifest, mut checks, plugin } = loaded;
    let plugin = match plugin {
        Ok(plugin) => plugin,
        Err(why) => return Ok(Conformance::new(bytes, manifest.as_ref(), checks, why)),
    };
    let kind = plugin.manifest().kind;
    let bench = Bench::new(plugin, Scratch::create(&options.scratch)?, options.deadline_ms);
    checks.extend(match kind {
        Kind::Tool => calling::checks(&bench).await,
        Kind::Grader => grading::checks(&bench).await,
        Kind::Dream => dreaming::checks(&bench).await,
        Kind::Model => conversing::checks(&bench).await,
    });
    checks.push(bench.limits());
    checks.push(bench.printing());
    checks.push(bench.outside());
    Ok(Conformance::new(bytes, manifest.as_ref(), checks, &format!("not for a {kind}")))
}
