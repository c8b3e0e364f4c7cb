//! What several tests need: a folder, a rubric, a grading.
#![allow(dead_code, reason = "each test uses some of it")]

use checks::Checks;
use lucid_sdk::grader::{Criterion, Evaluation, GradeError, Grader, Request};
use std::fs;
use std::path::Path;

/// A file: its path, and what is in it.
pub(crate) type File<'a> = (&'a str, &'a [u8]);

/// A folder with these files.
pub(crate) fn folder(files: &[File<'_>]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

/// Grades what is in a folder.
pub(crate) fn grade_in(rubric: &str, folder: &Path) -> Result<Evaluation, GradeError> {
    Checks::grade(&Request {
        description: String::new(),
        rubric: rubric.to_owned(),
        iteration: 0,
        outputs_path: folder.to_str().unwrap().to_owned(),
    })
}

/// Grades a folder with these files.
pub(crate) fn grade(rubric: &str, files: &[File<'_>]) -> Evaluation {
    grade_in(rubric, folder(files).path()).unwrap()
}

/// The criterion that has this check, alone in its rubric.
pub(crate) fn one(check: &str, files: &[File<'_>]) -> Criterion {
    grade(&format!("- it ``check: {check}``"), files).criteria.remove(0)
}
