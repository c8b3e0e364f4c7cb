//! One server for each state folder, and commands beside it.

use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;

use super::bench::{Places, Served, Told, command, lucid};

/// Tries to serve a folder that may not be served; whatever comes of it does not stay.
fn refused(state: &str) -> Told {
    let words = ["serve", "--listen", "127.0.0.1:0", "--state", state];
    let mut serve = command(&words, &[]);
    let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut first, mut out) = ([0], String::new());
    let stdout = child.stdout.as_mut().unwrap();
    // Where it listens is the first thing that a server says; one that is refused says nothing.
    if stdout.read(&mut first).unwrap() == 1 {
        child.kill().unwrap();
        out.push(char::from(first[0]));
    }
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    Told { code: output.status.code(), out, err }
}

#[test]
fn a_second_server_of_a_folder_is_refused_until_the_first_has_ended_however_it_ended() {
    let places = Places::new();
    let state = places.path("state");
    let mut served = Served::new(Path::new(&state));
    for _ in 0..2 {
        let told = refused(&state);
        assert_eq!((told.code, told.out.as_str()), (Some(1), ""), "{told:?}");
        assert!(told.err.contains("another server serves the state folder"), "{told:?}");
        assert!(told.err.contains("hint") && told.err.contains("--state"), "{told:?}");
        // Another name of the folder is no other folder.
        let told = refused(&format!("{state}/."));
        assert_eq!((told.code, told.out.as_str()), (Some(1), ""), "{told:?}");
        // The first goes on, and so do commands beside it.
        for place in [["--server", &served.url], ["--state", &state]] {
            let told = lucid(&[&["session", "list"][..], &place].concat(), &[]);
            assert_eq!(told.code, Some(0), "{told:?}");
        }
        // Killed, it has given nothing back, and the next one begins at once.
        drop(served);
        served = Served::new(Path::new(&state));
    }
    let told = lucid(&["key", "create", "--state", &state], &[]);
    assert_eq!(told.code, Some(0), "{told:?}");
}
