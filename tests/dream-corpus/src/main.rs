//! Writes a corpus: README.md has the options and what comes of them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lucid_dream_corpus::{Corpus, Plan, PoisonCorpus};

const USAGE: &str = "usage: dream-corpus --out DIR [--seed N] [--sessions N] [--notes N] \
                     [--bytes N] [--variants N] [--part N] [--shuffled] \
                     [--poison]";

/// What was asked for.
struct Asked {
    plan: Plan,
    out: PathBuf,
    /// Sessions of a file; all in one where it is 0.
    part: u32,
    poison: bool,
}

fn main() -> ExitCode {
    let done = asked(std::env::args().skip(1)).and_then(|asked| {
        write(&asked).map_err(|error| format!("{}: {error}", asked.out.display()))
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // Nobody reads it where standard error is closed.
            let _ = writeln!(io::stderr(), "error: {message}");
            ExitCode::from(2)
        }
    }
}

fn asked(mut arguments: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut values: BTreeMap<String, u64> = BTreeMap::new();
    let (mut out, mut poison, mut shuffled) = (None, false, false);
    while let Some(name) = arguments.next() {
        match name.as_str() {
            "--poison" => poison = true,
            "--shuffled" => shuffled = true,
            "--out" => out = arguments.next().map(PathBuf::from),
            "--seed" | "--sessions" | "--notes" | "--bytes" | "--variants" | "--part" => {
                let value = arguments.next().and_then(|value| value.parse().ok());
                values.insert(name, value.ok_or(USAGE)?);
            }
            _ => return Err(USAGE.to_owned()),
        }
    }
    let given = |name: &str| values.get(name).copied();
    let small = |name: &str| given(name).map(|value| u32::try_from(value).unwrap_or(u32::MAX));
    let base = Plan::new(given("--seed").unwrap_or(7));
    let base = if poison { PoisonCorpus::plan(base.seed) } else { base };
    let plan = Plan {
        sessions: small("--sessions").unwrap_or(base.sessions),
        notes: small("--notes").unwrap_or(base.notes),
        bytes: given("--bytes").unwrap_or(base.bytes),
        variants: small("--variants").unwrap_or(base.variants),
        shuffled,
        ..base
    };
    let part = small("--part").unwrap_or_default();
    Ok(Asked { plan, out: out.ok_or(USAGE)?, part, poison })
}

fn write(asked: &Asked) -> io::Result<()> {
    let out = &asked.out;
    let corpus = Corpus::new(asked.plan);
    let store = out.join("store");
    for (path, text) in corpus.memories() {
        let file = store.join(path.trim_start_matches('/'));
        fs::create_dir_all(file.parent().unwrap_or(&store))?;
        fs::write(file, text)?;
    }
    write_json(&out.join("truth.json"), corpus.truth())?;
    if asked.poison {
        let corpus = PoisonCorpus::over(corpus);
        write_json(&out.join("poison.json"), corpus.cases())?;
        let mut file = BufWriter::new(File::create(out.join("sessions.jsonl"))?);
        corpus.write_sessions(&mut file)?;
        return file.flush();
    }
    let sessions = asked.plan.sessions;
    let part = if asked.part == 0 { sessions.max(1) } else { asked.part };
    for (number, first) in (0..sessions).step_by(part as usize).enumerate() {
        let name = match asked.part {
            0 => "sessions.jsonl".to_owned(),
            _ => format!("sessions-{number:04}.jsonl"),
        };
        let mut file = BufWriter::new(File::create(out.join(name))?);
        corpus.write_sessions(first..first.saturating_add(part), &mut file)?;
        file.flush()?;
    }
    Ok(())
}

fn write_json(path: &Path, value: &(impl serde::Serialize + ?Sized)) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    serde_json::to_writer_pretty(&mut file, value)?;
    writeln!(file)?;
    file.flush()
}
