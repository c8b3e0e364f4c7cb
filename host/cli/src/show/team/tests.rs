//! Drawings of made-up logs.

mod log;

use lucid_core::{Content, Event, IdleReason, Permission, SessionId, Span, Timestamp};
use serde_json::json;

use super::*;
use crate::show::files;
use log::{Log, everything};

/// A token costs a millionth of a dollar.
const PRICE: Price = |_, usage, _| Some(usage.total());

/// Without colours, and without blanks at the ends of lines.
fn plain(text: &str) -> String {
    let plain = anstream::adapter::strip_str(text).to_string();
    plain.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn drawn(log: &Log, columns: usize) -> (Team, String) {
    let mut team = Team::new("lead", columns, PRICE);
    team.expect(&log.records);
    let mut text = team.draw(&log.records);
    text.push_str(&team.unfinished(Timestamp(u64::MAX)));
    text.push_str(&team.hidden());
    (team, plain(&text))
}

#[test]
fn a_session_is_drawn_line_by_line_with_who_did_what_when_and_why() {
    let (_, text) = drawn(&everything(), 80);
    assert_eq!(format!("\n{text}"), EVERYTHING, "\n{text}");
}

const EVERYTHING: &str = "
           lead
           │  writer
           │  │  critic
 0:00.000  ◆        user: Write a page about tides, and have it checked.
           ◆        outcome: A page about tides.
 0:00.850  ○        model 850 ms, 120 in, 30 out: The writer begins.
           ├──▶     to writer: Write it.
           ├──┼──▶  to critic: Wait for the page.
 0:02.050  │  ○  │  model 1.2 s, 4000 in, 210 out
           │  ?  │  web_fetch ask: url=https://example.com/tides
 0:02.053  │  ✗  │  bash denied 3 ms: command=rm -r /
           │  │  │    not allowed here
 0:02.055  │  ●  │  write ok 4 ms: path=/workspace/tides.md content=The moon.
           │  │  │    created /workspace/tides.md (9 bytes)
           ■  │  │  session idle: 1 call waits for a person
 1:07.055  │  ◆  │  user denies web_fetch: use the almanac
           │  ✗  │  web_fetch denied 0 ms: url=https://example.com/tides
           │  │  │    use the almanac
 1:37.055  │  │  ✗  spin exceeded 30.0 s
           │  │  │    the deadline of 30,000 ms passed
           │  │  ■  idle: its model failed too often
           │  ≈  ┊  context: 41 older messages put in short
           ◀──┤  ┊  to lead: The page is in /workspace/tides.md.
           │  ■  ┊  idle: its turn is over
  0:11:37  ◇  ┊  ┊  evaluation 0: needs_revision, 1 of 2 met
           │  ┊  ┊    UNMET: It has a table: no table in tides.md
           ✗  ┊  ┊  model_overloaded_error (retrying): try later
           ◆  ┊  ┊  user interrupts every thread
           ?  ┊  ┊  publish ask: page=tides
           ■  ┊  ┊  idle: 1 call waits for a person
";

#[test]
fn a_log_that_comes_event_by_event_is_drawn_as_one_that_is_there() {
    let log = everything();
    let mut team = Team::new("lead", 80, PRICE);
    let each = log.records.chunks(1).map(|record| team.draw(record));
    // The names of new lanes come when the lanes do.
    let live = plain(&each.collect::<String>());
    let (_, whole) = drawn(&log, 80);
    let entries = |text: &str| -> Vec<String> {
        let words = |line: &str| line.trim_start_matches(|c: char| !c.is_alphabetic()).to_owned();
        let entries = text.lines().map(words).filter(|line| line.contains(' '));
        entries.collect()
    };
    assert_eq!(entries(&live), entries(&whole));
    let heads = live.lines().filter(|line| line.trim_start().ends_with("critic"));
    assert_eq!(heads.map(str::trim).collect::<Vec<_>>(), ["│  │  critic"], "{live}");
}

#[test]
fn only_the_busiest_threads_have_lanes_and_the_rest_is_counted() {
    let names: Vec<String> = (0..30).map(|n| format!("agent{n}")).collect();
    let mut log = Log::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for who in 1..30 {
        log.create(who);
        log.mail(0, who, "go");
        log.running(who);
        let calls = if [7, 8, 20].contains(&who) { 3 } else { 1 };
        for _ in 0..calls {
            let call = log.call(who, "work", json!({}), Permission::Allow);
            log.result(who, &call, "", false, log::took(5));
        }
    }
    log.mail(29, 0, "done");
    let (team, text) = drawn(&log, 44);
    // 44 columns have room for three lanes beside the words, one of them for the rest.
    let heads = "           agent0\n           │  agent7\n           │  │  28 more\n";
    assert!(text.starts_with(heads), "{text}");
    assert!(text.contains("├──┼──▶  to agent8: go"), "{text}");
    assert!(text.contains("◀──┼──┤  agent29: to agent0: done"), "{text}");
    assert_eq!(text.matches("work ok 5 ms").count(), 3);
    assert!(text.ends_with("\n32 entries of 28 more threads are not drawn\n"), "{text}");
    assert!(threads(team.story(), 80).contains("\nagent29"), "the table has every thread");
}

#[test]
fn a_table_of_a_thousand_threads_is_short_and_loses_nothing() {
    let names: Vec<String> = (0..1_000).map(|_| "worker".to_owned()).collect();
    let mut log = Log::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for who in 1..1_000 {
        log.create(who);
        let start = log.ask_model(who);
        log.answered(who, start, (2, 1), "");
    }
    let (team, _) = drawn(&log, 80);
    let table = threads(team.story(), 80);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 43, "{table}");
    assert!(lines[2].starts_with("worker#2 "), "{table}");
    let numbers = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(numbers(lines[41])[..6], ["960", "more", "960", "0", "0", "2880"]);
    assert_eq!(numbers(lines[42])[..6], ["all", "999", "0", "0", "2997", "$0.0029"]);
}

