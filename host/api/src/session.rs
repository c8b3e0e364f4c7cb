//! Sessions: what they are made of, what their logs say at a glance, and their objects.

mod list;
mod object;
mod params;
mod record;
mod resource;
mod standing;
mod team;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{ApiError, Result};

pub use list::SessionQuery;
pub use object::{SessionView, thread_object};
pub use params::{CreateSession, SessionAgentUpdate, UpdateSession};
pub use record::{LOCAL_ENVIRONMENT, SessionRecord};
pub use resource::{Access, Resource, ResourceParam, UpdateResource, mount_path};
pub use standing::{OutcomeStanding, Standing, ThreadStanding};
pub use team::{LEAD, Member, team};

/// The most that a budget can name, in cents: a million US dollars.
const CENTS_MAX: u64 = 100_000_000;

/// What a session may cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    #[serde(rename = "type")]
    kind: BudgetKind,
    /// By the list of prices.
    pub max_list_cost: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum BudgetKind {
    Limit,
}

/// Money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Whole cents, as a text.
    pub amount: String,
    /// Of what.
    pub currency: Currency,
}

/// What money there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// US dollars.
    Usd,
}

impl Budget {
    /// The budget in cents.
    ///
    /// # Errors
    /// Invalid, when it is no whole number from 1 without zeros in front, or too much.
    pub fn cents(&self) -> Result<u64> {
        let amount = &self.max_list_cost.amount;
        let digits = amount.bytes().all(|byte| byte.is_ascii_digit());
        let plain = digits && !amount.starts_with('0');
        let cents = amount.parse().ok().filter(|cents| plain && (1..=CENTS_MAX).contains(cents));
        cents.ok_or_else(|| {
            ApiError::invalid(format!(
                "budget.max_list_cost.amount: whole cents as a text, from \"1\" to \"{CENTS_MAX}\""
            ))
        })
    }

    /// The budget in millionths of a US dollar.
    ///
    /// # Errors
    /// As [`Budget::cents`].
    pub fn micro_usd(&self) -> Result<u64> {
        Ok(self.cents()?.saturating_mul(10_000))
    }
}

/// Money as the API writes it: whole cents, rounded.
pub(crate) fn cents(micro_usd: u64) -> Value {
    let cents = micro_usd.saturating_add(5_000) / 10_000;
    json!({"amount": cents.to_string(), "currency": "USD"})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_whole_cents_and_more_than_none() {
        let budget = |amount: &str, currency: &str| {
            let money = json!({"amount": amount, "currency": currency});
            crate::value::<Budget>(json!({"type": "limit", "max_list_cost": money}))?.cents()
        };
        assert_eq!(budget("2500", "USD"), Ok(2_500));
        assert_eq!(budget("100000000", "USD"), Ok(CENTS_MAX));
        for wrong in ["", "0", "025", "-1", "+1", "2.5", "1e3", "100000001", "99999999999999999999"]
        {
            assert!(budget(wrong, "USD").is_err(), "{wrong}");
        }
        assert!(budget("1", "EUR").is_err());
    }

    #[test]
    fn money_is_rounded_to_a_cent() {
        let amounts = [0, 4_999, 5_000, 15_000].map(|micro| cents(micro)["amount"].clone());
        assert_eq!(amounts, ["0", "0", "1", "2"]);
    }
}
