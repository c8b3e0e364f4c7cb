//! The file that a cassette is written into.

use std::fs::File;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use lucid_core::Failure;

use super::{Header, VERSION};
use crate::error::{ModelError, ModelErrorKind};

/// A cassette that is being written: one file, for as many models as record into it.
#[derive(Clone)]
pub struct Tape(Arc<Mutex<Result<File, String>>>);

impl Tape {
    /// Begins a cassette in a file, which has to be empty. What goes wrong with the file is
    /// said by the next request.
    #[must_use]
    pub fn begin(file: File) -> Self {
        let tape = Self(Arc::new(Mutex::new(Ok(file))));
        // A failure is kept, and comes back when somebody asks.
        let _ = tape.write(&Header { cassette: VERSION });
        tape
    }

    /// Whether it can be written still.
    pub(super) fn check(&self) -> Result<(), ModelError> {
        let file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.as_ref().map(|_| ()).map_err(|why| unwritten(why))
    }

    /// Writes one line, whole or not at all as far as anybody is told.
    pub(super) fn write(&self, line: &impl serde::Serialize) -> Result<(), ModelError> {
        let text = serde_json::to_string(line).map_err(|error| error.to_string());
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let written = match (file.as_mut(), text) {
            (Ok(file), Ok(text)) => {
                file.write_all(format!("{text}\n").as_bytes()).map_err(|error| error.to_string())
            }
            (Err(why), _) => Err(why.clone()),
            (_, Err(why)) => Err(why),
        };
        written.map_err(|why| {
            let error = unwritten(&why);
            *file = Err(why);
            error
        })
    }
}

fn unwritten(why: &str) -> ModelError {
    let failure = Failure::failed(format!("the cassette cannot be written: {why}"))
        .hint("free space on its disk or record into another file, and run again");
    ModelError::new(ModelErrorKind::Rejected, failure)
}