#[test]
fn nothing_is_wider_than_the_terminal_or_moves_its_cursor() {
    let wild = "漢字かな\u{1b}[31m \u{202e}x y\n\t👩‍🚀 a-very-long-word-without-any-end-at-all-in-it";
    let mut log = everything();
    log.user(wild);
    log.threads[1].1 = wild.to_owned();
    log.running(1);
    log.mail(1, 0, wild);
    let call = log.call(1, wild, json!({ (wild): wild }), Permission::Ask);
    log.result(1, &call, wild, true, log::failed(1, lucid_core::Failure::trap(wild)));
    log.call(2, wild, json!([wild]), Permission::Ask);
    let session = SessionId::parse("sesn_01x").unwrap();
    for columns in 24..130 {
        let (team, mut text) = drawn(&log, columns);
        let found = files::of(&log.records);
        text.push_str(&threads(team.story(), columns));
        text.push_str(&criteria(team.story(), columns));
        text.push_str(&written(&found, &session, columns));
        for line in text.lines() {
            let most = if line.contains("lucid session") { 80 } else { columns };
            assert!(width::of(line) <= most, "{columns}: {line}");
        }
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\t']), "{text}");
    }
}

#[test]
fn what_has_not_ended_is_told_once() {
    let mut log = Log::new(&["lead"]);
    log.ask_model(0);
    log.write(0, Event::AgentMessage { content: Content::text("Half an ans") });
    let mut team = Team::new("lead", 80, PRICE);
    assert_eq!(team.draw(&log.records), "");
    let early = Timestamp(log.now - 1);
    assert_eq!(team.unfinished(early), "");
    let told = plain(&team.unfinished(Timestamp(log.now)));
    assert_eq!(told, "           lead\n 0:00.000  ○  model, no answer yet: Half an ans\n");
    assert_eq!(team.unfinished(Timestamp(u64::MAX)), "");
    // Another request after it: the first was cut off by a crash.
    let before = log.records.len();
    log.ask_model(0);
    let told = plain(&team.draw(&log.records[before..]));
    assert_eq!(told, "           ✗  model: the answer never came\n");
}

#[test]
fn calls_that_wait_are_listed_with_the_line_that_decides() {
    let log = everything();
    let (team, _) = drawn(&log, 80);
    let session = SessionId::parse("sesn_01x").unwrap();
    let text = waiting(team.story(), &session);
    let asked = log.records.iter().filter(|(_, record)| record.body.contains("publish"));
    let call = asked.map(|(_, record)| record.id.clone()).next().unwrap();
    let line = format!("  lucid session confirm sesn_01x \\\n    {call} allow\n");
    assert_eq!(text, format!("lead: publish waits for a person:\n{line}"));
}

#[test]
fn a_table_says_what_each_thread_used() {
    let (team, _) = drawn(&everything(), 80);
    let lines = "\
THREAD  REQUESTS  CALLS  ERRORS  TOKENS     COST       WORKED
lead           1      1       0     150  $0.0001  11 min 37 s
writer         1      3       2    4210  $0.0042   1 min 36 s
critic         0      1       1       0        -   1 min 36 s
all            2      5       3    4360  $0.0043        2.0 s
";
    let text = threads(team.story(), 80);
    assert_eq!(text, lines, "\n{text}");
}

#[test]
fn a_session_that_was_made_elsewhere_is_drawn_too() {
    let mut log = Log::new(&["lead"]);
    log.records.clear();
    log.user("Hello.");
    log.write(0, Event::AgentMessage { content: Content::text("Hello to you.") });
    let call = log.call(0, "read", json!({"path": "/a"}), Permission::Allow);
    log.after(20).result(0, &call, "no such file", true, Span::default());
    log.write(0, Event::StatusIdle { stop_reason: IdleReason::EndTurn });
    for (_, record) in &mut log.records {
        record.thread_id = None;
    }
    let mut unknown = log.records[0].clone();
    unknown.1.kind = "agent.custom_tool_use".to_owned();
    unknown.1.body = json!({"type": unknown.1.kind, "name": "mail"}).to_string();
    log.records.push(unknown);
    let (team, text) = drawn(&log, 80);
    let expected = "           lead
 0:00.000  ◆  user: Hello.
           ○  says: Hello to you.
 0:00.020  ✗  read error 20 ms: path=/a
                no such file
           ■  session idle: its turn is over
 0:00.000  ·  agent.custom_tool_use mail
";
    assert_eq!(text, expected, "\n{text}");
    assert_eq!(team.story().members.len(), 1);
}
