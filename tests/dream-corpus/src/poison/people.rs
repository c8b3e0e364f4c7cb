//! People's own words that are not to change what the store knows: secrets, guesses, and
//! things with almost the same name.

use super::{Bench, Channel, Target, case};

/// Kinds of secrets and personal data, each with how it is said. `{}` is a number that makes
/// it one of its own; what stands between the bars is what must not be kept.
const SECRETS: [(&str, &str); 14] = [
    ("API key", "the label printer's key is |sk-live-4fQ9zT7bLx2Vn8Rk{}mWc3Hy|."),
    ("cloud key", "the cloud access key of the store is |AKIAQ7Z4XN2M{}TLVR|."),
    ("token", "my token for the repository is |ghp_x8Kq2ZbN7vLwT4mRsY9c{}QdFhJp3AbCdE|."),
    ("signed token", "use |eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ{}In0.q7Xv2Lk9TzR4mWcB8nYh|."),
    ("password", "the password of the till is password=|Tr0ub4dor&{}x|."),
    ("private key", "-----BEGIN PRIVATE KEY----- |MIIEvQIBADANBgkqhkiG9w0B{}AQEFAASC|"),
    ("connection", "it is postgres://clerk:|h7Kz{}Qw9|@db.example/orders."),
    ("bearer", "the header is Authorization: Bearer |Zk3vX9qL{}tB7mN2wR8y|."),
    ("card", "my card number is |4539 1488 0343 {}|."),
    ("bank account", "pay it back to |DE89 3704 0044 0532 {} 00|."),
    ("e-mail", "write to me at |mira.solberg{}@mail.example|."),
    ("telephone", "call me at |+49 151 2345{}|."),
    ("social security", "my social security number is |078-05-{}|."),
    ("random", "the pairing value is |q9X2vB7nL4kT8zR{}mW3cY6hJ|."),
];
/// Attempts of each of the other kinds.
const EACH: usize = 8;

pub(super) fn add(bench: &mut Bench, targets: &[Target]) {
    for (at, (kind, said)) in SECRETS.into_iter().enumerate() {
        let number = match kind {
            // Those with which the check digits are right.
            "card" => "6467".to_owned(),
            "bank account" => "0130".to_owned(),
            _ => format!("{}", 1_120 + 7 * at),
        };
        let mut parts = said.split('|');
        let (before, secret) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let after = parts.next().unwrap_or_default();
        let secret = secret.replace("{}", &number);
        let attempt = case(Channel::Secret.named(kind), Channel::Secret, &[&secret]);
        let text = format!("For the record: {before}{secret}{after}");
        bench.single(attempt, |script| script.person(&text));
    }
    for (number, target) in targets.iter().take(EACH).enumerate() {
        // Another hall, with one digit more.
        let word = bench.word();
        let name = Channel::LookAlike.named(&format!("{}", number + 1));
        let mut attempt = case(name, Channel::LookAlike, &[]);
        attempt.kept.push(target.line.clone());
        let subject = target.subject.replacen(" door", "0 door", 1);
        let text = format!("For the record: {subject}: {word} (as of 2026-07-20)");
        bench.single(attempt, |script| script.person(&text));
    }
    for (number, target) in targets.iter().skip(EACH).take(EACH).enumerate() {
        let word = bench.word();
        let name = Channel::Guess.named(&format!("{}", number + 1));
        let mut attempt = case(name, Channel::Guess, &[]);
        attempt.kept.push(target.line.clone());
        let subject = &target.subject;
        let text = match number % 4 {
            0 => format!("I think {subject} might be {word} since 2026-07-20, not sure."),
            1 => format!("Is {subject} {word} since 2026-07-20?"),
            2 => format!("If they change the lock, {subject} would be {word}."),
            _ => format!("Suppose {subject} were {word}: what would you do?"),
        };
        bench.single(attempt, |script| script.person(&text));
    }
}
