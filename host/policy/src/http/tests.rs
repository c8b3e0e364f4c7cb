//! Who may be sent to, in tables: what was asked for, and the rule that decided.

use std::net::IpAddr;

use super::*;

fn rules(texts: &[&str]) -> Vec<HostRule> {
    texts.iter().map(|text| HostRule::parse(text).unwrap()).collect()
}

/// `allowed`, or the rule that decided.
fn verdict(granted: &[&str], scheme: &str, authority: &str) -> String {
    let decided = Target::parse(scheme, authority)
        .and_then(|target| may_send(&rules(granted), &target).map(|()| target));
    decided.map_or_else(|denial| denial.rule, |_| "allowed".to_owned())
}

fn target(url: &str) -> Target {
    let (scheme, authority) = url.split_once("://").unwrap();
    Target::parse(scheme, authority).unwrap()
}

#[test]
fn a_host_that_was_not_granted_is_denied_with_the_line_that_grants_it() {
    let denial = may_send(&rules(&["a.example"]), &target("https://b.example:8443")).unwrap_err();
    assert_eq!(denial.what, "https://b.example:8443");
    assert_eq!(denial.rule, "host_not_granted");
    assert!(denial.hint.contains(r#"http = ["b.example:8443"]"#), "{}", denial.hint);
    let denial = may_send(&[], &target("http://b.example")).unwrap_err();
    assert!(denial.hint.contains(r#"http = ["b.example"]"#), "{}", denial.hint);
}

#[test]
fn an_entry_allows_its_host_and_ports_and_no_others() {
    let granted = ["api.example", "own.example:8443", "9.9.9.9"];
    for (scheme, authority, expect) in [
        ("https", "api.example", "allowed"),
        ("https", "API.Example.", "allowed"),
        ("http", "api.example:443", "allowed"),
        ("https", "api.example:8443", "host_not_granted"),
        ("https", "own.example:8443", "allowed"),
        ("https", "own.example", "host_not_granted"),
        ("https", "9.9.9.9", "allowed"),
        ("https", "9.9.9.10", "host_not_granted"),
        ("https", "x.api.example", "host_not_granted"),
        ("https", "api.example.evil.example", "host_not_granted"),
        ("https", "apixexample", "host_not_granted"),
        ("ftp", "api.example", "scheme"),
        ("HTTPS", "api.example", "scheme"),
    ] {
        assert_eq!(verdict(&granted, scheme, authority), expect, "{scheme}://{authority}");
    }
}

#[test]
fn a_star_allows_public_hosts_on_the_standard_ports_alone() {
    for (authority, expect) in [
        ("any.example", "allowed"),
        ("8.8.8.8", "allowed"),
        ("[2606:4700::1111]", "allowed"),
        ("any.example:8080", "host_not_granted"),
        ("intranet", "host_not_granted"),
        ("localhost", "local_name"),
        ("a.localhost", "local_name"),
        ("127.0.0.1", "special_address"),
        ("127.0.0.1:8080", "special_address"),
        ("[::1]", "special_address"),
    ] {
        assert_eq!(verdict(&["*"], "https", authority), expect, "{authority}");
    }
}

#[test]
fn a_special_address_is_reached_only_where_it_was_named_with_its_port() {
    let granted = ["127.0.0.1:8080", "[::1]:8080", "*"];
    for (authority, expect) in [
        ("127.0.0.1:8080", "allowed"),
        ("[::1]:8080", "allowed"),
        ("[0:0::1]:8080", "allowed"),
        ("127.0.0.1:8081", "special_address"),
        ("127.0.0.2:8080", "special_address"),
        ("[::ffff:127.0.0.1]:8080", "special_address"),
        ("localhost:8080", "local_name"),
    ] {
        assert_eq!(verdict(&granted, "http", authority), expect, "{authority}");
    }
    let connect = |url: &str, to: &str| {
        may_connect(&rules(&granted), &target(url), to.parse::<IpAddr>().unwrap())
    };
    assert!(connect("http://127.0.0.1:8080", "127.0.0.1").is_ok());
    assert_eq!(connect("http://127.0.0.1:8080", "127.0.0.2").unwrap_err().rule, "resolved_address");
    assert_eq!(connect("http://9.9.9.9", "9.9.9.10").unwrap_err().rule, "resolved_address");
}

#[test]
fn a_name_that_leads_to_a_special_address_is_denied_whatever_was_granted() {
    let granted = rules(&["rebind.example", "127.0.0.1:80", "127.0.0.1:443", "*"]);
    for address in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1"] {
        let address = address.parse::<IpAddr>().unwrap();
        let denial = may_connect(&granted, &target("https://rebind.example"), address).unwrap_err();
        assert_eq!(denial.rule, "resolved_address");
        assert!(denial.hint.contains(&address.to_string()), "{}", denial.hint);
    }
    let public = "93.184.216.34".parse().unwrap();
    assert!(may_connect(&granted, &target("https://rebind.example"), public).is_ok());
    assert!(may_connect(&[], &target("https://rebind.example"), public).is_err());
}

#[test]
fn every_special_range_is_refused_from_its_first_to_its_last_address() {
    for (first, last) in [
        ("0.0.0.0", "0.255.255.255"),
        ("10.0.0.0", "10.255.255.255"),
        ("100.64.0.0", "100.127.255.255"),
        ("127.0.0.0", "127.255.255.255"),
        ("168.63.129.16", "168.63.129.16"),
        ("169.254.0.0", "169.254.255.255"),
        ("172.16.0.0", "172.31.255.255"),
        ("192.0.0.0", "192.0.0.255"),
        ("192.0.2.0", "192.0.2.255"),
        ("192.88.99.0", "192.88.99.255"),
        ("192.168.0.0", "192.168.255.255"),
        ("198.18.0.0", "198.19.255.255"),
        ("198.51.100.0", "198.51.100.255"),
        ("203.0.113.0", "203.0.113.255"),
        ("224.0.0.0", "255.255.255.255"),
        ("::", "::1"),
        ("::7f00:1", "::ffff:ffff"),
        ("::ffff:10.0.0.0", "::ffff:10.255.255.255"),
        ("64:ff9b::a00:0", "64:ff9b::aff:ffff"),
        ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"),
        ("100::", "100:0:0:1:ffff:ffff:ffff:ffff"),
        ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2002:a00::", "2002:aff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ] {
        for text in [first, last] {
            assert!(special_address(text.parse().unwrap()).is_some(), "{text}");
        }
    }
    for text in [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::",
        "2001:200::",
        "2606:4700::1111",
        "2a00::1",
        "3ffe::1",
    ] {
        assert_eq!(special_address(text.parse().unwrap()), None, "{text}");
    }
}

#[test]
fn what_could_be_read_in_two_ways_is_refused_by_name() {
    for (authority, expect) in [
        ("", "host_form"),
        (".", "host_form"),
        ("127.1", "number_form"),
        ("127.0.1", "number_form"),
        ("0177.0.0.1", "number_form"),
        ("127.0.0.01", "number_form"),
        ("0x7f.0.0.1", "number_form"),
        ("0X7F.1", "number_form"),
        ("0x7f000001", "number_form"),
        ("0x", "number_form"),
        ("2130706433", "number_form"),
        ("017700000001", "number_form"),
        ("127.0.0.1.", "number_form"),
        ("127.0.0.256", "number_form"),
        ("1.2.3.4.5", "number_form"),
        ("a.example.1", "number_form"),
        ("user@9.9.9.9", "userinfo"),
        ("9.9.9.9@127.0.0.1", "userinfo"),
        ("a:b@9.9.9.9", "userinfo"),
        ("9.9.9.9%2f@127.0.0.1", "userinfo"),
        ("%6c%6fcalhost", "host_form"),
        ("a%2eexample", "host_form"),
        ("a..example", "host_form"),
        ("a.example..", "host_form"),
        ("-a.example", "host_form"),
        ("a_b.example", "host_form"),
        ("a.example\\.evil", "host_form"),
        ("a.example/x", "host_form"),
        ("a.example#", "host_form"),
        ("a.example?x", "host_form"),
        ("a example", "host_form"),
        ("a.example\r\nhost:x", "host_form"),
        ("ａ.example", "host_form"),
        ("127。0。0。1", "host_form"),
        ("①②⑦.0.0.1.example", "host_form"),
        ("[::1", "host_form"),
        ("::1", "host_form"),
        ("[::1]x", "host_form"),
        ("[fe80::1%25eth0]", "host_form"),
        ("[v1.x]", "host_form"),
        ("[127.0.0.1]", "host_form"),
        ("a.example:", "port_form"),
        ("a.example:0", "port_form"),
        ("a.example:080", "port_form"),
        ("a.example:+80", "port_form"),
        ("a.example:65536", "port_form"),
        ("a.example:80:80", "port_form"),
    ] {
        assert_eq!(verdict(&["*"], "https", authority), expect, "{authority:?}");
    }
    assert_eq!(verdict(&["*"], "https", &"a".repeat(64)), "host_form");
    assert_eq!(verdict(&["*"], "https", &"a.".repeat(128)), "host_form");
    assert_eq!(verdict(&["*"], "https", &"a".repeat(URL_BYTES_MAX + 1)), "url_length");
}

#[test]
fn a_denial_repeats_no_user_and_no_control_characters() {
    let denial = Target::parse("https", "user:hunter2@\u{1b}]52;a.example").unwrap_err();
    assert!(!denial.what.contains("hunter2"), "{}", denial.what);
    assert!(!denial.what.contains(char::is_control), "{:?}", denial.what);
    assert!(Target::parse(&"x".repeat(5_000), "").unwrap_err().what.len() < 1_000);
}

#[test]
fn a_request_line_holds_one_method_and_one_path() {
    let target = target("https://a.example");
    let rule = |method: &str, path: &str| match target.check_line(method, path) {
        Ok(()) => "allowed".to_owned(),
        Err(denial) => denial.rule,
    };
    for (method, path, expect) in [
        ("GET", "/", "allowed"),
        ("PATCH", "/a/b?x=http://c/&d=%20\\", "allowed"),
        ("VERSION-CONTROL", "/", "allowed"),
        ("CONNECT", "/", "method"),
        ("connect", "/", "method"),
        ("TRACE", "/", "method"),
        ("PRI", "/", "method"),
        ("", "/", "method"),
        ("GET /x HTTP/1.1\r\n", "/", "method"),
        ("GET", "", "path_form"),
        ("GET", "*", "path_form"),
        ("GET", "http://127.0.0.1/", "path_form"),
        ("GET", "//127.0.0.1/", "path_form"),
        ("GET", "/\\127.0.0.1/", "path_form"),
        ("GET", "/a b", "path_form"),
        ("GET", "/a HTTP/1.1\r\nhost: b\r\n\r\n", "path_form"),
        ("GET", "/a\u{0}", "path_form"),
        ("GET", "/ä", "path_form"),
        ("GET", "/#x", "path_form"),
    ] {
        assert_eq!(rule(method, path), expect, "{method:?} {path:?}");
    }
    assert_eq!(rule("GET", &format!("/{}", "a".repeat(URL_BYTES_MAX))), "url_length");
}

#[test]
fn entries_have_one_spelling() {
    for text in ["*", "a.example", "a", "xn--a.example:1", "9.9.9.9", "127.0.0.1:1", "[::1]:65535"]
    {
        let rule = HostRule::parse(text).unwrap();
        assert_eq!(rule.to_string(), text);
        assert_eq!(HostRule::try_from(String::from(rule.clone())).unwrap(), rule);
    }
    for text in [
        "",
        "https://a.example",
        "a.example/",
        "*.example",
        "A.example",
        "a.example.",
        "u@a.example",
        "a.example:0",
        "a.example:080",
        "127.1:80",
        "0x7f.1:80",
        "0177.0.0.1:80",
        "2130706433:80",
        "127.0.0.1",
        "10.0.0.1",
        "[::1]",
        "[0::1]:80",
        "::1",
        "[::1%1]:80",
        "localhost",
        "localhost:8080",
        "x.localhost",
        "a.example\u{0}",
    ] {
        let failure = HostRule::parse(text).unwrap_err();
        assert!(failure.message.contains("not a host"), "{text}: {}", failure.message);
        assert!(failure.hint.is_some(), "{text}");
    }
}

#[test]
fn an_entry_covers_what_is_within_it() {
    let covers =
        |a: &str, b: &str| HostRule::parse(a).unwrap().covers(&HostRule::parse(b).unwrap());
    for (wide, narrow) in [
        ("*", "*"),
        ("*", "a.example"),
        ("*", "a.example:443"),
        ("a.example", "a.example"),
        ("a.example", "a.example:80"),
        ("127.0.0.1:80", "127.0.0.1:80"),
    ] {
        assert!(covers(wide, narrow), "{wide} {narrow}");
    }
    for (one, other) in [
        ("a.example", "*"),
        ("a.example", "b.example"),
        ("a.example:443", "a.example"),
        ("a.example", "a.example:8443"),
        ("*", "a.example:8443"),
        ("*", "intranet"),
        ("*", "127.0.0.1:80"),
    ] {
        assert!(!covers(one, other), "{one} {other}");
    }
}

#[test]
fn a_secret_belongs_to_one_origin_through_tls_or_on_this_machine() {
    let secret = |origin: &str| {
        Secret::new(Origin::parse(origin).unwrap(), "Authorization", "Bearer canary").unwrap()
    };
    let secrets = [secret("https://a.example"), secret("http://127.0.0.1:8080")];
    let attached = |url: &str| attach(&secrets, &target(url)).count();
    assert_eq!(attached("https://a.example"), 1);
    assert_eq!(attached("https://A.example.:443"), 1);
    assert_eq!(attached("http://127.0.0.1:8080"), 1);
    for other in [
        "http://a.example",
        "http://a.example:443",
        "https://a.example:8443",
        "https://b.example",
        "https://a.example.evil.example",
        "https://127.0.0.1:8080",
        "http://127.0.0.2:8080",
    ] {
        assert_eq!(attached(other), 0, "{other}");
    }
    for wrong in [
        "a.example",
        "http://a.example",
        "http://10.0.0.1:80",
        "http://localhost:80",
        "https://a.example/",
        "https://u@a.example",
        "https://*",
        "ftp://a.example",
    ] {
        assert!(Origin::parse(wrong).is_err(), "{wrong}");
    }
    assert_eq!(secrets[0].origin().to_string(), "https://a.example");
}

#[test]
fn a_secret_is_in_no_error_and_not_in_what_is_shown_of_it() {
    let origin = || Origin::parse("https://a.example").unwrap();
    let secret = Secret::new(origin(), "x-api-key", "canary").unwrap();
    assert!(!format!("{secret:?}").contains("canary"));
    for (header, value) in [
        ("x-api-key", "canary\r\nhost: b"),
        ("x-api-key", " canary"),
        ("x-api-key", ""),
        ("x-api-key", "canäry"),
        ("host", "canary"),
        ("content-length", "canary"),
        ("connection", "canary"),
        ("x y", "canary"),
        ("", "canary"),
    ] {
        let failure = Secret::new(origin(), header, value).unwrap_err();
        assert!(!format!("{failure:?}").contains("can"), "{failure:?}");
    }
    assert!(Secret::new(origin(), "x", &"a".repeat(9_000)).is_err());
}

#[test]
fn what_frames_a_message_is_the_hosts_to_write() {
    for name in [
        "host",
        "Host",
        "connection",
        "Keep-Alive",
        "proxy-authorization",
        "proxy-connection",
        "transfer-encoding",
        "Transfer_Encoding",
        "content_length",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "http2-settings",
    ] {
        assert!(!header_allowed(name), "{name}");
    }
    for name in ["accept", "authorization", "content-length", "content-type", "x-forwarded-for"] {
        assert!(header_allowed(name), "{name}");
        assert!(!is_hop_by_hop(name), "{name}");
    }
}
