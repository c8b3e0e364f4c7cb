use super::*;

/// What is masked in a text, and as what.
fn masked(text: &str) -> Vec<(&str, &str)> {
    let (once, found) = mask(text);
    let (twice, again) = mask(&once);
    assert!(twice == once && again.is_empty(), "{text}: {once} / {twice}");
    for one in &found {
        assert!(KINDS.contains(&one.kind), "{}", one.kind);
    }
    found.iter().map(|one| (&text[one.start..one.start + one.bytes], one.kind)).collect()
}

#[track_caller]
fn stays(text: &str) {
    assert_eq!(masked(text), Vec::new(), "{text}");
}

/// A body that looks drawn at random, so that no key stands in this file.
fn body(bytes: usize) -> String {
    "q7Zp2LxV9bNw4TkR8mYc3HsD6fJg5Ea1".chars().cycle().take(bytes).collect()
}

#[test]
fn keys_are_known_by_their_shape() {
    let hex: String = "0a1b2c3d4e5f6789".repeat(2);
    for (prefix, rest, kind) in [
        ("sk-ant-", format!("api03-{}", body(60)), "anthropic-key"),
        ("sk-proj-", body(48), "openai-key"),
        ("sk-", body(48), "openai-key"),
        ("AK", format!("IA{}", "A1B2C3D4E5F6G7H8"), "aws-key"),
        ("AI", format!("za{}", body(35)), "google-key"),
        ("gh", format!("p_{}", body(36)), "github-token"),
        ("github_", format!("pat_{}", body(60)), "github-token"),
        ("glp", format!("at-{}", body(20)), "gitlab-token"),
        ("xo", format!("xb-1234567890-{}", body(24)), "slack-token"),
        ("sk_", format!("live_{}", body(24)), "stripe-key"),
        ("np", format!("m_{}", body(36)), "npm-token"),
        ("h", format!("f_{}", body(34)), "provider-key"),
        ("S", format!("G.{}.{}", body(22), body(40)), "provider-key"),
        ("key-", hex.clone(), "provider-key"),
        ("dap", format!("i{hex}"), "provider-key"),
        ("12345678", format!("9:{}", body(35)), "provider-key"),
        ("ey", format!("J{}.eyJ{}.{}", body(20), body(30), body(43)), "jwt"),
    ] {
        let key = format!("{prefix}{rest}");
        for text in [key.clone(), format!("use {key}, please"), format!("钥匙{key}。")] {
            assert_eq!(masked(&text), [(key.as_str(), kind)], "{text}");
        }
    }
}

#[test]
fn a_private_key_goes_whole_even_without_its_end() {
    let lines = format!("{}\n{}\n", body(64), body(40));
    let (begin, end) = ("-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----");
    let whole = format!("{begin}\n{lines}{end}");
    assert_eq!(masked(&format!("a\n{whole}\nb")), [(whole.as_str(), "private-key")]);
    let escaped = whole.replace('\n', "\\n");
    assert_eq!(masked(&format!("\"{escaped}\"")), [(escaped.as_str(), "private-key")]);
    let cut = format!("{begin}\n{}", body(64));
    assert_eq!(masked(&cut), [(cut.as_str(), "private-key")]);
    stays("A file that starts with -----BEGIN PRIVATE KEY----- is one.");
}

#[test]
fn a_label_calls_a_value_secret() {
    for (text, value, kind) in [
        ("PASSWORD=hunter2x", "hunter2x", "password"),
        ("DB_PASSWORD = \"swordfish\"", "swordfish", "password"),
        ("{\"password\": \"swordfish\"}", "swordfish", "password"),
        ("{\\\"password\\\":\\\"sword1fish\\\"}", "sword1fish", "password"),
        ("**Password:** hunter2", "hunter2", "password"),
        ("Password: swordfish", "swordfish", "password"),
        ("the password is hunter2.", "hunter2", "password"),
        ("Passwort: geheim1!", "geheim1!", "password"),
        ("密码：hunter2x", "hunter2x", "password"),
        ("login --password hunter2 --now", "hunter2", "password"),
        ("api_key: 'abcd1234efgh'", "abcd1234efgh", "secret"),
        ("the API key is abcd1234efgh", "abcd1234efgh", "secret"),
        ("clientSecret=abcdefgh", "abcdefgh", "secret"),
        ("?token=abcd1234efgh&x=1", "abcd1234efgh", "secret"),
        ("Authorization: Bearer abcd1234efgh5678", "abcd1234efgh5678", "secret"),
        ("Authorization: Basic YW5uOmh1bnRlcjI=", "YW5uOmh1bnRlcjI=", "secret"),
        (
            "secret=123e4567-e89b-12d3-a456-426614174000",
            "123e4567-e89b-12d3-a456-426614174000",
            "secret",
        ),
    ] {
        assert_eq!(masked(text), [(value, kind)], "{text}");
    }
}

#[test]
fn what_a_label_does_not_call_secret_stays() {
    for text in [
        "max_tokens=4096",
        "The token expired after 3600 seconds",
        "Token: expired",
        "password: ${DB_PASSWORD}",
        "password = os.environ['X']",
        "PASSWORD=********",
        "password: <your password>",
        "Password: required",
        "secret: /run/secrets/db",
        "api_key=YOUR_API_KEY",
        "The password is stored in the vault",
        "Reset passwords every year",
        "password_hash: see below",
        "author: ann, key: value, tokenizer: bpe2000000",
        "bearer of bad news",
        "a secret is a secret",
    ] {
        stays(text);
    }
}

