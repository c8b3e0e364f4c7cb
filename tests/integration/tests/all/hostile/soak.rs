//! Many programs at once, each of which would keep the host busy for itself.

use std::time::{Duration, Instant};

use futures::future::join_all;
use lucid_core::{FailureKind, Limits};
use lucid_engine::Call;
use lucid_policy::Access;
use lucid_tests::{Corpus, runtime};

use super::STANDARD;
use super::server::{Server, granted_to};

/// Guests that run at the same time.
const ABREAST: usize = 200;

/// How much later than their deadline all of them are over: `lucid bench engine` measures how
/// late each is.
const LATE: Duration = Duration::from_secs(20);

/// They loop, wait, write, allocate and hold a connection open, two hundred of them; each is
/// stopped at its deadline, and a neighbour is answered in between.
#[test]
fn two_hundred_guests_at_once_are_all_stopped_and_a_neighbour_is_answered() {
    let silent = Server::serving(|_, stream| {
        let _ = std::io::Read::read(stream, &mut [0]);
    });
    let of = ["hostile_loops_tight", "hostile_timer_forever", "hostile_quota_rewrite"];
    let mut programs: Vec<Corpus> = of.into_iter().map(Corpus::of).collect();
    programs.push(granted_to(&silent, "hostile_http_silent"));
    let neighbour = Corpus::of("hostile_memory_grow");
    let limits = Limits {
        deadline_ms: 1_000,
        memory_bytes: 4 << 20,
        file_bytes: u64::MAX,
        files: u64::MAX,
        ..STANDARD
    };
    let origin = silent.origin();
    let calls = (0..ABREAST).map(|number| {
        let program = &programs[number % programs.len()];
        let call = Call { limits, ..program.view(Access::ReadWrite) };
        let input = if number % programs.len() == 3 { origin.as_str() } else { "open" };
        program.plugin().call_tool(call, "attack", input)
    });
    let started = Instant::now();
    // It waits behind all of them for its turn.
    let patient = Limits { deadline_ms: 20_000, ..limits };
    let work = async {
        let asked = neighbour.plugin().call_tool(Call::bare(patient), "attack", "");
        let (all, answered) = tokio::join!(join_all(calls), asked);
        (all, answered, started.elapsed())
    };
    let (all, answered, took) = runtime().block_on(work);
    for report in all {
        let failure = report.result.expect_err("it is stopped");
        assert_eq!(failure.kind, FailureKind::Exceeded, "{failure:?}");
        assert!(failure.message.contains("wall time"), "{failure:?}");
    }
    assert!(answered.result.is_ok(), "{answered:?}");
    let most = Duration::from_millis(patient.deadline_ms) + LATE;
    assert!(took < most, "all together took {took:?}");
}
