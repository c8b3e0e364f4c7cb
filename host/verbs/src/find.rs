//! Finding one thing by its id, the start of its id, or `latest`.

use lucid_core::{Failure, Result};

/// Picks one of `all`, which are newest first.
///
/// # Errors
/// Invalid, when none or several fit.
pub fn pick<'a, T>(
    all: &'a [T],
    id: impl Fn(&T) -> &str,
    wanted: &str,
    what: &str,
) -> Result<&'a T> {
    let list =
        format!("`lucid {} list` shows those there are", what.split(' ').next().unwrap_or(what));
    if wanted == "latest" {
        return all.first().ok_or_else(|| Failure::invalid(format!("there is no {what}")));
    }
    if let Some(exact) = all.iter().find(|item| id(item) == wanted) {
        return Ok(exact);
    }
    let mut fitting = all.iter().filter(|item| id(item).starts_with(wanted));
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(Failure::invalid(format!("no such {what}: `{wanted}`")).hint(list)),
        (Some(_), Some(_)) => {
            Err(Failure::invalid(format!("several {what}s start with `{wanted}`")).hint(list))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_may_be_short_but_not_ambiguous() {
        let all = ["sesn_ab", "sesn_ac", "sesn_b"];
        let find = |wanted| pick(&all, |id| id, wanted, "session").copied();
        assert_eq!(find("latest"), Ok("sesn_ab"));
        assert_eq!(find("sesn_b"), Ok("sesn_b"));
        assert_eq!(find("sesn_ac"), Ok("sesn_ac"));
        assert!(find("sesn_a").unwrap_err().message.contains("several"));
        assert!(find("x").unwrap_err().message.contains("no such session"));
    }
}
