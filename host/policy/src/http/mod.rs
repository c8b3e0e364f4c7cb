//! HTTP: to whom a plugin may send, from where an answer may come, and what may stand in a
//! request.
//!
//! Two questions decide. [`may_send`] is asked before anything is looked up: was this host
//! granted? [`may_connect`] is asked for each address that the host's name led to: an address
//! of this machine or of the network it stands in is refused, whatever name leads there, so a
//! name that changes its mind between two questions gains nothing. An address is looked up
//! once, and the connection goes to that very address; that is the engine's part.
//!
//! Nothing is guessed: what two parsers could read in two ways (`127.1`, `user@host`, a path
//! that is a whole URL) is refused by the rule that names it, not repaired.

mod address;
mod domains;
mod header;
mod host;
#[cfg(test)]
mod property;
mod rule;
mod secret;
mod target;
#[cfg(test)]
mod tests;

use std::fmt::Display;
use std::net::IpAddr;

use lucid_core::Denial;

pub use address::special_address;
pub use domains::Domains;
pub use header::{header_allowed, is_hop_by_hop};
pub use host::Host;
pub use rule::HostRule;
pub use secret::{Origin, Secret, attach};
pub use target::{Target, URL_BYTES_MAX};

/// Whether a plugin with these rules may send to a target, before its name is looked up.
///
/// # Errors
/// The denial, with the rule that decided.
pub fn may_send(rules: &[HostRule], target: &Target) -> Result<(), Denial> {
    if target.host.is_local() {
        return Err(local_name(target));
    }
    if let Some(block) = target.host.address().and_then(special_address) {
        return if named_literally(rules, target) {
            Ok(())
        } else {
            Err(denied(
                target,
                "special_address",
                format!(
                    "it is in {block}; to send there all the same, grant this very address \
                     and port with `http = [\"{}:{}\"]` in the plugin's section of the \
                     mission and ask for it in the plugin's manifest",
                    target.host, target.port
                ),
            ))
        };
    }
    if rules.iter().any(|rule| rule.allows(target)) {
        return Ok(());
    }
    let wanted = HostRule::for_target(target);
    Err(denied(
        target,
        "host_not_granted",
        format!(
            "grant it with `http = [\"{wanted}\"]` in the plugin's section of the mission; \
             the plugin's manifest has to ask for it, too"
        ),
    ))
}

/// Whether the connection for a target may go to an address that its name led to.
///
/// # Errors
/// The denial, with the rule that decided.
pub fn may_connect(rules: &[HostRule], target: &Target, address: IpAddr) -> Result<(), Denial> {
    may_send(rules, target)?;
    match target.host.address() {
        // It was asked for by its address, which was just decided.
        Some(literal) if literal == address => Ok(()),
        Some(_) => Err(denied(
            target,
            "resolved_address",
            "an address leads to itself alone; no grant allows another",
        )),
        None => match special_address(address) {
            None => Ok(()),
            Some(block) => Err(denied(
                target,
                "resolved_address",
                format!(
                    "its name leads to {address}, which is in {block}; no grant allows that \
                     by name, only by the address itself, as in `http = [\"{}:{}\"]`",
                    Host::from(address),
                    target.port
                ),
            )),
        },
    }
}

/// Whether a rule names exactly this address with exactly this port. Then somebody said so.
fn named_literally(rules: &[HostRule], target: &Target) -> bool {
    rules.iter().any(|rule| rule.is_literally(&target.host, target.port))
}

fn local_name(target: &Target) -> Denial {
    denied(
        target,
        "local_name",
        format!(
            "no grant allows this machine by name; grant its address with \
             `http = [\"127.0.0.1:{}\"]` and let the plugin send there",
            target.port
        ),
    )
}

/// What was tried and not allowed.
fn denied(what: impl Display, rule: &str, hint: impl Into<String>) -> Denial {
    Denial {
        capability: "http".to_owned(),
        what: what.to_string(),
        rule: rule.to_owned(),
        hint: hint.into(),
    }
}
