//! A rubric or outputs that loop or explode cost their criterion, and nothing else.

use lucid_core::{Judgement, Verdict};

use super::graded::{Desk, File, put, verdicts};
use Verdict::{Met, NotGradable, Unmet};

/// What is wrong, of which kind it is, and what is said of it.
type Bomb<'a> = (&'a str, Verdict, &'a str);

/// Judges a bomb between two honest criteria.
async fn alone(desk: &Desk, (check, verdict, says): Bomb<'_>, files: &[File<'_>]) {
    let rubric = format!(
        "- before `check: exists('good.txt')`\n- bomb ``check: {check}``\n- after \
         `check: text('good.txt') == 'good'`\n"
    );
    let mut all: Vec<File<'_>> = vec![("good.txt", b"good".as_slice())];
    all.extend(files);
    let evaluation = desk.evaluation(&rubric, &all).await;
    assert_eq!(verdicts(&evaluation), [Met, verdict, Met], "{check}: {evaluation:?}");
    let said = &evaluation.criteria[1].explanation;
    assert!(said.contains(says), "{check}: {said}");
    assert!(said.len() < 1_000 && !said.contains('\n'), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_that_loops_explodes_or_nests_costs_its_criterion_alone() {
    let desk = Desk::of_checks().await;
    let text = "a".repeat(8 << 20);
    let files = [("a.txt", &text.as_bytes()[..text.len() - 1])];
    let (steps, stopped) = ("it takes more than 4000000 steps", "its check was stopped: ");
    let range = "lists.range(10000)";
    let forever = format!("{range}.all(a, {range}.all(b, a + b >= 0))");
    let swallowed = format!("{forever} || true");
    let parenthesis = format!("{}true{}", "(".repeat(500), ")".repeat(500));
    let nots = format!("{}true", "!".repeat(150));
    let branches = format!("{}true", "true ? true : ".repeat(70));
    let long = format!("1{} == 1", "+1".repeat(400));
    let pattern = "'a'.matches('(a{900}){900}')";
    let computed = format!("{range}.exists(i, 'b'.matches('(a{{900}}){{900}}' + string(i)))");
    let greedy = format!("{range}.exists(i, text('a.txt').matches('^(a*)*(a*)*b$'))");
    let bombs: [Bomb<'_>; 12] = [
        (&forever, Unmet, steps),
        (&swallowed, Unmet, steps),
        (&parenthesis, NotGradable, "more than 32 brackets"),
        (&nots, Met, ""),
        (&branches, Met, ""),
        (&long, NotGradable, "more than 160 operators"),
        (pattern, NotGradable, "more than 64 KiB when compiled"),
        (&computed, Unmet, "its check "),
        (&greedy, Unmet, steps),
        ("text('a.txt').replace('a', text('a.txt')) == ''", Unmet, stopped),
        ("lists.range(400).map(i, text('a.txt')).size() == 1", Unmet, stopped),
        ("lists.range(400000).map(i, {'a': i}).size() == 1", Unmet, stopped),
    ];
    for bomb in bombs {
        alone(&desk, bomb, &files).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_swells_or_nests_costs_its_criterion_alone() {
    let desk = Desk::of_checks().await;
    let docx = bomb();
    assert!(docx.len() < 200_000);
    let deep_json = "[".repeat(1 << 20);
    let values = format!("[{}1]", "1,".repeat(1 << 20));
    let deep_html = "<div>".repeat(100_000);
    let deep_quote = format!("{}a", "> ".repeat(50_000));
    let deep_list: String = (0..300).map(|at| format!("{}- a\n", "  ".repeat(at))).collect();
    let laughs: String =
        (1..30).map(|at| format!("a{at}: &a{at} [*a{0}, *a{0}, *a{0}, *a{0}]\n", at - 1)).collect();
    let laughs = format!("a0: &a0 [1, 1, 1, 1]\n{laughs}");
    for (name, bytes, check, says) in [
        ("bomb.docx", docx.as_slice(), "docx('bomb.docx').text == ''", "limit"),
        ("deep.json", deep_json.as_bytes(), "json('deep.json') == []", "not usable JSON"),
        ("many.json", values.as_bytes(), "json('many.json').size() == 1", "at most 400000 values"),
        ("deep.html", deep_html.as_bytes(), "html('deep.html').headings.size() == 1", "deep.html"),
        ("quote.md", deep_quote.as_bytes(), "markdown('quote.md').text == ''", ""),
        ("list.md", deep_list.as_bytes(), "markdown('list.md').text == ''", ""),
        ("laughs.yaml", laughs.as_bytes(), "yaml('laughs.yaml') == {}", "laughs.yaml"),
    ] {
        alone(&desk, (check, Unmet, says), &[(name, bytes)]).await;
    }
}

/// What one criterion holds, or what all hold together, does not end the grading.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outputs_larger_than_the_memory_of_a_grader_are_judged() {
    let desk = Desk::of_checks().await;
    let text = "word ".repeat((6 << 20) / 5);
    let names: Vec<String> = (0..12).map(|at| format!("{at}.txt")).collect();
    let files: Vec<File<'_>> = names.iter().map(|name| (name.as_str(), text.as_bytes())).collect();
    let mut rubric = String::new();
    for name in &names {
        rubric.push_str(&format!("- {name} `check: text('{name}').contains('word')`\n"));
    }
    let copies = ["text('0.txt')"; 6].join(", ");
    rubric.push_str(&format!("- bomb `check: [{copies}].size() == 6`\n"));
    rubric.push_str("- last `check: size('0.txt') > 1`\n");
    let evaluation = desk.evaluation(&rubric, &files).await;
    let mut expected = vec![Met; 14];
    expected[12] = evaluation.criteria[12].verdict;
    assert_eq!(verdicts(&evaluation), expected, "{}", evaluation.explanation);
}

/// Many bombs have no more to share than one, and every honest criterion has its part.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rubric_full_of_bombs_is_judged_and_each_honest_criterion_is_met() {
    let desk = Desk::of_checks().await;
    let pattern = r"'(\\w{900}\\w{900}\\w{900})'";
    let mut rubric = String::new();
    for at in 0..40 {
        let range = "lists.range(100000)";
        let bomb = match at % 4 {
            0 => format!("{range}.map(a, string(a) + '{at}').size() == 1"),
            1 => format!("{range}.exists(a, 'a'.matches({pattern} + string(a + {at})))"),
            2 => format!("{range}.map(a, [a, {at}]).distinct() == []"),
            _ => format!("{range}.all(a, {range}.exists(b, a + b == {at}))"),
        };
        rubric.push_str(&format!("- bomb `check: {bomb}`\n"));
        rubric.push_str(&format!("- good `check: {at} >= 0 && exists('good.txt')`\n"));
    }
    let evaluation = desk.evaluation(&rubric, &[("good.txt", b"good")]).await;
    for pair in evaluation.criteria.chunks(2) {
        assert_eq!([pair[0].verdict, pair[1].verdict], [Unmet, Met], "{pair:?}");
    }
}

/// A schema whose patterns are costly, over many files: each is bounded, and so is their sum.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_that_is_costly_for_each_of_many_files_costs_its_criterion_alone() {
    let desk = Desk::of_checks().await;
    let patterns = (60..400).map(|times| format!("^(a?){{{times}}}[^a]{{40}}$"));
    let kinds = patterns.map(|pattern| serde_json::json!({"type": "string", "pattern": pattern}));
    let schema = serde_json::json!({"items": {"anyOf": kinds.collect::<Vec<_>>()}}).to_string();
    let text = format!("[\"{}\"]", "a".repeat(20_000));
    let names: Vec<String> = (0..400).map(|at| format!("{at}.json")).collect();
    let mut files: Vec<File<'_>> =
        names.iter().map(|name| (name.as_str(), text.as_bytes())).collect();
    files.push(("schema/s.json", schema.as_bytes()));
    let check = "files('*.json').exists(p, json_schema(p, 'schema/s.json').valid)";
    alone(&desk, (check, Unmet, "its check was stopped: "), &files).await;
}

/// A rubric that is one trap for the reader of Markdown is refused, or read; the next is read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rubric_that_is_a_trap_does_no_harm_to_the_next() {
    let desk = Desk::of_checks().await;
    put(&desk.outputs(), &[("good.txt", b"good")]);
    for trap in [
        format!("- {}", "[a](<b> ".repeat(130_000)),
        format!("- {}", "*a _b ".repeat(170_000)),
        "> ".repeat(500_000),
        "- ".repeat(500_000),
        "`".repeat(1 << 20),
        format!("{}a{}", "(".repeat(500_000), ")".repeat(500_000)),
        "a".repeat((1 << 20) + 1),
    ] {
        if let Ok(graded) = desk.judge(&trap).await {
            let satisfied = graded
                .report
                .result
                .is_ok_and(|evaluation| evaluation.judgement == Judgement::Satisfied);
            assert!(!satisfied, "{}…", &trap[..20]);
        }
        let next = desk.judge("- good `check: exists('good.txt')`\n").await.unwrap();
        assert_eq!(verdicts(&next.report.result.unwrap()), [Met]);
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
    let byte = |eight: &[bool]| -> u8 {
        eight.iter().enumerate().map(|(at, bit)| u8::from(*bit) << at).sum()
    };
    let packed: Vec<u8> = bits.chunks(8).map(byte).collect();
    super::archive::with(&[super::archive::Part {
        name: "word/document.xml",
        packed: &packed,
        method: 8,
        crc: 0,
        bytes: 20 << 20,
    }])
}
