//! Tutorials, followed word for word in an empty folder: what is not on the page is not there.

use lucid_tests::pages::{compare, script, steps};
use lucid_tests::{Author, repository};

#[track_caller]
fn works_word_for_word(page: &str) {
    let file = repository().join("docs/plugins").join(page);
    let page = std::fs::read_to_string(&file).unwrap();
    let steps = steps(&page).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
    assert!(steps.len() > 5, "{}", file.display());
    let author = Author::new();
    author.write("follow.sh", &script(&steps));
    std::fs::create_dir(author.root().join("empty")).unwrap();
    // Compilers are installed as the page says, and not where the other tests have them.
    let followed = author.alone("empty", "bash", &["../follow.sh"]);
    assert_eq!(followed.code, 0, "{}\n{}", followed.out, followed.err);
    compare(&steps, &followed.out).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
}

#[test]
fn the_tutorial_for_a_tool_works_word_for_word() {
    works_word_for_word("tutorial-tool.md");
}

#[test]
fn the_tutorial_for_a_dream_works_word_for_word() {
    works_word_for_word("tutorial-dream.md");
}

#[test]
fn the_tutorial_for_a_grader_works_word_for_word() {
    works_word_for_word("tutorial-grader.md");
}

#[test]
fn the_tutorial_for_a_model_works_word_for_word() {
    works_word_for_word("tutorial-model.md");
}
