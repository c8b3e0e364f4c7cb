//! URLs, hosts and addresses that nobody thought of.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::*;

/// What hosts are made of, and what they must not be made of.
fn part() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "a",
        "example",
        "localhost",
        "xn--",
        "-",
        ".",
        "..",
        ":",
        "::",
        "@",
        "%",
        "%2e",
        "[",
        "]",
        "/",
        "\\",
        "?",
        "#",
        "0",
        "00",
        "0x",
        "0x7f",
        "127",
        "256",
        "1",
        "65535",
        "ffff",
        " ",
        "\r\n",
        "\u{0}",
        "。",
        "ａ",
        "*",
    ]);
    prop_oneof![12 => known.prop_map(str::to_owned), 1 => any::<String>()]
}

fn authority() -> impl Strategy<Value = String> {
    prop::collection::vec(part(), 0..8).prop_map(|parts| parts.concat())
}

/// Authorities that are right.
fn right_authority() -> impl Strategy<Value = String> {
    let host = prop_oneof![
        "[a-z][a-z0-9]{0,8}(\\.[a-z][a-z0-9-]{0,8}[a-z0-9]){0,3}",
        any::<Ipv4Addr>().prop_map(|address| address.to_string()),
        any::<Ipv6Addr>().prop_map(|address| format!("[{address}]")),
    ];
    (host, prop::option::of(1_u16..)).prop_map(|(host, port)| match port {
        Some(port) => format!("{host}:{port}"),
        None => host,
    })
}

/// Whatever was read is read again as the same, and is nothing but a host and a port.
fn check_target(scheme: &str, authority: &str) {
    match Target::parse(scheme, authority) {
        Ok(target) => {
            assert_eq!(Target::parse(target.scheme(), &target.authority()), Ok(target.clone()));
            let shown = target.to_string();
            let (again_scheme, again) = shown.split_once("://").unwrap();
            assert_eq!(Target::parse(again_scheme, again), Ok(target));
            assert!(shown.bytes().all(|byte| byte.is_ascii_graphic()), "{shown}");
            assert!(!shown.contains(['@', '%', '\\', '?', '#']), "{shown}");
        }
        Err(denial) => {
            assert!(!denial.rule.is_empty() && !denial.hint.is_empty(), "{denial:?}");
            assert!(!denial.what.contains(char::is_control), "{denial:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_authority_is_read_or_refused_and_never_panics(
        scheme in prop::sample::select(vec!["http", "https", "file", ""]),
        authority in authority(),
    ) {
        check_target(scheme, &authority);
    }

    #[test]
    fn a_right_authority_is_read_back(authority in right_authority(), secure in any::<bool>()) {
        let scheme = if secure { "https" } else { "http" };
        prop_assert!(Target::parse(scheme, &authority).is_ok(), "{}", authority);
        check_target(scheme, &authority);
        check_target(scheme, &authority.to_ascii_uppercase());
    }

    #[test]
    fn an_entry_is_read_back_or_refused_with_a_hint(
        text in prop_oneof![authority(), right_authority()],
    ) {
        match HostRule::parse(&text) {
            Ok(rule) => prop_assert_eq!(rule.to_string(), text),
            Err(failure) => prop_assert!(failure.hint.is_some()),
        }
    }

    #[test]
    fn all_spellings_of_an_ipv4_address_have_one_verdict(bits in any::<u32>()) {
        let v4 = Ipv4Addr::from_bits(bits);
        let verdict = special_address(v4.into());
        let [a, b, c, d] = v4.octets().map(u16::from);
        let (high, low) = (a << 8 | b, c << 8 | d);
        for carrier in [
            v4.to_ipv6_mapped(),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
        ] {
            prop_assert_eq!(special_address(carrier.into()), verdict, "{}", carrier);
        }
        // Those that are not in use any more are refused, whatever they carry.
        prop_assert!(special_address(v4.to_ipv6_compatible().into()).is_some());
    }

    #[test]
    fn an_ipv6_address_that_is_allowed_is_public(bits in any::<u128>()) {
        let address = Ipv6Addr::from_bits(bits);
        if special_address(address.into()).is_none() {
            prop_assert!(!address.is_loopback() && !address.is_unspecified());
            prop_assert!(!address.is_multicast() && !address.is_unique_local());
            prop_assert!(!address.is_unicast_link_local());
            prop_assert_eq!(address.segments()[0] >> 13, 1);
        }
    }

    #[test]
    fn no_grant_but_the_address_itself_opens_a_special_address(
        bits in any::<u32>(),
        port in 1_u16..,
        granted in prop::collection::vec(right_authority(), 0..4),
    ) {
        let address = IpAddr::from(Ipv4Addr::from_bits((bits | 0x7f00_0000) & 0x7fff_ffff));
        prop_assume!(special_address(address).is_some());
        let mut rules: Vec<HostRule> =
            granted.iter().filter_map(|text| HostRule::parse(text).ok()).collect();
        rules.push(HostRule::ANY);
        let itself = format!("{address}:{port}");
        prop_assume!(!granted.contains(&itself));
        let target = Target::parse("http", &itself).unwrap();
        prop_assert!(may_send(&rules, &target).is_err());
        rules.push(HostRule::parse(&itself).unwrap());
        prop_assert!(may_send(&rules, &target).is_ok());
        prop_assert!(may_connect(&rules, &target, address).is_ok());
    }

    #[test]
    fn a_path_that_is_sent_stays_on_one_line(
        method in "\\PC{0,9}",
        path in "[/a-z?#% \\r\\n\\x00\\\\:]{0,20}",
    ) {
        let target = Target::parse("https", "a.example").unwrap();
        if target.check_line(&method, &path).is_ok() {
            prop_assert!(path.starts_with('/') && !path.starts_with("//"));
            let line = format!("{method} {path} HTTP/1.1");
            prop_assert_eq!(line.split_ascii_whitespace().count(), 3);
        }
    }
}
