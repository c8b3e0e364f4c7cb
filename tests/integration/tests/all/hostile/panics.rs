//! Programs that make the host panic: a mistake in a host function costs one call, and
//! nobody else notices.

use std::io;
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use lucid_core::{
    Completion, CompletionRequest, FailureKind, Limits, Operation, Origin, Rejection, Result,
    Timestamp,
};
use lucid_engine::{
    Call, Connection, DreamEntry, DreamEvent, DreamHost, DreamRequest, DreamSession, EntryShape,
    ModelHost, Network, Plugin,
};
use lucid_policy::Grants;
use lucid_policy::manifest::Kind;
use lucid_tests::{Corpus, alone, engine, guest, resident_bytes, runtime};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::server::{Waiting, engine_on, granted};
use super::standard;

/// What a host function says that panics. The hook that would print it is not asked.
fn mistake() -> ! {
    resume_unwind(Box::new("a mistake of the test"))
}

struct Model;

impl ModelHost for Model {
    // As `async_trait` writes it.
    fn complete<'life0, 'async_trait>(
        &'life0 self,
        _: CompletionRequest,
    ) -> Waiting<'async_trait, Result<Completion>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async { mistake() })
    }
}

/// A thousand of them in a row: the engine, its threads and its memory are as before.
#[test]
pub(super) fn asks() {
    let corpus = Corpus::of("hostile_panics_asks");
    let call = || Call { model: Some(Arc::new(Model)), ..standard() };
    let attack = corpus.attack("", call());
    let failure = attack.stopped(FailureKind::Bug, "a host function panicked");
    assert!(failure.message.contains("a mistake of the test"), "{failure:?}");
    let before = resident_bytes();
    for _ in 0..1_000 {
        let report = runtime().block_on(corpus.plugin().call_tool(call(), "attack", ""));
        assert_eq!(report.result.unwrap_err().kind, FailureKind::Bug);
    }
    corpus.attack("", call()).stopped(FailureKind::Bug, "a host function panicked");
    let after = resident_bytes();
    let back = after <= before + (8 << 20) || !alone();
    assert!(back, "{before} bytes before, {after} after");
}

/// Where a network panics.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Resolve,
    Connect,
    Write,
    Read,
    Nowhere,
}

struct Wrong(Place);

impl Wrong {
    fn at(&self, place: Place) {
        if self.0 == place {
            mistake();
        }
    }
}

impl Network for Wrong {
    fn resolve<'life0, 'life1, 'async_trait>(
        &'life0 self,
        _: &'life1 str,
        port: u16,
    ) -> Waiting<'async_trait, io::Result<Vec<SocketAddr>>>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            self.at(Place::Resolve);
            Ok(vec![SocketAddr::new([93, 184, 216, 34].into(), port)])
        })
    }

    fn connect<'life0, 'async_trait>(
        &'life0 self,
        _: SocketAddr,
    ) -> Waiting<'async_trait, io::Result<Box<dyn Connection>>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            self.at(Place::Connect);
            Ok(Box::new(Line(Wrong(self.0))) as Box<dyn Connection>)
        })
    }
}

/// A connection that takes everything, and has nothing to say.
struct Line(Wrong);

impl AsyncRead for Line {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.at(Place::Read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.at(Place::Write);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
pub(super) fn sends() {
    // What would print where it was reads all of the program's debugging information first.
    std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
    // A request has a task of its own, and what it hands over is written beside it: a panic
    // there costs the answer alone.
    for (place, costs_the_call) in
        [(Place::Resolve, true), (Place::Connect, true), (Place::Write, false), (Place::Read, true)]
    {
        let engine = engine_on(Arc::new(Wrong(place)));
        let corpus = granted(&engine, "hostile_panics_sends", &["wrong.example"]);
        for _ in 0..3 {
            let attack = corpus.attack("http://wrong.example/", standard());
            if costs_the_call {
                attack.stopped(FailureKind::Bug, "a host function panicked");
            } else {
                assert_eq!(attack.harmless(), "HttpResponseIncomplete");
            }
        }
    }
    let engine = engine_on(Arc::new(Wrong(Place::Nowhere)));
    let corpus = granted(&engine, "hostile_panics_sends", &["wrong.example"]);
    let said = corpus.attack("http://wrong.example/", standard()).harmless();
    assert_eq!(said, "HttpResponseIncomplete");
}

/// The functions of a dream's host.
const FUNCTIONS: usize = 8;

/// A dream's host of which one function panics.
struct Dreaming {
    wrong: usize,
    reached: AtomicUsize,
}

impl Dreaming {
    fn at(&self, function: usize) {
        if self.wrong == function {
            self.reached.fetch_add(1, Ordering::Relaxed);
            mistake();
        }
    }
}

const AT: Timestamp = Timestamp(1_700_000_000_000);

/// The only session's events: what the program quotes.
fn events() -> Vec<DreamEvent> {
    let event = |sequence, kind: &str, origin| DreamEvent {
        id: format!("sevt_{sequence}"),
        sequence,
        kind: kind.to_owned(),
        thread_id: None,
        at: AT,
        origin,
        body: "{\"text\":\"a text that is long enough to be quoted from\"}".to_owned(),
    };
    vec![event(0, "user.message", Origin::Person), event(1, "agent.tool_result", Origin::Outside)]
}

impl DreamHost for Dreaming {
    fn sessions<'life0, 'async_trait>(
        &'life0 self,
        offset: u32,
        _: u32,
    ) -> Waiting<'async_trait, Result<Vec<DreamSession>>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        let session = DreamSession {
            id: "sesn_0".to_owned(),
            title: String::new(),
            agent: String::new(),
            principal: String::new(),
            started_at: AT,
            ended_at: AT,
            succeeded: None,
            labels: Vec::new(),
            events: 2,
        };
        Box::pin(async move {
            self.at(0);
            Ok(if offset == 0 { vec![session] } else { Vec::new() })
        })
    }

