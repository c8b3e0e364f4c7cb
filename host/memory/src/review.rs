//! What people, policy and proof decide about a dream's operations.
//!
//! Only states change here. The output store is always what [`apply`](crate::apply) makes of
//! the input store and the accepted operations, so undoing is exact by construction.

use std::collections::HashMap;

use lucid_core::{DreamOperation, Failure, OperationState, Result, ReviewPolicy};

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It goes into the output store.
    Accept,
    /// It does not.
    Reject,
    /// It is taken out of the output store again.
    Undo,
}

impl Decision {
    fn state(self) -> OperationState {
        match self {
            Self::Accept => OperationState::Accepted,
            Self::Reject => OperationState::Rejected,
            Self::Undo => OperationState::Undone,
        }
    }

    /// The state as a word of what is decided.
    fn word(self) -> &'static str {
        match self {
            Self::Accept => "accepted",
            Self::Reject => "rejected",
            Self::Undo => "undone",
        }
    }

    /// Whether it concerns an operation when none is named.
    fn concerns(self, state: OperationState) -> bool {
        match self {
            Self::Accept | Self::Reject => {
                matches!(state, OperationState::Proposed | OperationState::Undone)
            }
            Self::Undo => state == OperationState::Accepted,
        }
    }

    /// Whether it can be decided of an operation that is named.
    fn allows(self, operation: &DreamOperation) -> bool {
        // What the host refused stays refused; what a person did can be thought over.
        let by_a_person = operation.rejection.is_none();
        match (self, operation.state) {
            (Self::Accept, OperationState::Rejected) => by_a_person,
            (decision, state) if decision.state() == state => by_a_person,
            (decision, state) => decision.concerns(state),
        }
    }
}

/// Decides about the operations of a dream that are named, or about all that it can be
/// decided about, and says how many changed. An operation that stands so already is left.
///
/// # Errors
/// Invalid, and then nothing changed: there is no such operation, the host refused it, it
/// would be rejected while it is accepted, or undone while it is not.
pub fn decide(
    operations: &mut [DreamOperation],
    decision: Decision,
    chosen: Option<&[String]>,
) -> Result<usize> {
    let mut places = Vec::new();
    if chosen.is_none() {
        let all = operations.iter().enumerate();
        let concerned = all.filter(|(_, operation)| decision.concerns(operation.state));
        places.extend(concerned.map(|(place, _)| place));
    }
    let by_id: HashMap<&str, usize> = match chosen {
        Some(_) => operations.iter().map(|operation| operation.id.as_str()).zip(0..).collect(),
        None => HashMap::new(),
    };
    for id in chosen.unwrap_or_default() {
        let place = by_id.get(id.as_str()).copied().ok_or_else(|| {
            let hint = "`lucid dream show` lists the operations";
            Failure::invalid(format!("the dream has no operation {id:?}")).hint(hint)
        })?;
        if !decision.allows(&operations[place]) {
            return Err(wrong(&operations[place], decision));
        }
        places.push(place);
    }
    let mut changed = 0;
    for place in places {
        changed += usize::from(operations[place].state != decision.state());
        operations[place].state = decision.state();
    }
    Ok(changed)
}

fn wrong(operation: &DreamOperation, decision: Decision) -> Failure {
    let id = &operation.id;
    if let Some(rejection) = &operation.rejection {
        let message = format!("operation {id} was refused ({rejection})");
        return Failure::invalid(message).hint("what the host refused cannot be decided about");
    }
    let word = decision.word();
    match operation.state {
        OperationState::Accepted => {
            Failure::invalid(format!("operation {id} is accepted and cannot be {word}"))
                .hint("undo it instead")
        }
        _ => Failure::invalid(format!("operation {id} is not accepted, so it cannot be {word}")),
    }
}

/// Accepts what waits and what a policy takes without a person; says how many.
pub fn accept_earned(operations: &mut [DreamOperation], policy: ReviewPolicy) -> usize {
    let earned = |operation: &&mut DreamOperation| {
        operation.state == OperationState::Proposed && policy.accepts(operation.class)
    };
    let mut accepted = 0;
    for operation in operations.iter_mut().filter(earned) {
        operation.state = OperationState::Accepted;
        accepted += 1;
    }
    accepted
}
