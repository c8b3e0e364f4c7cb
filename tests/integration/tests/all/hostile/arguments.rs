//! A program that calls the host with whatever comes to mind.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use lucid_core::{FailureKind, Limits};
use lucid_engine::{Call, Connection, Network};
use lucid_policy::Access;
use lucid_tests::{Corpus, component};

use super::STANDARD;
use super::server::{Waiting, engine_on};

/// Programs that differ in nothing but what comes to mind.
const SEEDS: u64 = 48;

/// A network that leads nowhere.
struct Nowhere;

impl Network for Nowhere {
    // As `async_trait` writes it.
    fn resolve<'life0, 'life1, 'async_trait>(
        &'life0 self,
        _: &'life1 str,
        _: u16,
    ) -> Waiting<'async_trait, io::Result<Vec<SocketAddr>>>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async { Err(io::ErrorKind::NotFound.into()) })
    }

    fn connect<'life0, 'async_trait>(
        &'life0 self,
        _: SocketAddr,
    ) -> Waiting<'async_trait, io::Result<Box<dyn Connection>>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) })
    }
}

/// Makes a view as it was at first.
fn fill(view: &Path) -> io::Result<()> {
    fs::remove_dir_all(view)?;
    fs::create_dir_all(view.join("folder"))?;
    fs::write(view.join("file.txt"), "a file")?;
    fs::write(view.join("folder/file.txt"), "another file")
}

/// Three hundred calls for each seed: the host answers all of them, or stops the program for
/// what it did, and is never wrong itself.
#[test]
pub(super) fn fuzz() {
    let engine = engine_on(Arc::new(Nowhere));
    let corpus = Corpus::on(&engine, &component("hostile_arguments_fuzz"));
    let mut to_the_end = 0;
    for seed in 0..SEEDS {
        fill(&corpus.ground.view()).unwrap();
        let limits = Limits { deadline_ms: 500, http_requests: 1_000, ..STANDARD };
        let call = Call { limits, ..corpus.view(Access::ReadWrite) };
        let attack = corpus.attack(&seed.to_string(), call);
        match &attack.report.result {
            Ok(_) => to_the_end += 1,
            Err(failure) => {
                let kinds = [FailureKind::Trap, FailureKind::Exceeded, FailureKind::Denied];
                assert!(kinds.contains(&failure.kind), "seed {seed}: {failure:?}");
                attack.stopped(failure.kind, "");
            }
        }
    }
    assert!(to_the_end > 0, "no program came to its end");
}
