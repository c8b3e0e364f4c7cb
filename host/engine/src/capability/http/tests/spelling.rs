//! The many ways to write an address that must not be reached. None of them is connected to.

use super::*;

/// Authority and path, where the name leads to if it is looked up, and the rule that decides;
/// `unsendable` where the request cannot even be made.
const SPELLINGS: [(&str, &str, &str, &str); 76] = [
    // Plain addresses of this machine and the networks around it.
    ("127.0.0.1", "/", "", "special_address"),
    ("127.0.0.1:8080", "/", "", "special_address"),
    ("127.255.255.254", "/", "", "special_address"),
    ("0.0.0.0", "/", "", "special_address"),
    ("10.0.0.1", "/", "", "special_address"),
    ("100.64.0.1", "/", "", "special_address"),
    ("169.254.169.254", "/latest/meta-data/", "", "special_address"),
    ("172.16.0.1", "/", "", "special_address"),
    ("172.31.255.255", "/", "", "special_address"),
    ("192.168.0.1", "/", "", "special_address"),
    ("192.0.0.192", "/", "", "special_address"),
    ("192.0.2.1", "/", "", "special_address"),
    ("198.18.0.1", "/", "", "special_address"),
    ("203.0.113.1", "/", "", "special_address"),
    ("224.0.0.1", "/", "", "special_address"),
    ("255.255.255.255", "/", "", "special_address"),
    // Spellings of 127.0.0.1 that only some systems know.
    ("127.1", "/", "", "number_form"),
    ("127.0.1", "/", "", "number_form"),
    ("0177.0.0.1", "/", "", "number_form"),
    ("0177.1", "/", "", "number_form"),
    ("127.0.0.01", "/", "", "number_form"),
    ("0x7f.0.0.1", "/", "", "number_form"),
    ("0x7f.1", "/", "", "number_form"),
    ("0X7F000001", "/", "", "number_form"),
    ("2130706433", "/", "", "number_form"),
    ("017700000001", "/", "", "number_form"),
    ("00000177.0.0.1", "/", "", "number_form"),
    ("127.0.0.1.", "/", "", "number_form"),
    ("127.0.0.256", "/", "", "number_form"),
    ("0", "/", "", "number_form"),
    ("0x", "/", "", "number_form"),
    ("0xa9fea9fe", "/", "", "number_form"),
    // IPv6, and IPv4 inside of it.
    ("[::1]", "/", "", "special_address"),
    ("[0:0:0:0:0:0:0:1]", "/", "", "special_address"),
    ("[::]", "/", "", "special_address"),
    ("[::ffff:127.0.0.1]", "/", "", "special_address"),
    ("[::ffff:a9fe:a9fe]", "/", "", "special_address"),
    ("[::127.0.0.1]", "/", "", "special_address"),
    ("[64:ff9b::7f00:1]", "/", "", "special_address"),
    ("[64:ff9b:1::7f00:1]", "/", "", "special_address"),
    ("[2002:7f00:1::]", "/", "", "special_address"),
    ("[2001:0:7f00:1::]", "/", "", "special_address"),
    ("[2001:db8::1]", "/", "", "special_address"),
    ("[fe80::1]", "/", "", "special_address"),
    ("[fc00::1]", "/", "", "special_address"),
    ("[fd00:ec2::254]", "/", "", "special_address"),
    ("[fec0::1]", "/", "", "special_address"),
    ("[ff02::1]", "/", "", "special_address"),
    ("[100::1]", "/", "", "special_address"),
    ("[fe80::1%25eth0]", "/", "", "host_form"),
    ("[127.0.0.1]", "/", "", "host_form"),
    ("[::1", "/", "", "unsendable"),
    ("::1", "/", "", "unsendable"),
    // Names of this machine.
    ("localhost", "/", "", "local_name"),
    ("LOCALHOST.", "/", "", "local_name"),
    ("a.localhost", "/", "", "local_name"),
    ("ip6-localhost", "/", "", "local_name"),
    ("localhost.localdomain", "/", "", "local_name"),
    // Names that lead there.
    ("a.example", "/", "127.0.0.1", "resolved_address"),
    ("metadata.example", "/", "169.254.169.254", "resolved_address"),
    ("mapped.example", "/", "::ffff:10.0.0.1", "resolved_address"),
    ("127.0.0.1.example", "/", "127.0.0.1", "resolved_address"),
    ("xn--lclhst-3ya.example", "/", "::1", "resolved_address"),
    ("intranet", "/", "10.0.0.1", "host_not_granted"),
    // Something else in the place of the host.
    ("a.example@127.0.0.1", "/", "", "userinfo"),
    ("127.0.0.1@a.example", "/", "", "userinfo"),
    ("a:b@127.0.0.1:80", "/", "", "userinfo"),
    ("a.example:80@127.0.0.1", "/", "", "userinfo"),
    ("127%2e0%2e0%2e1", "/", "", "unsendable"),
    ("a_b.example", "/", "", "host_form"),
    ("a.example:", "/", "", "port_form"),
    ("a.example:99999", "/", "", "port_form"),
    ("127.0.0.1\\.a.example", "/", "", "unsendable"),
    ("①②⑦.⓪.⓪.①", "/", "", "unsendable"),
    // A path that names another host.
    ("a.example", "//127.0.0.1/", "", "path_form"),
    ("a.example", "/\\127.0.0.1/", "", "path_form"),
];

/// Sends to one of them with everything granted that a star grants.
async fn verdict(authority: &str, path: &str, leads_to: &str) -> (String, usize) {
    let network = FakeNetwork::saying(OK).leading_to(&[
        &[leads_to].map(|address| if address.is_empty() { PUBLIC } else { address })
    ]);
    let caller = Caller::new(network, &["*", "127.0.0.1:9"]);
    let uri = http::Uri::builder().scheme("http").authority(authority).path_and_query(path);
    let Ok(uri) = uri.build() else { return ("unsendable".to_owned(), 0) };
    let mut request = get("http://a.example/");
    *request.uri_mut() = uri;
    let sent = caller.send(request).await;
    let rule = match sent {
        Ok(_) => "sent".to_owned(),
        Err(_) => caller.denials().pop().map_or_else(|| "failed".to_owned(), |found| found.rule),
    };
    (rule, caller.network.connections().len())
}

#[tokio::test]
async fn no_spelling_of_a_forbidden_address_leads_to_a_connection() {
    let mut wrong = Vec::new();
    for (authority, path, leads_to, rule) in SPELLINGS {
        let (decided, connections) = verdict(authority, path, leads_to).await;
        if decided != rule || connections != 0 {
            wrong.push(format!("{authority}{path}: {decided}, not {rule}; {connections}"));
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert_eq!(verdict("a.example", "/", "").await, ("sent".to_owned(), 1));
}
