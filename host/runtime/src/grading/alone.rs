//! Grading a folder that somebody names, without a session.

use std::path::Path;

use lucid_core::{Evaluation, Failure, Result, TokenUsage};
use lucid_engine::Report;
use toml::{Table, Value};

use super::{Counted, Graders, Question};
use crate::mission::{Mission, load_graders};
use crate::state::Runtime;

/// Who judges a folder.
#[derive(Debug, Clone)]
pub struct GraderChoice {
    /// A bundled grader, or the file of one.
    pub grader: String,
    /// Those that it may ask, where it is a panel: bundled, or files in the same folder, each
    /// with how much its verdict counts.
    pub members: Vec<(String, f64)>,
    /// How the panel is to decide.
    pub rule: Option<String>,
    /// The model that graders may ask.
    pub model: Option<String>,
}

/// What a folder was judged to be, and what that cost.
pub struct FolderGraded {
    /// The evaluation, with usage and log.
    pub report: Report<Evaluation>,
    /// Tokens of the models that were asked.
    pub usage: TokenUsage,
}

impl Runtime {
    /// Loads graders without a mission.
    ///
    /// # Errors
    /// Invalid or denied, saying what and what to do.
    pub async fn graders(&self, choice: &GraderChoice) -> Result<Graders> {
        load_graders(lines(choice), folder(choice)?, &self.loading()).await
    }

    /// Judges a folder by a rubric; nothing is written.
    ///
    /// # Errors
    /// Invalid, when a grader cannot use the rubric, or the folder is none.
    pub async fn grade(
        &self,
        graders: &Graders,
        rubric: &str,
        outputs: &Path,
    ) -> Result<FolderGraded> {
        if !outputs.is_dir() {
            return Err(Failure::invalid(format!("no such folder: {}", outputs.display()))
                .hint("name the folder that has what is to be judged"));
        }
        graders.check_rubric(rubric).await.map_err(|failure| failure.about("rubric"))?;
        let question = Question {
            description: String::new(),
            rubric: rubric.to_owned(),
            iteration: 0,
            outputs: outputs.to_owned(),
        };
        let counted = Counted::default();
        let report = graders.judge(&question, &counted).await;
        Ok(FolderGraded { report, usage: counted.total() })
    }
}

impl Mission {
    /// Who judges its outcome, and by what; none where it has no outcome.
    #[must_use]
    pub fn graders(&self) -> Option<(&Graders, &str)> {
        self.outcome.as_ref().map(|plan| (&plan.graders, plan.rubric.as_str()))
    }
}

/// The folder of the files that somebody named: one, as a mission's plugins have one.
fn folder(choice: &GraderChoice) -> Result<&Path> {
    let members = choice.members.iter().map(|(member, _)| member);
    let files = std::iter::once(&choice.grader).chain(members);
    let files = files.filter(|written| name_of(written) != **written);
    let mut folders = files.map(|file| Path::new(file).parent().unwrap_or(Path::new("")));
    let first = folders.next().unwrap_or(Path::new(""));
    match folders.find(|folder| *folder != first) {
        None => Ok(first),
        Some(_) => Err(Failure::invalid("the graders' files are in several folders")
            .hint("put them into one folder, or name them in a mission")),
    }
}

/// The lines that a mission would have.
fn lines(choice: &GraderChoice) -> String {
    let (mut file, mut plugins) = (Table::new(), Table::new());
    let mut named = |written: &str| {
        let (name, mut section) = (name_of(written), Table::new());
        if name != written {
            section.insert("file".to_owned(), format!("{name}.wasm").into());
        }
        if let Some(model) = &choice.model {
            section.insert("model".to_owned(), model.as_str().into());
        }
        plugins.insert(name.clone(), Value::Table(section));
        Value::String(name)
    };
    let grader = named(&choice.grader);
    let members = choice.members.iter().map(|(member, weight)| {
        let mut seat = Table::new();
        seat.insert("name".to_owned(), named(member));
        seat.insert("weight".to_owned(), (*weight).into());
        Value::Table(seat)
    });
    let members: Vec<Value> = members.collect();
    let grader = if members.is_empty() {
        grader
    } else {
        let mut panel = Table::new();
        panel.insert("name".to_owned(), grader);
        panel.insert("members".to_owned(), Value::Array(members));
        panel.extend(choice.rule.iter().map(|rule| ("rule".to_owned(), rule.as_str().into())));
        Value::Table(panel)
    };
    file.insert("grader".to_owned(), grader);
    file.insert("plugins".to_owned(), Value::Table(plugins));
    file.to_string()
}

/// A plugin's name of what somebody wrote: a name, or a file.
fn name_of(written: &str) -> String {
    let path = Path::new(written);
    match (path.extension(), path.file_stem()) {
        (Some(extension), Some(stem)) if extension == "wasm" => stem.to_string_lossy().into_owned(),
        _ => written.to_owned(),
    }
}