    fn has_session<'life0, 'life1, 'async_trait>(
        &'life0 self,
        id: &'life1 str,
    ) -> Waiting<'async_trait, bool>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            self.at(1);
            id == "sesn_0"
        })
    }

    fn events<'life0, 'life1, 'async_trait>(
        &'life0 self,
        _: &'life1 str,
        sequence: u32,
        _: u32,
    ) -> Waiting<'async_trait, Result<Vec<DreamEvent>>>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            self.at(2);
            Ok(events().into_iter().filter(|event| event.sequence >= sequence).collect())
        })
    }

    fn entries<'life0, 'async_trait>(
        &'life0 self,
        offset: u32,
        _: u32,
    ) -> Waiting<'async_trait, Vec<DreamEntry>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        let entry = |index| DreamEntry {
            id: format!("ent_{index}"),
            path: "/notes.md".to_owned(),
            index,
            headings: Vec::new(),
            shape: EntryShape::Item,
            text: "- a note".to_owned(),
            updated_at: AT,
        };
        Box::pin(async move {
            self.at(3);
            if offset == 0 { vec![entry(0), entry(1), entry(2)] } else { Vec::new() }
        })
    }

    fn propose<'life0, 'async_trait>(
        &'life0 self,
        _: Operation,
    ) -> Waiting<'async_trait, Result<Result<u32, Rejection>>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            self.at(4);
            Ok(Ok(0))
        })
    }

    fn digests<'life0, 'async_trait>(
        &'life0 self,
        offset: u32,
        _: u32,
        _: usize,
    ) -> Waiting<'async_trait, Result<Vec<Option<Vec<u8>>>>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            self.at(5);
            Ok(if offset == 0 { vec![None] } else { Vec::new() })
        })
    }

    fn keep_digest<'life0, 'life1, 'async_trait>(
        &'life0 self,
        _: &'life1 str,
        _: Vec<u8>,
    ) -> Waiting<'async_trait, Result<()>>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            self.at(6);
            Ok(())
        })
    }

    fn progress<'life0, 'async_trait>(
        &'life0 self,
        _: String,
        _: u32,
        _: u32,
        _: Option<String>,
    ) -> Waiting<'async_trait, Result<()>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            self.at(7);
            Ok(())
        })
    }
}

/// Each function of a dream's host panics in its turn; a neighbour of the engine, asked after
/// each, works on, and so does the same dream with a host that is right.
#[test]
fn a_dream_whose_host_panics_is_lost_and_nothing_else_is() {
    let bystander = Corpus::of("hostile_panics_asks");
    let inside = runtime().enter();
    let dream = Plugin::load(engine(), &guest("wayward-dream"), Kind::Dream, &Grants::dream());
    let dream = dream.unwrap();
    drop(inside);
    let request = DreamRequest {
        instructions: String::new(),
        operations_max: 100,
        new_bytes_max: 100_000,
        seed: 0,
        now: AT,
    };
    for wrong in 0..=FUNCTIONS {
        let host = Arc::new(Dreaming { wrong, reached: AtomicUsize::new(0) });
        let call = Call { dream: Some(host.clone()), ..Call::bare(Limits::DREAM) };
        let report = runtime().block_on(dream.dream(call, &request));
        let reached = host.reached.load(Ordering::Relaxed);
        match report.result {
            Err(failure) => {
                assert_eq!((failure.kind, reached), (FailureKind::Bug, 1), "{failure:?}");
                assert!(failure.message.contains("`wayward-dream`"), "{failure:?}");
            }
            // The last is right.
            Ok(_) => assert!(wrong == FUNCTIONS && reached == 0, "{wrong} was not reached"),
        }
        let call = Call { model: Some(Arc::new(Model)), ..standard() };
        bystander.attack("", call).stopped(FailureKind::Bug, "panicked");
    }
}
