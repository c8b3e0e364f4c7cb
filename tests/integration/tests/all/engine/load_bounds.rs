//! What loading costs at most: each component is compiled once, in a process that is
//! bounded, and only if it may be loaded at all.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lucid_core::{Failure, FailureKind, SeededEntropy};
use lucid_engine::{CacheFolder, Compiler, Engine, EngineOptions, Plugin};
use lucid_policy::manifest::Kind;
use lucid_tests::{Bench, component, guest, release, with_manifest};
use tempfile::TempDir;

/// A folder with a cache in it, and a note of each component that was compiled.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn cache(&self) -> PathBuf {
        self.0.path().join("cache")
    }

    /// An engine with a cache, and the program of this build to compile.
    fn options(&self) -> EngineOptions {
        let program = release().join("lucid");
        assert!(program.is_file(), "the host is built: `cargo xtask build`");
        // A shell notes that it was asked, and then is the program.
        let script = format!("echo >>{} && exec \"$0\" compile \"$@\"", self.notes().display());
        let arguments = vec!["-c".to_owned(), script, program.display().to_string()];
        let compiler = Compiler::Process { program: "/bin/sh".into(), arguments };
        let entropy = Arc::new(SeededEntropy::new(1));
        let cache = Some(CacheFolder { folder: self.cache(), entropy });
        EngineOptions { cache, compiler, ..EngineOptions::standard() }
    }

    fn engine(&self) -> Engine {
        Engine::new(self.options()).unwrap()
    }

    fn notes(&self) -> PathBuf {
        self.0.path().join("notes")
    }

    /// How often something was compiled.
    fn compiled(&self) -> usize {
        std::fs::read_to_string(self.notes()).unwrap_or_default().lines().count()
    }

    /// What is in the cache.
    fn kept(&self) -> Vec<PathBuf> {
        let Ok(files) = std::fs::read_dir(self.cache()) else { return Vec::new() };
        let files = files.flatten().map(|file| file.path());
        files.filter(|file| file.extension().is_some_and(|end| end == "cwasm")).collect()
    }
}

fn load(engine: &Engine, bytes: &[u8]) -> Result<Plugin, Failure> {
    Plugin::load(engine, bytes, Kind::Tool, &Bench::grants())
}

fn failure(engine: &Engine, bytes: &[u8]) -> Failure {
    let failure = load(engine, bytes).err().expect("it does not load");
    assert!(!failure.message.contains(char::is_control), "{failure:?}");
    assert!(failure.hint.is_some(), "{failure:?}");
    failure
}

