//! Who lends credentials to which session.
//!
//! A session has one lender over all its turns, as long as this process lives: what it was lent
//! in one is masked in the next, also when there is another value by then.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use lucid_core::SessionId;
use lucid_engine::{Credentials, Lender};

/// Sessions whose lenders are kept: those that worked last.
const LENDERS_MAX: usize = 1_024;

/// The lenders of sessions, the one that was asked for last at the end.
#[derive(Default)]
pub(crate) struct Lenders(Mutex<VecDeque<(SessionId, Arc<Lender>)>>);

impl Lenders {
    /// The lender of a session; where there is none, one that lends what `make` gives.
    pub(crate) fn of(
        &self,
        id: &SessionId,
        make: impl FnOnce() -> Arc<dyn Credentials>,
    ) -> Arc<Lender> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = known.iter().position(|(session, _)| session == id);
        let found = at.and_then(|at| known.remove(at)).map(|(_, lender)| lender);
        let lender = found.unwrap_or_else(|| Arc::new(Lender::new(make())));
        known.push_back((id.clone(), lender.clone()));
        if known.len() > LENDERS_MAX {
            known.pop_front();
        }
        lender
    }

    /// Forgets a session that is gone, and what it was lent.
    pub(crate) fn forget(&self, id: &SessionId) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(session, _)| session != id);
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use lucid_core::Result;
    use lucid_engine::{Lent, NotLent};
    use lucid_policy::http::Target;

    use super::*;

    struct Nothing;

    #[async_trait]
    impl Credentials for Nothing {
        async fn lend(&self, _: &Target, _: &str) -> Result<Lent, NotLent> {
            Ok(Lent::default())
        }

        async fn renew(&self, _: &Target, _: &str, _: &Lent) -> Result<Option<Lent>, NotLent> {
            Ok(None)
        }
    }

    #[test]
    fn a_session_has_one_lender_until_it_is_gone_or_many_others_worked() {
        let lenders = Lenders::default();
        let id = |n: usize| SessionId::parse(&format!("sesn_01{n:04}")).unwrap();
        let of = |n| lenders.of(&id(n), || Arc::new(Nothing));
        let (first, second) = (of(0), of(1));
        for n in 2..LENDERS_MAX {
            of(n);
        }
        assert!(Arc::ptr_eq(&first, &of(0)) && !Arc::ptr_eq(&first, &second));
        // The one that was asked for longest ago goes.
        of(LENDERS_MAX);
        assert!(Arc::ptr_eq(&first, &of(0)));
        assert!(!Arc::ptr_eq(&second, &of(1)));
        lenders.forget(&id(0));
        assert!(!Arc::ptr_eq(&first, &of(0)));
    }
}
