//! Lists of domains that narrow what was granted: each name stands for itself and for all
//! names below it.

use lucid_core::{Denial, Failure, Result};

use super::denied;
use super::host::Host;
use super::target::Target;

/// Domains that requests may go to, beside what was granted. Without lists: all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Domains {
    /// The only ones there are.
    allowed: Option<Vec<String>>,
    /// Those there are not.
    blocked: Vec<String>,
}

impl Domains {
    /// Takes lists of names such as `example.org`; capitals are the same as small letters.
    ///
    /// # Errors
    /// Invalid, for an entry that is not the name of a host.
    pub fn new(allowed: Option<Vec<String>>, blocked: Vec<String>) -> Result<Self> {
        let name = |text: String| {
            let lower = text.to_ascii_lowercase();
            match Host::parse(&lower) {
                Ok(Host::Name(name)) => Ok(name),
                _ => Err(Failure::invalid(format!("`{}` is not a domain", text.escape_debug()))
                    .hint("write a name such as `example.org`, which stands for those below it")),
            }
        };
        let names = |list: Vec<String>| list.into_iter().map(name).collect::<Result<Vec<_>>>();
        Ok(Self { allowed: allowed.map(names).transpose()?, blocked: names(blocked)? })
    }

    /// Whether a request may go to a target, as far as these lists say.
    ///
    /// # Errors
    /// The denial, with the list that decided.
    pub fn allow(&self, target: &Target) -> Result<(), Denial> {
        let is_in = |list: &[String]| list.iter().any(|domain| is_below(&target.host, domain));
        if self.allowed.as_ref().is_some_and(|list| !is_in(list)) {
            let hint = "this agent may reach its `allowed_domains` alone, and this is none of them";
            return Err(denied(target, "domain_not_allowed", hint));
        }
        if is_in(&self.blocked) {
            let hint = "it is one of this agent's `blocked_domains`";
            return Err(denied(target, "domain_blocked", hint));
        }
        Ok(())
    }
}

/// Whether a host is a domain or has a name below it. An address is neither.
fn is_below(host: &Host, domain: &str) -> bool {
    let Host::Name(name) = host else { return false };
    match name.strip_suffix(domain) {
        Some("") => true,
        // With its dot, so that `badexample.org` is not below `example.org`.
        Some(rest) => rest.ends_with('.'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(domains: &Domains, authority: &str) -> Option<String> {
        let target = Target::parse("https", authority).unwrap();
        domains.allow(&target).err().map(|denial| denial.rule)
    }

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn an_allowed_domain_stands_for_all_names_below_it_and_for_no_other() {
        let domains = Domains::new(Some(list(&["Example.org"])), Vec::new()).unwrap();
        for host in ["example.org", "a.b.EXAMPLE.org", "example.org.", "example.org:8443"] {
            assert_eq!(rule(&domains, host), None, "{host}");
        }
        for host in ["badexample.org", "example.org.evil.test", "org", "192.0.2.1"] {
            assert_eq!(rule(&domains, host).as_deref(), Some("domain_not_allowed"), "{host}");
        }
    }

    #[test]
    fn a_blocked_domain_is_out_of_reach_with_all_names_below_it() {
        let domains = Domains::new(None, list(&["example.org"])).unwrap();
        for host in ["example.org", "A.example.org", "example.org."] {
            assert_eq!(rule(&domains, host).as_deref(), Some("domain_blocked"), "{host}");
        }
        for host in ["badexample.org", "example.com", "192.0.2.1"] {
            assert_eq!(rule(&domains, host), None, "{host}");
        }
        let both = Domains::new(Some(list(&["example.org"])), list(&["a.example.org"])).unwrap();
        assert_eq!(rule(&both, "b.example.org"), None);
        assert_eq!(rule(&both, "x.a.example.org").as_deref(), Some("domain_blocked"));
        assert_eq!(rule(&Domains::default(), "anything.test"), None);
    }

    #[test]
    fn what_is_no_domain_is_in_no_list() {
        for wrong in ["", "*.example.org", "https://example.org", "example.org:80", "192.0.2.1"] {
            assert!(Domains::new(Some(list(&[wrong])), Vec::new()).is_err(), "{wrong}");
            assert!(Domains::new(None, list(&[wrong])).is_err(), "{wrong}");
        }
    }
}
