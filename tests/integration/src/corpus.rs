//! The hostile corpus: loads one program, lets it attack, and looks after everyone else.
//!
//! What every attack has in common is asserted here, whatever the program does: it ends
//! near its deadline, the report is bounded and has nothing of the canary, the host's memory,
//! file handles and tasks are back where they were, and a neighbour's call is answered.

mod component;
mod health;

use std::fmt::Debug;
use std::future::Future;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use lucid_core::{Failure, FailureKind, Limits, ToolSpec};
use lucid_engine::{Call, Engine, EngineOptions, Mount, Plugin, Report, ToolAnswer};
use lucid_policy::manifest::{Kind, Manifest};
use lucid_policy::{Access, Grants};

pub use component::{component, with_manifest, with_module};
pub use health::{CANARY, Ground, alone, resident_bytes};

use health::Health;

/// How much later than its deadline a call may come back, on a machine that is busy with
/// other tests. What is promised is measured by `lucid bench engine`, not here.
const LATE: Duration = Duration::from_secs(20);

static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
});

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let _inside = RUNTIME.enter();
    Engine::new(EngineOptions::standard()).unwrap()
});

/// Attacks of one process go one after the other: each measures the whole process.
static TURN: Mutex<()> = Mutex::new(());

/// The runtime on which attacks run.
#[must_use]
pub fn runtime() -> &'static tokio::runtime::Runtime {
    &RUNTIME
}

/// The engine on which attacks run, unless a test brings its own.
#[must_use]
pub fn engine() -> &'static Engine {
    &ENGINE
}

/// Standard limits with a deadline that is soon over: for what only that stops.
#[must_use]
pub fn within_ms(deadline_ms: u64) -> Call {
    Call::bare(Limits { deadline_ms, ..Limits::STANDARD })
}

/// All that a manifest asks for.
#[must_use]
pub fn all_it_asks(manifest: &Manifest) -> Grants {
    let wanted = manifest.capabilities.clone();
    Grants {
        files: wanted.files,
        environment: wanted.environment.into_iter().collect(),
        model: wanted.model,
        graders: wanted.graders,
        transcripts: wanted.transcripts,
        memories: wanted.memories,
        proposals: wanted.proposals,
        http: wanted.http.into_iter().collect(),
    }
}

/// One program of the corpus, loaded, with a neighbour on the same engine.
pub struct Corpus {
    plugin: Plugin,
    neighbour: Plugin,
    /// The folder it may see, and what lies around it.
    pub ground: Ground,
}

impl Corpus {
    /// Loads a program with all it asks for, such as `hostile_memory_grow`.
    #[must_use]
    pub fn of(program: &str) -> Self {
        Self::on(engine(), &component(program))
    }

    /// Loads a component with all it asks for, on an engine of the test's own.
    #[must_use]
    pub fn on(engine: &Engine, component: &[u8]) -> Self {
        let _inside = RUNTIME.enter();
        let manifest = Plugin::manifest_of(component).unwrap();
        let grants = all_it_asks(&manifest);
        let plugin = Plugin::load(engine, component, manifest.kind, &grants).unwrap();
        Self { plugin, neighbour: neighbour(engine), ground: Ground::new() }
    }

    /// The plugin, for calls that are not watched one by one.
    #[must_use]
    pub fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    /// A call that sees the ground's view as `/workspace`, and nothing else.
    #[must_use]
    pub fn view(&self, access: Access) -> Call {
        let host_folder = self.ground.view();
        let mount = Mount { host_folder, guest_path: "/workspace".to_owned(), access };
        Call { mounts: vec![mount], ..Call::bare(Limits::STANDARD) }
    }

    /// Calls `attack` with an input, and looks after everyone else.
    #[must_use]
    pub fn attack(&self, input: &str, call: Call) -> Attack<ToolAnswer> {
        let call_of = |call| self.plugin.call_tool(call, "attack", input);
        self.watched(call, call_of)
    }

    /// Asks for the list of tools, and looks after everyone else.
    #[must_use]
    pub fn list(&self, call: Call) -> Attack<Vec<ToolSpec>> {
        self.watched(call, |call| self.plugin.list_tools(call))
    }

    fn watched<'a, T, F>(&'a self, call: Call, run: impl FnOnce(Call) -> F) -> Attack<T>
    where
        T: Debug,
        F: Future<Output = Report<T>> + 'a,
    {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let limits = call.limits;
        // The first call makes what the engine makes once.
        greet(&self.neighbour);
        let before = Health::now(RUNTIME.handle());
        let ground = self.ground.around();
        health::forget_peak();
        let started = Instant::now();
        let report = RUNTIME.block_on(run(call));
        let took = started.elapsed();
        health::check_peak(before, limits);
        assert!(took < Duration::from_millis(limits.deadline_ms) + LATE, "it took {took:?}");
        check_report(&report, limits);
        greet(&self.neighbour);
        before.is_back(RUNTIME.handle());
        assert!(self.ground.around() == ground, "something outside of its view was changed");
        let name = self.plugin.manifest().name.clone();
        Attack { report, took, name }
    }
}

