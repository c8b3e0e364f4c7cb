//! The reference of the mission file: its example loads.

use lucid_runtime::{AgentModel, Runtime, RuntimeOptions, VariableSource};
use lucid_tests::{Missions, repository};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_of_the_reference_loads_as_the_page_says() {
    let page = std::fs::read_to_string(repository().join("docs/missions.md")).unwrap();
    let (_, example) = page.split_once("```toml\n").expect("an example");
    let (example, _) = example.split_once("```\n").expect("its end");
    let rubric = "# Done\n\n- There is a digest. `check: exists('digest.md')`\n";
    let files = [("mission.toml", example), ("rubric.md", rubric), ("notes/a.md", "- a note\n")];
    let missions = Missions::new(&files, &[]);
    let key = |name: &str| (name == "ANTHROPIC_API_KEY").then(|| "sk-canary".to_owned());
    let options = Missions::options(&missions.state());
    let with_key = RuntimeOptions { variables: VariableSource::new(key), ..options.clone() };
    let (_, mission) = Runtime::open_for(with_key, &missions.mission()).await.unwrap();
    assert_eq!(mission.threads, 5);
    assert_eq!(mission.budget.wall_ms, Some(7_200_000));
    let editor = &mission.agents["editor"];
    assert_eq!(editor.model.name(), "claude-sonnet-5");
    assert!(matches!(editor.model, AgentModel::Remote(_)));
    assert_eq!(editor.budget.micro_usd, Some(2_500_000));
    let without = Runtime::open_for(options, &missions.mission()).await;
    let missing = without.err().expect("the page says which variable it needs");
    assert!(missing.message.contains("ANTHROPIC_API_KEY"), "{missing}");
}
