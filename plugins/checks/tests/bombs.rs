//! A check that loops or explodes costs its own criterion and no other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what it found"
)]

mod support;

use checks::check::{MAX_BRACKETS, MAX_LENGTH};
use lucid_sdk::grader::{Judgement, Verdict};
use support::{grade, one};

/// What stands around each bomb: a good criterion before, and one after.
fn alone(check: &str, files: &[support::File<'_>], verdict: Verdict, reason: &str) {
    let rubric = format!(
        "- before `check: exists('good.txt')`\n- bomb ``check: {check}``\n- after \
         `check: text('good.txt') == 'good'`\n",
    );
    let mut all = vec![("good.txt", b"good".as_slice())];
    all.extend(files);
    let evaluation = grade(&rubric, &all);
    let verdicts: Vec<Verdict> = evaluation.criteria.iter().map(|c| c.verdict).collect();
    assert_eq!(verdicts, [Verdict::Met, verdict, Verdict::Met], "{check}");
    let explanation = &evaluation.criteria[1].explanation;
    assert!(explanation.contains(reason), "{check}: {explanation}");
    assert!(explanation.len() < 700 && !explanation.contains('\n'), "{explanation}");
    assert_ne!(evaluation.judgement, Judgement::Satisfied);
}

fn stopped(check: &str, files: &[support::File<'_>], reason: &str) {
    alone(check, files, Verdict::Unmet, "its check was stopped: ");
    alone(check, files, Verdict::Unmet, reason);
}

fn numbers(count: usize) -> Vec<u8> {
    format!("[{}0]", "0,".repeat(count - 1)).into_bytes()
}

#[test]
fn a_check_that_loops_is_stopped() {
    let steps = "it takes more than 4000000 steps";
    let list = numbers(100_000);
    let files = [("l.json", list.as_slice())];
    let range = "lists.range(10000)";
    stopped(&format!("{range}.all(a, {range}.all(b, a + b >= 0))"), &[], steps);
    stopped(&format!("{range}.exists(a, {range}.exists(b, a + b < 0))"), &[], steps);
    stopped("json('l.json').all(a, json('l.json').all(b, a == b))", &files, steps);
    stopped("json('l.json').filter(a, json('l.json').exists_one(b, a < b)) == []", &files, steps);
    stopped("json('l.json').map(a, json('l.json') == json('l.json')).size() > 0", &files, steps);
    stopped("json('l.json').all(a, a in json('l.json') || !(1 in json('l.json')))", &files, steps);
    stopped(
        "json('l.json').sortBy(a, json('l.json').filter(b, b > a).size()) == []",
        &files,
        steps,
    );
    stopped("json('l.json').all(a, size('l.json') > 0)", &files, steps);
    stopped("json('l.json').all(a, files('**').size() > 0)", &files, steps);
}

#[test]
fn a_stopped_check_is_not_met_whatever_it_would_have_come_to() {
    let steps = "it takes more than 4000000 steps";
    let range = "lists.range(10000)";
    let forever = format!("{range}.all(a, {range}.all(b, a + b >= 0))");
    stopped(&format!("{forever} || true"), &[], steps);
    stopped(&format!("!({forever} && false)"), &[], steps);
    stopped(&format!("[1].exists(x, {forever} || x == 1)"), &[], steps);
    stopped(&format!("[true, {forever}].size() == 2 || true"), &[], steps);
}

#[test]
fn a_check_that_makes_too_much_is_stopped_before_it_is_made() {
    let much = "it makes more than 48 MiB of values";
    let text = "a".repeat(4 << 20);
    let files = [("a.txt", text.as_bytes())];
    let doubled = ".map(a, a + a)".repeat(9);
    stopped(&format!("[text('a.txt')]{doubled}.size() == 1"), &files, much);
    stopped("text('a.txt').replace('', text('a.txt')) == ''", &files, much);
    stopped("text('a.txt').replace('a', 'a long text instead') == ''", &files, much);
    stopped("text('a.txt').split('').size() == 1", &files, "its check was stopped: ");
    stopped("lists.range(100).map(i, 'x').join(text('a.txt')) == ''", &files, much);
    stopped("'%s%s%s%s%s%s%s'.format([text('a.txt')]) == ''", &files, much);
    stopped("lists.range(100).map(i, text('a.txt')).size() == 1", &files, much);
    let four = "text('a.txt'), text('a.txt'), text('a.txt'), text('a.txt')";
    stopped(&format!("[{four}, {four}, {four}, {four}].size() == 1"), &files, "stopped");
}

#[test]
fn a_method_that_compares_everything_with_everything_is_stopped() {
    let steps = "it takes more than 4000000 steps";
    let text = "a".repeat(1 << 20);
    let list = numbers(100_000);
    let files = [("a.txt", text.as_bytes()), ("l.json", list.as_slice())];
    stopped("text('a.txt').indexOf(text('a.txt') + 'b') == 0", &files, steps);
    stopped("text('a.txt').lastIndexOf(text('a.txt') + 'b') == 0", &files, steps);
    stopped("json('l.json').distinct().size() == 1", &files, steps);
    stopped("lists.range(1000).all(i, text('a.txt').charAt(i) == 'a')", &files, steps);
}

#[test]
fn an_index_between_two_elements_is_refused_without_copying_the_list() {
    let list = numbers(100_000);
    let files = [("l.json", list.as_slice())];
    alone("json('l.json')[0.5] == 1", &files, Verdict::Unmet, "there is no element 0.5");
    let found = one("json('l.json')[1.0] == 0", &files);
    assert_eq!(found.verdict, Verdict::Met, "{}", found.explanation);
}

#[test]
fn a_giant_pattern_costs_its_criterion_alone() {
    let text = "a".repeat(1 << 20);
    let files = [("a.txt", text.as_bytes())];
    let giant = "a{1000}{1000}{1000}";
    let written = format!("text('a.txt').matches('{giant}')");
    alone(&written, &files, Verdict::NotGradable, "more than 64 KiB when compiled");
    let computed = format!("text('a.txt').matches('{giant}' + '')");
    alone(&computed, &files, Verdict::Unmet, "more than 64 KiB when compiled");
    let long = "('a' + 'aaaaaaaaaaaaaaaa'.replace('a', 'aaaaaaaaaaaaaaaa'))";
    let long = format!("text('a.txt').matches({long}.replace('a', 'aaaaaaaaaaaaaaaa'))");
    alone(&long, &files, Verdict::Unmet, "longer than 1024 bytes");
    // No pattern takes more than a bounded time for each byte, so the steps are enough.
    let nested = "lists.range(1000).exists(i, text('a.txt').matches('^(a*)*(a*)*b$'))";
    stopped(nested, &files, "it takes more than 4000000 steps");
}

#[test]
fn a_check_that_is_too_deep_or_too_long_costs_its_criterion_alone() {
    let deep = format!("{}true{}", "(".repeat(MAX_BRACKETS + 1), ")".repeat(MAX_BRACKETS + 1));
    alone(&deep, &[], Verdict::NotGradable, "more than 32 brackets");
    let long = format!("'{}' == ''", "a".repeat(MAX_LENGTH));
    alone(&long, &[], Verdict::NotGradable, "longer than 2048 bytes");
    let signs = format!("1{} == 1", "+1".repeat(200));
    alone(&signs, &[], Verdict::NotGradable, "more than 160 operators");
}

/// What is put into a check to count makes it deeper. A component has a stack of a megabyte, of
/// which the interpreter gets about half; a debug build's frames are many times as large.
#[test]
fn a_check_as_deep_as_it_may_be_is_evaluated_on_a_small_stack() {
    let work = || {
        let deep = |open: &str, middle: &str, close: &str, times: usize| {
            format!("{}{middle}{}", open.repeat(times), close.repeat(times))
        };
        let checks = [
            deep("(", "true", ")", MAX_BRACKETS),
            deep("[", "1", "]", MAX_BRACKETS),
            deep("!", "true", "", 150),
            deep("1 < ", "1", "", 150),
            deep("", "1", " < 1", 150),
            deep("1 + ", "1", "", 150),
            deep("1 in ", "1", "", 150),
            deep("", "1", " in 1", 150),
            deep("1 == ", "1", "", 75),
            deep("true ? true : ", "true", "", 70),
            deep("true && ", "true", "", 70),
            deep("[1].all(x, ", "true", ")", 15),
            deep("[1].map(x, ", "true", ")", 15),
            deep("[1].sortBy(x, ", "1", ")", 15),
            deep("", "'a'", ".trim()", 32),
            deep("", "'a'", ".replace('b', 'c')", 17),
            deep("size(", "'a'", ")", MAX_BRACKETS),
            deep("", "json('deep.json')", "[0]", 28),
            deep("", "json('good.json')", ".a", 140),
        ];
        let nested = deep("[", "", "]", 120);
        let files = [("deep.json", nested.as_bytes()), ("good.json", b"{}")];
        for check in checks {
            let criterion = one(&check, &files);
            assert_ne!(criterion.verdict, Verdict::NotGradable, "{check}");
        }
        let equal = one(
            "json('deep.json') == json('deep.json') && [1].all(x, \
                         json('deep.json') == json('./deep.json'))",
            &files,
        );
        assert_eq!(equal.verdict, Verdict::Met, "{}", equal.explanation);
    };
    let stack = if cfg!(debug_assertions) { 8 << 20 } else { 1 << 20 };
    std::thread::Builder::new().stack_size(stack).spawn(work).unwrap().join().unwrap();
}

#[test]
fn a_file_that_cannot_be_used_costs_its_criterion_alone() {
    let unmet = Verdict::Unmet;
    alone("json('none.json').a", &[], unmet, "`json('none.json')`: no such file");
    alone("docx('none.docx').text == ''", &[], unmet, "`docx('none.docx')`: no such file");
    let files = [
        ("d/a", b"".as_slice()),
        ("b.txt", b"\xff\xfe"),
        ("c.json", b"[1, 2"),
        ("e.json", br#"{"a": 1, "a": 2}"#),
    ];
    alone("text('d') == ''", &files, unmet, "it is not a regular file");
    alone("text('b.txt') == ''", &files, unmet, "it is not UTF-8 text");
    alone("json('c.json') == []", &files, unmet, "it is not usable JSON");
    alone("json('e.json').a == 2", &files, unmet, "stands twice");
    alone("json_schema('e.json', 'none.json').valid", &files, unmet, "'none.json': no such file");
    alone("lines('d') == 0", &files, unmet, "it is not a regular file");
}

/// A header is counted as values are, and looked through once: one column is not held against
/// each of the others.
#[test]
fn a_header_without_end_costs_its_criterion_alone() {
    let columns = |count: u32| (0..count).map(|at| format!("c{at}")).collect::<Vec<_>>().join(",");
    let (wide, endless) = (columns(300_000), columns(450_000));
    let files = [("wide.csv", wide.as_bytes()), ("endless.csv", endless.as_bytes())];
    alone("csv('endless.csv').size() == 0", &files, Verdict::Unmet, "at most 400000 values");
    alone("csv('wide.csv').size() == 1", &files, Verdict::Unmet, "0 == 1 is false");
}

#[test]
fn a_document_that_nests_or_swells_costs_its_criterion_alone() {
    let deep = "[".repeat(1 << 20);
    let values = format!("[{}1]", "1,".repeat(1 << 20));
    let files = [("deep.json", deep.as_bytes()), ("values.json", values.as_bytes())];
    alone("json('deep.json') == []", &files, Verdict::Unmet, "it is not usable JSON");
    alone("json('values.json').size() > 0", &files, Verdict::Unmet, "at most 400000 values");
    let bomb = bomb();
    let files = [("bomb.docx", bomb.as_slice())];
    let (check, unmet) = ("docx('bomb.docx').text == ''", Verdict::Unmet);
    alone(check, &files, unmet, "`docx('bomb.docx')`: ");
    alone(check, &files, unmet, "is over the limit of ");
}

#[test]
fn checks_that_use_everything_up_leave_each_other_check_its_share() {
    let mut rubric = String::new();
    for at in 0..60 {
        let range = "lists.range(10000)";
        let bomb = format!("{range}.all(a, {range}.all(b, a + b >= {at}))");
        rubric.push_str(&format!("- bomb `check: {bomb} || {at} < 0`\n"));
        rubric
            .push_str(&format!("- good `check: lists.range(1000).all(a, a >= 0) && {at} >= 0`\n",));
    }
    let evaluation = grade(&rubric, &[]);
    for (at, criterion) in evaluation.criteria.iter().enumerate() {
        let expected = if at % 2 == 0 { Verdict::Unmet } else { Verdict::Met };
        assert_eq!(criterion.verdict, expected, "{at}: {}", criterion.explanation);
    }
}

/// A docx whose text is 20 MiB of zeros in 130 KB: one deflate block of fixed codes that says
/// "258 bytes, as the one before" over and over.
fn bomb() -> Vec<u8> {
    let mut bits = Vec::new();
    let mut put = |value: u32, count: u32| bits.extend((0..count).map(|at| value >> at & 1 == 1));
    put(0b011, 3);
    put(0b0000_1100, 8);
    for _ in 0..(20 << 20) / 258 {
        // Code 285, and distance 1.
        put(0b1010_0011, 8);
        put(0, 5);
    }
    put(0, 7);
    let packed: Vec<u8> = bits
        .chunks(8)
        .map(|byte| byte.iter().enumerate().map(|(at, bit)| u8::from(*bit) << at).sum())
        .collect();
    let name = b"word/document.xml";
    let length = u32::try_from(packed.len()).unwrap().to_le_bytes();
    let unpacked = (20_u32 << 20).to_le_bytes();
    let field = |value: u16| value.to_le_bytes();
    let shared = [
        &field(20)[..],
        &field(0),
        &field(8),
        &[0; 8],
        &length,
        &unpacked,
        &field(name.len() as u16),
        &field(0),
    ]
    .concat();
    let local = [&b"PK\x03\x04"[..], &shared, name, &packed].concat();
    let central = [&b"PK\x01\x02"[..], &field(20), &shared, &[0; 14], name].concat();
    let [at, size] = [local.len(), central.len()].map(|l| u32::try_from(l).unwrap().to_le_bytes());
    let end = [&b"PK\x05\x06"[..], &[0; 4], &field(1), &field(1), &size, &at, &field(0)].concat();
    [local, central, end].concat()
}