#[test]
fn many_loads_at_once_compile_once() {
    let home = Home::new();
    let (engine, bytes) = (home.engine(), guest("hostile"));
    let digests: Vec<String> = std::thread::scope(|scope| {
        let one = || load(&engine, &bytes).unwrap().digest().to_owned();
        let threads: Vec<_> = (0..32).map(|_| scope.spawn(one)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(digests.iter().all(|digest| *digest == digests[0]));
    assert_eq!(home.compiled(), 1);
    assert_eq!(home.kept().len(), 1);
    assert_eq!(engine.cache_problem(), None);
}

#[test]
fn what_was_compiled_once_loads_without_a_compiler() {
    let home = Home::new();
    let bytes = guest("hostile");
    load(&home.engine(), &bytes).unwrap();
    let compiler = Compiler::Process { program: "/no/such/program".into(), arguments: vec![] };
    let engine = Engine::new(EngineOptions { compiler, ..home.options() }).unwrap();
    load(&engine, &bytes).unwrap();
    // What was not has to be compiled, and is not compiled in this process instead.
    let failure = failure(&engine, &guest("neighbour"));
    assert_eq!(failure.kind, FailureKind::Failed, "{failure:?}");
    assert!(failure.message.contains("/no/such/program"), "{failure:?}");
}

#[test]
fn a_kept_file_that_was_changed_is_compiled_again() {
    let home = Home::new();
    let bytes = guest("neighbour");
    load(&home.engine(), &bytes).unwrap();
    let file = &home.kept()[0];
    let whole = std::fs::read(file).unwrap();
    for (round, at) in
        [0, 100, whole.len() / 2, whole.len() - 33, whole.len() - 1].iter().enumerate()
    {
        let mut changed = whole.clone();
        changed[*at] ^= 0x10;
        std::fs::write(file, changed).unwrap();
        load(&home.engine(), &bytes).unwrap();
        assert_eq!(home.compiled(), 2 + round, "byte {at}");
    }
    load(&home.engine(), &bytes).unwrap();
    assert_eq!(home.compiled(), 6, "the file was made good");
}

#[test]
fn what_may_not_be_loaded_is_not_compiled() {
    let home = Home::new();
    let engine = home.engine();
    for (bytes, kind) in [
        (guest("greedy"), FailureKind::Denied),
        (guest("sneaky"), FailureKind::Denied),
        (guest("parrot"), FailureKind::Invalid),
        (component("hostile_compile_expansion"), FailureKind::Exceeded),
        (lying(), FailureKind::Invalid),
    ] {
        let failure = failure(&engine, &bytes);
        assert_eq!(failure.kind, kind, "{failure:?}");
    }
    assert_eq!(home.compiled(), 0);
    assert!(!home.cache().exists());
}

/// A model with the manifest of a tool.
fn lying() -> Vec<u8> {
    let manifest = "name = \"liar\"\nversion = \"0.1.0\"\nkind = \"tool\"\ndescription = \"d\"\n";
    with_manifest(&guest("parrot"), manifest)
}

#[test]
fn code_that_was_compiled_elsewhere_is_refused() {
    let home = Home::new();
    let engine = home.engine();
    load(&engine, &guest("neighbour")).unwrap();
    let sealed = std::fs::read(&home.kept()[0]).unwrap();
    let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    for bytes in [&sealed[..], &sealed[..sealed.len() - 32], &program, b"\x7fELF"] {
        let failure = failure(&engine, bytes);
        assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
        assert!(failure.message.contains("compiled code"), "{failure:?}");
        assert!(Plugin::manifest_of(bytes).is_err());
        assert!(Plugin::interface_of(&engine, bytes).is_err());
    }
    assert_eq!(home.compiled(), 1);
}

#[test]
fn a_compilation_that_takes_too_long_is_stopped_and_may_be_tried_again() {
    let home = Home::new();
    let bytes = guest("hostile");
    let compile_deadline = Duration::from_millis(1);
    // One that takes too long however late it is looked at.
    let arguments = vec!["-c".to_owned(), "exec sleep 600".to_owned()];
    let compiler = Compiler::Process { program: "/bin/sh".into(), arguments };
    let hasty = EngineOptions { compile_deadline, compiler, ..home.options() };
    let hasty = Engine::new(hasty).unwrap();
    for _ in 0..2 {
        let failure = failure(&hasty, &bytes);
        assert_eq!(failure.kind, FailureKind::Exceeded, "{failure:?}");
        assert!(failure.message.contains("compiling plugin `hostile` took longer than 0.001 s"));
    }
    assert!(home.kept().is_empty());
    load(&home.engine(), &bytes).unwrap();
}

#[test]
fn a_compilation_that_takes_too_much_memory_is_stopped() {
    let home = Home::new();
    let compile_memory_bytes = 48 << 20;
    let engine = Engine::new(EngineOptions { compile_memory_bytes, ..home.options() }).unwrap();
    let failure = failure(&engine, &guest("hostile"));
    assert_eq!(failure.kind, FailureKind::Exceeded, "{failure:?}");
    assert!(failure.message.contains("48 MiB"), "{failure:?}");
    assert!(home.kept().is_empty());
}

#[test]
fn a_compiler_that_crashes_costs_one_load() {
    let home = Home::new();
    for (script, part) in [("kill -SEGV $$", "crash"), ("cat; exit 3", "crash")] {
        let arguments = vec!["-c".to_owned(), script.to_owned()];
        let compiler = Compiler::Process { program: "/bin/sh".into(), arguments };
        let engine = Engine::new(EngineOptions { compiler, ..home.options() }).unwrap();
        let failure = failure(&engine, &guest("neighbour"));
        assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
        assert!(failure.message.contains(part), "{failure:?}");
    }
    assert!(home.kept().is_empty());
    load(&home.engine(), &guest("neighbour")).unwrap();
}

/// While one compiles, for as long as it likes, others load.
#[test]
fn a_compilation_holds_up_nobody_else() {
    let home = Home::new();
    let (slow, small) = (guest("hostile"), guest("neighbour"));
    load(&home.engine(), &small).unwrap();
    // A compiler that says that it has begun, and goes on until it is let go.
    let [begun, go] = ["begun", "go"].map(|name| home.0.path().join(name));
    let script = format!(
        "echo >{}; until [ -e {} ]; do sleep 0.05; done; exit 3",
        begun.display(),
        go.display()
    );
    let arguments = vec!["-c".to_owned(), script];
    let compiler = Compiler::Process { program: "/bin/sh".into(), arguments };
    let engine = Engine::new(EngineOptions { compiler, ..home.options() }).unwrap();
    let failure = std::thread::scope(|scope| {
        let compiling = scope.spawn(|| failure(&engine, &slow));
        while !begun.exists() && !compiling.is_finished() {
            std::thread::sleep(Duration::from_millis(5));
        }
        for _ in 0..20 {
            load(&engine, &small).unwrap();
        }
        let compiles = !compiling.is_finished();
        std::fs::write(&go, "").unwrap();
        assert!(compiles, "the others waited for it");
        compiling.join().unwrap()
    });
    assert!(failure.message.contains("crash"), "{failure:?}");
}

#[test]
fn a_cache_that_others_could_change_is_not_used_and_says_so() {
    use std::os::unix::fs::PermissionsExt as _;

    let home = Home::new();
    let (folder, bytes) = (home.cache(), guest("neighbour"));
    let open = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    load(&home.engine(), &bytes).unwrap();
    open(&folder, 0o750);
    let engine = home.engine();
    load(&engine, &bytes).unwrap();
    assert_eq!(home.compiled(), 2);
    assert!(engine.cache_problem().unwrap().contains("chmod 700"));
    open(&folder, 0o700);
    load(&home.engine(), &bytes).unwrap();
    assert_eq!(home.compiled(), 2);
}
