//! Starting a program with the layer between it and its files.

use std::path::{Path, PathBuf};
use std::process::Command;

use lucid_store::Durability;
use tempfile::TempDir;

use crate::{Act, DATABASE, Said, Workload, journal, said};

/// What is made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Writes.
    Write,
    /// Syncs of files.
    Sync,
    /// Changes of a file's length.
    Truncate,
}

/// In which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Nothing is done; an error of the device.
    Eio,
    /// Nothing is done; no room.
    Enospc,
    /// Half of it is done; an error of the device.
    Torn,
    /// Half of it is done, and that is said.
    Short,
}

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Once.
    Once,
    /// From then on.
    On,
}

/// What fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// What.
    pub kind: Kind,
    /// The first one, counted from 1.
    pub number: usize,
    /// In which way.
    pub how: How,
    /// How often.
    pub when: When,
}

impl Fault {
    fn plan(self) -> String {
        let Self { kind, number, how, when } = self;
        format!("{kind:?} {number} {how:?} {when:?}").to_lowercase()
    }
}

/// What the program is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Program {
    /// What it appends.
    pub workload: Workload,
    /// How often it tries what failed again, before it gives up.
    pub again: u32,
    /// What it asks of the store.
    pub durability: Durability,
}

impl Program {
    /// Appends a workload, waits for the disk, and gives up at the first failure.
    #[must_use]
    pub fn new(workload: Workload) -> Self {
        Self { workload, again: 0, durability: Durability::Full }
    }
}

/// The layer, compiled.
pub struct Layer {
    folder: TempDir,
    program: PathBuf,
}

/// A program that ran, and the folder it worked in.
pub struct Ran {
    folder: TempDir,
    /// What it was told.
    pub said: Vec<Said>,
    /// What it did to its files.
    pub acts: Vec<Act>,
}

impl Ran {
    /// The folder with the database.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }
}

impl Layer {
    /// Compiles the layer for a program.
    ///
    /// # Panics
    /// When there is no C compiler, which SQLite needs as well.
    #[must_use]
    pub fn new(program: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("faults/faults.c");
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let mut cc = Command::new(&compiler);
        cc.args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-o"]);
        cc.arg(folder.path().join("faults.so")).arg(source).arg("-ldl");
        let status = cc.status().unwrap_or_else(|error| panic!("`{compiler}`: {error}"));
        assert!(status.success(), "`{compiler}` does not compile faults.c");
        Self { folder, program: PathBuf::from(program) }
    }

    /// Runs the program until its end, with a fault if there is to be one.
    ///
    /// # Panics
    /// When the program does not end by itself, without a panic of its own.
    #[must_use]
    pub fn run(&self, program: &Program, fault: Option<Fault>) -> Ran {
        let folder = crate::scratch();
        let files = folder.path().canonicalize().unwrap().join("files");
        std::fs::create_dir(&files).unwrap();
        let kept = folder.path().join("journal");
        let mut command = Command::new(&self.program);
        let waits = program.durability == Durability::Full;
        command.arg(files.join(DATABASE)).args(program.workload.arguments());
        command.args([program.again.to_string(), u32::from(waits).to_string()]);
        command.env("LD_PRELOAD", self.folder.path().join("faults.so"));
        command.env("LUCID_FAULTS_FOLDER", format!("{}/", files.display()));
        command.env("LUCID_FAULTS_JOURNAL", &kept);
        if let Some(fault) = fault {
            command.env("LUCID_FAULTS_PLAN", fault.plan());
        }
        let output = command.output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{fault:?}: {}\n{told}\n{errors}", output.status);
        let said = said(&told);
        assert_eq!(said.last(), Some(&Said::Ended), "{fault:?}: {errors}");
        Ran { folder, said, acts: journal(&kept) }
    }
}
