//! Who is looked up and connected to, and who is not.

use super::*;
use crate::capability::http::SystemNetwork;

fn rules_of(caller: &Caller) -> Vec<String> {
    caller.denials().into_iter().map(|denial| denial.rule).collect()
}

#[tokio::test]
async fn a_host_that_was_granted_is_reached_on_the_port_that_was_asked_for() {
    let caller = Caller::new(FakeNetwork::saying(OK), &["a.example", "9.9.9.9:8080"]);
    assert_eq!(caller.get("http://a.example/").await.unwrap().text(), "ok");
    assert_eq!(caller.get("http://9.9.9.9:8080/").await.unwrap().status, 200);
    let reached: Vec<String> =
        caller.network.connections().iter().map(ToString::to_string).collect();
    assert_eq!(reached, [format!("{PUBLIC}:80"), "9.9.9.9:8080".to_owned()]);
    assert_eq!(*caller.network.looked_up.lock().unwrap(), ["a.example"]);
}

#[tokio::test]
async fn a_host_that_was_not_granted_is_neither_looked_up_nor_connected_to() {
    let caller = Caller::new(FakeNetwork::saying(OK), &["a.example"]);
    for url in ["http://b.example/", "http://a.example:8080/", "ftp://a.example/"] {
        let refused = caller.get(url).await;
        assert!(matches!(refused, Err(Error::HttpRequestDenied)), "{url}: {refused:?}");
    }
    assert_eq!(rules_of(&caller), ["host_not_granted", "host_not_granted", "scheme"]);
    assert!(caller.network.looked_up.lock().unwrap().is_empty());
    assert!(caller.network.connections().is_empty());
    assert_eq!(caller.session.meter.requests(), 0);
}

#[tokio::test]
async fn a_name_that_leads_to_a_special_address_is_not_connected_to() {
    for address in ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1"] {
        let network = FakeNetwork::saying(OK).leading_to(&[&[address]]);
        let caller = Caller::new(network, &["a.example", "127.0.0.1:80"]);
        let refused = caller.get("http://a.example/").await;
        assert!(matches!(refused, Err(Error::DestinationIpProhibited)), "{refused:?}");
        let denied = caller.denials();
        assert_eq!(denied[0].rule, "resolved_address");
        assert_eq!(denied[0].what, "http://a.example:80");
        assert!(caller.network.connections().is_empty(), "{address}");
    }
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_looked_up_once_and_reached_where_it_was_judged() {
    let network = FakeNetwork::saying(OK).leading_to(&[&[PUBLIC], &["127.0.0.1"]]);
    let caller = Caller::new(network, &["rebind.example"]);
    assert_eq!(caller.get("http://rebind.example/").await.unwrap().status, 200);
    assert_eq!(caller.network.looked_up.lock().unwrap().len(), 1);
    let refused = caller.get("http://rebind.example/").await;
    assert!(matches!(refused, Err(Error::DestinationIpProhibited)), "{refused:?}");
    let reached = caller.network.connections();
    assert_eq!(reached, [SocketAddr::new(PUBLIC.parse().unwrap(), 80)]);
}

#[tokio::test]
async fn of_several_addresses_only_those_that_are_allowed_are_tried() {
    let network = FakeNetwork::saying(OK).leading_to(&[&["10.0.0.1", "9.9.9.9", "::1", PUBLIC]]);
    let network = FakeNetwork { dead: vec!["9.9.9.9".parse().unwrap()], ..network };
    let caller = Caller::new(network, &["a.example"]);
    assert_eq!(caller.get("http://a.example/").await.unwrap().status, 200);
    let reached: Vec<String> =
        caller.network.connections().iter().map(|address| address.ip().to_string()).collect();
    assert_eq!(reached, ["9.9.9.9", PUBLIC]);
    assert!(caller.denials().is_empty());
}

#[tokio::test]
async fn a_name_without_an_address_and_a_server_that_is_not_there_are_no_denials() {
    let caller = Caller::new(FakeNetwork::saying(OK).leading_to(&[&[]]), &["a.example"]);
    let failed = caller.get("http://a.example/").await;
    assert!(matches!(failed, Err(Error::DnsError { .. })), "{failed:?}");
    let dead = FakeNetwork { dead: vec![PUBLIC.parse().unwrap()], ..FakeNetwork::saying(OK) };
    let caller = Caller::new(dead, &["a.example"]);
    let failed = caller.get("http://a.example/").await;
    assert!(matches!(failed, Err(Error::ConnectionRefused)), "{failed:?}");
    assert!(caller.denials().is_empty());
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_what_it_names_is_decided_anew() {
    let answer = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n";
    let caller = Caller::new(FakeNetwork::saying(answer), &["a.example"]);
    let answered = caller.get("http://a.example/").await.unwrap();
    assert_eq!(answered.status, 302);
    let next = answered.headers["location"].to_str().unwrap().to_owned();
    assert!(matches!(caller.get(&next).await, Err(Error::HttpRequestDenied)));
    assert_eq!(rules_of(&caller), ["special_address"]);
    assert_eq!(caller.network.connections().len(), 1);
}

#[tokio::test]
async fn on_the_machines_own_network_a_listener_hears_only_who_was_granted_it() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let send = async |granted: &str| {
        let mut options = EngineOptions::standard();
        options.network = Arc::new(SystemNetwork);
        let client = Arc::new(HttpClient::new(&options).unwrap());
        let rules = vec![HostRule::parse(granted).unwrap()];
        let effects = EffectLog::default();
        let session =
            Session::new(rules, Arc::default(), &Limits::STANDARD, client, effects.clone());
        let session = Arc::new(session);
        let request = get(&format!("http://{address}/"));
        let target = session.admit(&request)?;
        exchange::send(session, target, request, RequestOptions::default()).await
    };
    assert!(matches!(send("*").await, Err(Error::HttpRequestDenied)));
    assert!(matches!(send("127.0.0.1:9").await, Err(Error::HttpRequestDenied)));
    // Whoever had connected would be first in the listener's queue.
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = vec![0; 4 << 10];
        let count = stream.read(&mut head).await.unwrap();
        stream.write_all(OK.as_bytes()).await.unwrap();
        String::from_utf8(head[..count].to_vec()).unwrap()
    };
    let (sent, head) = tokio::join!(send(&address), server);
    assert_eq!(sent.unwrap().0.status(), 200);
    assert!(head.starts_with("GET / HTTP/1.1\r\n"), "{head}");
}
