use super::*;

#[test]
fn marks_case_space_and_punctuation_do_not_matter() {
    let plain = normal("Deploys are on Friday");
    assert_eq!(plain, "deploys are on friday");
    for text in [
        "- **Deploys** are  on friday.",
        "* deploys are\n  on _Friday_!",
        "1. Deploys are on Friday",
        "> ## Deploys, are on \u{201c}Friday\u{201d}",
        "Deploys are on `friday`",
        "De\u{ad}ploys are on Friday\u{200b}",
        "Ｄeploys are on Friday…",
        "Deploys\u{a0}are\r\non \u{2014} Friday",
    ] {
        assert_eq!(normal(text), plain, "{text}");
    }
    assert_eq!(normal("Cafe\u{301} closes"), normal("café closes"));
    assert_eq!(normal("wait 10ms"), normal("Wait 10 ms."));
}

#[test]
fn what_a_mark_means_is_not_lost() {
    for (a, b) in [
        ("is it safe?", "it is safe"),
        ("it is safe?", "it is safe"),
        ("use snake_case", "use snakecase"),
        ("wait -5 s", "wait 5 s"),
        ("wait .5 s", "wait 5 s"),
        ("load .env", "load env"),
        ("C++ builds", "C builds"),
        ("C# builds", "C builds"),
        ("x < 5", "x > 5"),
        ("x != 5", "x = 5"),
        ("x <= 5", "x < 5"),
        ("~~port 80~~", "port 80"),
        ("about ~5 s", "about 5 s"),
        ("- [ ] fix login", "- [x] fix login"),
        ("- [x] fix login", "- fix login"),
        ("`git branch -d x`", "`git branch -D x`"),
        ("read `Config`", "read `config`"),
        ("set $PATH", "set PATH"),
        ("10 mW", "10 MW"),
        ("10 Mb", "10 MB"),
        ("10 M", "10 m"),
        ("10²", "102"),
        ("we're home", "were home"),
        ("5 % off", "5 off"),
        ("see #260", "see 260"),
        ("schön", "schon"),
        ("✅ tests", "❌ tests"),
        ("/Users/ann", "/users/ann"),
        ("id dQw4w9WgXcQ", "id dqw4w9wgxcq"),
    ] {
        assert_ne!(normal(a), normal(b), "{a} / {b}");
    }
}

#[test]
fn code_that_says_no_more_than_its_words_is_words() {
    assert_eq!(normal("Edit `Cargo.toml` first"), normal("edit Cargo.toml first"));
    assert_eq!(normal("run `cargo test`"), "run cargo test");
    assert_eq!(normal("read `Config`"), "read `Config`");
    assert_eq!(normal("```\nif a:\n    b\n```"), "`if a:\n    b`");
    assert_eq!(normal("a ` b"), "a b");
}

#[test]
fn nothing_is_left_of_marks_alone() {
    for text in ["", " \n", "- ", "***", "---", "# ", "> ", "``", "` `", "| - | - |", "..."] {
        assert_eq!(normal(text), "", "{text:?}");
    }
}

#[test]
fn tokens_are_distinct_words_without_fillers() {
    let words: Vec<String> = tokens("The port, the PORT and a `Key`").into_iter().collect();
    assert_eq!(words, ["`Key`", "and", "port"]);
}

#[test]
fn normalising_twice_is_normalising_once_where_marks_hide_marks() {
    for text in [
        "> > 5",
        "( > 5",
        "( + 5",
        "1. 2. x",
        "(1. x",
        "`> 5` x",
        "- - [ ] x",
        "( [ ] x",
        "`a` `B` `",
        "``a`B``",
        "x\n> > 5",
        "# # x",
        "`K` 5 K",
        "5 `M`",
        "... .. .a",
        "**.** .5.",
        "?!?",
        "(?) x",
        "[_]. [_]",
        "[X] y",
        "\u{ff40}x\u{ff40}",
        "İ\u{300}",
        "10.MS",
        "1 ) + 2",
        "`- x`",
        "`x\n\ny`",
        "+ + + a",
        "> `X`",
        "`+` a",
        "5 ` M",
    ] {
        let once = normal(text);
        assert_eq!(normal(&once), once, "{text:?}");
    }
}