#[test]
fn a_url_keeps_its_host_and_loses_its_password() {
    for (text, value) in [
        ("postgres://app:s3cret@db.test:5432/x", "s3cret"),
        ("see https://ann:pa-ss@a.test.", "pa-ss"),
        ("https://abcdef1234567890abcd@git.test/x", "abcdef1234567890abcd"),
    ] {
        assert_eq!(masked(text), [(value, "url-credentials")], "{text}");
    }
    for text in
        ["https://a.test/x@y", "ssh://git@git.test/x", "redis://:${PW}@db", "git@git.test:a/b"]
    {
        stays(text);
    }
}

#[test]
fn what_points_at_a_person_goes() {
    for (text, value, kind) in [
        ("Ask ann.b+x@mail.a.test.", "ann.b+x@mail.a.test", "email"),
        ("mailto:ann@a.test", "ann@a.test", "email"),
        ("请联系ann@a.test谢谢", "ann@a.test", "email"),
        ("jürgen@a.test", "jürgen@a.test", "email"),
        ("call +49 30 1234567 now", "+49 30 1234567", "phone"),
        ("+1 (555) 123-4567", "+1 (555) 123-4567", "phone"),
        ("555-123-4567", "555-123-4567", "phone"),
        ("(555) 123-4567", "(555) 123-4567", "phone"),
        ("Tel.: 030 1234567", "030 1234567", "phone"),
        ("4111 1111 1111 1111", "4111 1111 1111 1111", "card"),
        ("card 5500-0000-0000-0004, ok", "5500-0000-0000-0004", "card"),
        ("340000000000009", "340000000000009", "card"),
        ("4111111111111111 2028", "4111111111111111", "card"),
        ("DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00", "iban"),
        ("GB82WEST12345698765432.", "GB82WEST12345698765432", "iban"),
    ] {
        assert_eq!(masked(text), [(value, kind)], "{text}");
    }
}

#[test]
fn numbers_and_at_signs_that_point_at_nobody_stay() {
    for text in [
        "4111 1111 1111 1112",
        "1763758800000 ms",
        "1763758800000000000",
        "0000 0000 0000 0000",
        "id 14111111111111111",
        "4111111111111111.5",
        "2026-04-02 10:30:00",
        "192.168.100.200:8080",
        "DE89 3704 0044 0532 0130 01",
        "version 1.2.3-4567890",
        "@ann, see logo@2x.png",
        "npm i @scope/pkg@1.2.3",
        "+0200 and +1234567",
        "x@y",
        "f(x) = 1234567 + 89",
    ] {
        stays(text);
    }
}

#[test]
fn tokens_that_look_drawn_at_random_go() {
    for token in [
        body(32),
        body(40),
        "x7k2p9q4m1z8w3v6t5r0n2b4".to_owned(),
        "wJ4lrXUtn7EMI/K7MDENG/bPxR2iCYzRk3yKqW9b".to_owned(),
    ] {
        assert_eq!(masked(&format!("it is {token} .")), [(token.as_str(), "token")]);
    }
}

#[test]
fn what_looks_random_and_names_something_stays() {
    let hex = "3f786850e387550fdab836ed7e6dc881de23001b";
    let base64 = body(64);
    for text in [
        format!("fixed in {hex}"),
        format!("sha256:{hex}{}", &hex[..24]),
        format!("integrity sha512-{base64}=="),
        "123e4567-e89b-12d3-a456-426614174000".to_owned(),
        "01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned(),
        "sesn_01AbC2dEf3GhJ4kLm5NpQ6rS".to_owned(),
        "toolu_01AbC2dEf3GhJ4kLm5NpQ6rS".to_owned(),
        format!("![x](data:image/png;base64,{base64})"),
        format!("ssh-ed25519 {base64} ann"),
        format!("-----BEGIN CERTIFICATE-----\n{base64}\n{base64}\n-----END CERTIFICATE-----"),
        body(4_000),
        "/usr/lib/x86_64-linux-gnu/libstdc++/include/bits".to_owned(),
        "src/main/java/test/HttpServerConnectionHandlerFactory2".to_owned(),
        "deploy-2026-04-02-build-1234-of-the-api".to_owned(),
        "https://a.test/docs/en/api/messages/create?page=2".to_owned(),
        "ThisIsAVeryLongCamelCaseNameOfATest2".to_owned(),
        "SCREAMING_SNAKE_CASE_CONSTANT_NAME_42".to_owned(),
        "================================".to_owned(),
        "123456789012345678901234567890".to_owned(),
    ] {
        stays(&text);
    }
}

#[test]
fn what_is_masked_is_named_in_order_and_never_shown() {
    let text = "ann@a.test PASSWORD=hunter2x bob@a.test";
    let (out, found) = mask(text);
    assert_eq!(out, "[masked email] PASSWORD=[masked password] [masked email]");
    assert_eq!(found.iter().map(|one| one.start).collect::<Vec<_>>(), [0, 20, 29]);
    assert!(!format!("{found:?}").contains("hunter"));
    let marked = "[masked email] [masked nothing] [masked card]";
    assert_eq!(mask(marked), (marked.to_owned(), Vec::new()));
}