/// Loads what is not to be loaded, with grants and as a kind; nothing of it runs.
///
/// The failure has one line and what to do, and a neighbour that was there before works on.
#[must_use]
pub fn refused(engine: &Engine, bytes: &[u8], kind: Kind, grants: &Grants) -> Failure {
    let neighbour = neighbour(engine);
    let _inside = RUNTIME.enter();
    let started = Instant::now();
    let loaded = Plugin::load(engine, bytes, kind, grants);
    let took = started.elapsed();
    let failure = loaded.err().expect("it does not load");
    assert!(!failure.message.contains(char::is_control), "{failure:?}");
    assert!(failure.message.len() < 2_000, "{} bytes of failure", failure.message.len());
    assert!(took < Duration::from_secs(30), "it took {took:?} to refuse: {failure:?}");
    greet(&neighbour);
    failure
}

fn neighbour(engine: &Engine) -> Plugin {
    let _inside = RUNTIME.enter();
    Plugin::load(engine, &crate::guest("neighbour"), Kind::Tool, &Grants::default()).unwrap()
}

/// A call of a good tool is answered, in good time.
fn greet(neighbour: &Plugin) {
    let call = within_ms(10_000);
    let report = RUNTIME.block_on(neighbour.call_tool(call, "attack", "good morning"));
    assert_eq!(crate::text(&report), "good morning", "{report:?}");
}

/// What came back is bounded, whatever was done, and of nobody else.
fn check_report<T: Debug>(report: &Report<T>, limits: Limits) {
    // Bytes that are not UTF-8 take three for one as text, control characters more.
    let bounded = |text: &str, limit: u64| text.len() as u64 <= limit * 10 + 4_096;
    assert!(bounded(&report.stdout, limits.stdio_bytes), "{} bytes", report.stdout.len());
    assert!(bounded(&report.stderr, limits.stdio_bytes), "{} bytes", report.stderr.len());
    let logged: usize = report.logs.iter().map(|line| line.message.len()).sum();
    assert!(logged as u64 <= limits.log_bytes * 10 + 4_096, "{logged} bytes of log");
    let control = |c: char| c.is_control() && c != '\n' && c != '\t';
    let raw = report.logs.iter().find(|line| line.message.contains(control));
    assert!(raw.is_none(), "{raw:?}");
    let whole = format!("{report:?}");
    assert!(!whole.contains(CANARY), "the canary is in the report");
}

/// What became of an attack.
#[derive(Debug)]
pub struct Attack<T> {
    /// The call's report.
    pub report: Report<T>,
    /// How long it took, waiting included.
    pub took: Duration,
    name: String,
}

impl<T: Debug> Attack<T> {
    /// It was stopped: the failure is of this kind and names this.
    #[track_caller]
    pub fn stopped(&self, kind: FailureKind, naming: &str) -> &Failure {
        let failure = self.report.result.as_ref().expect_err("it is stopped");
        assert_eq!(failure.kind, kind, "{failure:?}");
        assert!(failure.message.contains(naming), "no `{naming}` in {failure:?}");
        assert!(failure.message.contains(&format!("`{}`", self.name)), "{failure:?}");
        assert!(!failure.message.contains(char::is_control), "{failure:?}");
        assert!(failure.hint.as_ref().is_some_and(|hint| !hint.is_empty()), "{failure:?}");
        failure
    }

    /// It was stopped at a limit, which the failure names.
    #[track_caller]
    pub fn exceeded(&self, naming: &str) -> &Failure {
        self.stopped(FailureKind::Exceeded, naming)
    }

    /// It was stopped at its deadline.
    #[track_caller]
    pub fn timed_out(&self) -> &Failure {
        self.exceeded("wall time")
    }

    /// It was stopped for a mistake of its own.
    #[track_caller]
    pub fn trapped(&self, naming: &str) -> &Failure {
        self.stopped(FailureKind::Trap, naming)
    }
}

impl Attack<ToolAnswer> {
    /// It came to its end and did no harm: what it said.
    #[track_caller]
    pub fn harmless(&self) -> String {
        assert!(self.report.result.is_ok(), "{:?}", self.report.result);
        crate::text(&self.report)
    }

    /// It came to its end and said a number.
    #[track_caller]
    pub fn number(&self) -> u64 {
        let said = self.harmless();
        said.parse().unwrap_or_else(|_| panic!("not a number: {said}"))
    }
}
