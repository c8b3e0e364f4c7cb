//! Programs that send where they should not.

use std::collections::BTreeSet;
use std::process::Command;

use lucid_core::{Denial, Limits};
use lucid_engine::Call;
use lucid_tests::Corpus;

use super::server::{Led, Server, answer, granted, granted_to, number};
use super::{STANDARD, standard};

/// Each says which rule decided and what would allow it, or that nothing would.
#[track_caller]
fn explained(denied: &[Denial]) {
    for denial in denied {
        assert_eq!(denial.capability, "http", "{denial:?}");
        assert!(!denial.rule.is_empty() && !denial.what.is_empty(), "{denial:?}");
        let says_how = denial.hint.contains("http = [") || denial.hint.contains("no grant");
        assert!(says_how, "{denial:?}");
        assert!(!denial.what.contains(char::is_control), "{denial:?}");
    }
}

/// Every public host was granted; none of these is one, whatever its name leads to. Nobody is
/// connected to at all.
#[test]
pub(super) fn table() {
    let server = Server::unreached();
    let network = Led::to(&server, &[&["127.0.0.1", "::1", "169.254.169.254", "::ffff:10.0.0.1"]]);
    let corpus = granted(&network.engine(), "hostile_ssrf_table", &["*"]);
    let call = Call::bare(Limits { http_requests: 10_000, ..STANDARD });
    let attack = corpus.attack(&server.port().to_string(), call);
    assert_eq!(attack.harmless(), "0 of 96: []");
    assert!(network.connected().is_empty(), "{:?}", network.connected());
    assert_eq!(server.connections(), 0);
    let resolved = network.resolved();
    assert!(resolved.iter().any(|name| name == "leads-home.example"), "{resolved:?}");
    assert!(resolved.iter().all(|name| !name.contains("localhost")), "{resolved:?}");
    let denied = &attack.report.effects.denied;
    explained(denied);
    let rules: BTreeSet<&str> = denied.iter().map(|denial| denial.rule.as_str()).collect();
    for rule in ["special_address", "local_name", "number_form", "resolved_address", "userinfo"] {
        assert!(rules.contains(rule), "no {rule} among {rules:?}");
    }
}

/// A redirect is an answer: where it leads is for the guest to ask, and for the host to
/// refuse.
#[test]
pub(super) fn redirect() {
    let inside = Server::unreached();
    let port = inside.port();
    let locations = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://127.1:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://localhost:{port}/"),
        format!("//127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("http://user@127.0.0.1:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "file:///etc/passwd".to_owned(),
    ];
    let count = locations.len();
    let outside = Server::answering(move |request| match locations.get(number(request)) {
        Some(location) => answer("302 Found", &format!("location: {location}\r\n"), ""),
        None => answer("200 OK", "", "the end"),
    });
    let corpus = granted_to(&outside, "hostile_ssrf_redirect");
    let attack = corpus.attack(&outside.origin(), standard());
    let said = attack.harmless();
    assert!(!said.contains("you should not be here"), "{said}");
    assert_eq!(inside.connections(), 0);
    assert_eq!(outside.connections(), count + 1, "each is an answer, and followed by nobody");
    let denied = &attack.report.effects.denied;
    explained(denied);
    assert!(denied.iter().any(|denial| denial.rule == "special_address"), "{denied:?}");
}

/// A name is looked up once for each request, and connected to is what was judged.
#[test]
pub(super) fn rebind() {
    let server = Server::answering(|_| answer("200 OK", "", "public"));
    let public = "93.184.216.34";
    let network = Led::to(
        &server,
        &[
            &[public],
            &["127.0.0.1"],
            &[public, "127.0.0.1"],
            &["127.0.0.1", "10.0.0.1", public],
            &["::1", "169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::7f00:1"],
            &[],
            &["127.0.0.1"],
        ],
    );
    let corpus = granted(&network.engine(), "hostile_ssrf_rebind", &["rebind.example"]);
    let hosts = ["rebind.example"; 7].join(" ");
    let attack = corpus.attack(&hosts, standard());
    let told = attack.harmless();
    let told: Vec<&str> = told.split(' ').map(|word| word.split('(').next().unwrap()).collect();
    assert_eq!(told.iter().filter(|word| **word == "public").count(), 3, "{told:?}");
    assert_eq!(network.resolved().len(), 7, "once for each request");
    let connected = network.connected();
    assert_eq!(connected, vec![format!("{public}:80").parse().unwrap(); 3]);
    assert_eq!(server.connections(), 3);
    let denied = &attack.report.effects.denied;
    explained(denied);
    assert!(denied.iter().all(|denial| denial.rule == "resolved_address"), "{denied:?}");
}

/// Said to the process in which the other half of the test runs.
const THROUGH: &str = "LUCID_TEST_BESIDE_A_PROXY";

/// The environment of the host names a proxy; what is sent goes past it. Runs itself again
/// with such an environment.
#[test]
pub(super) fn proxy() {
    if std::env::var_os(THROUGH).is_some() {
        let server = Server::answering(|_| answer("200 OK", "", "straight"));
        let corpus: Corpus = granted_to(&server, "hostile_ssrf_proxy");
        assert_eq!(corpus.attack(&server.origin(), standard()).harmless(), "straight");
        return;
    }
    let proxy = Server::unreached();
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "hostile::ssrf::proxy", "--test-threads", "1"]).env(THROUGH, "1");
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    {
        again.env(name, proxy.origin());
    }
    let output = again.env("no_proxy", "").env("NO_PROXY", "").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert_eq!(proxy.connections(), 0);
}
