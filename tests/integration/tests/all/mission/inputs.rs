//! `[files]`: a mission's files lie in each session's folders before anybody works.

use std::fs;

use lucid_core::FailureKind;
use lucid_runtime::{RunOptions, Runtime, World};
use lucid_tests::{Missions, tree};

const MISSION: &str = r#"
name = "inputs"
lead = "clerk"
message = "Read what there is."

[files]
"/workspace/inbox" = "inbox"
"/mnt/session/uploads/terms.md" = "terms.md"

[plugins.files]
files = "read-write"

[plugins.parrot]
file = "parrot.wasm"

[agents.clerk]
model = "plugin:parrot"
system = '''
call read {"file_path": "/workspace/inbox/deep/letter.txt"}
call read {"file_path": "/mnt/session/uploads/terms.md"}
call write {"file_path": "/workspace/inbox/deep/draft.txt", "content": "changed"}
call write {"file_path": "/mnt/session/uploads/terms.md", "content": "changed"}
'''
tools = ["files"]
view = { "/workspace/inbox" = "rw", "/mnt/session/uploads" = "ro" }
"#;

fn missions() -> Missions {
    let files = [
        ("mission.toml", MISSION),
        ("inbox/deep/letter.txt", "Dear reader"),
        ("inbox/deep/draft.txt", "Dear"),
        ("terms.md", "# Terms"),
    ];
    Missions::new(&files, &["parrot"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_session_gets_a_copy_and_the_view_says_who_may_change_it() {
    let missions = missions();
    // A file that nobody may write on this machine: its copy is the session's own. It is not
    // the one that is read: calls of one turn run at the same time.
    let draft = missions.mission().join("inbox/deep/draft.txt");
    let mut permissions = fs::metadata(&draft).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&draft, permissions).unwrap();
    let before = tree(&missions.mission());
    let (runtime, mission) = missions.load().await;
    for _ in 0..2 {
        let (_, end) =
            runtime.run_once(&mission, 1, &World::real(), &RunOptions::default()).await.unwrap();
        for part in ["Dear reader", "# Terms", "read-only"] {
            assert!(end.last_text.contains(part), "{part}: {}", end.last_text);
        }
        let changed = end.workspace.outputs_folder().join("../workspace/inbox/deep/draft.txt");
        assert_eq!(fs::read_to_string(changed).unwrap(), "changed");
    }
    assert_eq!(tree(&missions.mission()), before, "the mission's own files stay as they were");
}

/// Loads the mission with one line in the place of another.
async fn refused(missions: &Missions, from: &str, to: &str) -> lucid_core::Failure {
    missions.write("mission.toml", &MISSION.replace(from, to));
    let options = Missions::options(&missions.state());
    match Runtime::open_for(options, &missions.mission()).await {
        Ok(_) => panic!("{to} was loaded"),
        Err(failure) => failure,
    }
}

#[tokio::test]
async fn files_come_from_inside_the_mission_and_go_to_where_agents_work() {
    let missions = missions();
    missions.write("secret.txt", "outside");
    #[cfg(unix)]
    std::os::unix::fs::symlink("../secret.txt", missions.mission().join("inbox/link")).unwrap();
    let link = refused(&missions, "= \"inbox\"", "= \"inbox\"").await;
    assert!(link.message.contains("inbox/link is no file and no folder"), "{link}");
    fs::remove_file(missions.mission().join("inbox/link")).unwrap();
    for (from, to, says) in [
        ("= \"inbox\"", "= \"../secret.txt\"", "not a path inside the mission"),
        ("= \"inbox\"", "= \"/etc/passwd\"", "not a path inside the mission"),
        ("= \"inbox\"", "= \"gone\"", "it is not there"),
        ("/workspace/inbox\" = \"inbox", "/workspace\" = \"terms.md", "is a folder"),
        ("\"/workspace/inbox\" = \"i", "\"/etc\" = \"i", "cannot be put at `/etc`"),
        ("\"/workspace/inbox\" = \"i", "\"/workspace/../a\" = \"i", "cannot be put at"),
        ("\"/workspace/inbox\" = \"i", "\"/mnt/session/outputs/a\" = \"i", "cannot be put at"),
    ] {
        let failure = refused(&missions, from, to).await;
        assert_eq!(failure.kind, FailureKind::Invalid, "{to}: {failure}");
        assert!(failure.message.contains(says), "{to}: {failure}");
        assert!(failure.message.contains("mission.toml:7: "), "{to}: {failure}");
        assert!(failure.hint.is_some(), "{to}: {failure}");
    }
}

#[tokio::test]
async fn a_mission_with_more_files_than_a_session_holds_does_not_load() {
    let missions = missions();
    for room in ["disk_bytes = 12", "disk_files = 4"] {
        let failure = refused(&missions, "[files]", &format!("[session]\n{room}\n[files]")).await;
        assert_eq!(failure.kind, FailureKind::Exceeded, "{room}: {failure}");
        assert!(failure.hint.unwrap().contains("[session]"));
    }
    missions
        .write("mission.toml", &MISSION.replace("[files]", "[session]\ndisk_files = 5\n[files]"));
    let options = Missions::options(&missions.state());
    assert!(Runtime::open_for(options, &missions.mission()).await.is_ok());
}
