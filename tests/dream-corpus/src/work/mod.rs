//! Sessions with planted effects.
//!
//! A session is of one kind of work, and each kind shows one thing: so what is true of a
//! field is known, and everything else that a strategy says of it is not so.

mod contrast;
mod mending;
mod order;

use lucid_score::{Condition, Rates, Rule, RuleClass, Truth};
use serde_json::json;

use crate::chance::Chance;
use crate::script::Call;

/// Kinds of work; [`Work::of`] has them in order.
const KINDS: u64 = 6;
/// The most tasks of one kind.
const TASKS_MAX: u64 = 50;
/// Sessions of one task, where there are enough: what it takes to tell within tasks.
const SESSIONS_OF_A_TASK: u64 = 4;
/// Success with and without what was planted: 50 points apart.
const PLANTED: Rates = Rates { with: 0.75, without: 0.25 };

/// What one kind of work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A number has a bound.
    Firing,
    /// A number has a band.
    Mixing,
    /// A text has one good value.
    Glazing,
    /// Nothing but the task decides, and fields go with the task.
    Dispatching,
    /// An error has a fix, another one has none.
    Fetching,
    /// Calls have an order.
    Pressing,
}

/// One kind of work, in one variant: the same with other names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Work {
    kind: Kind,
    variant: u64,
}

/// What happened in a session.
pub(crate) struct Happened {
    /// Its task.
    pub(crate) task: String,
    /// Whether it succeeded.
    pub(crate) success: bool,
    /// The calls, in order.
    pub(crate) calls: Vec<Call>,
}

/// How sessions are shared out among kinds, variants and tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shares {
    variants: u64,
    tasks: u64,
    /// Whether nothing but the task decides, as if labels were shuffled within tasks.
    shuffled: bool,
}

impl Shares {
    pub(crate) fn of(sessions: u32, variants: u32, shuffled: bool) -> Self {
        let variants = u64::from(variants.max(1));
        let tasks = u64::from(sessions) / (KINDS * variants * SESSIONS_OF_A_TASK);
        Self { variants, tasks: tasks.clamp(1, TASKS_MAX), shuffled }
    }

    /// What happened in the session of this number.
    pub(crate) fn happened(self, number: u64, chance: &mut Chance) -> Happened {
        let works = KINDS * self.variants;
        let work = Work::of(number % works);
        let task = number / works % self.tasks;
        let base = work.base(task);
        let (planted, steps) = work.calls(chance);
        let mut calls = vec![note(chance)];
        calls.extend(steps);
        calls.extend(work.goes_with(task, chance));
        let planted = if self.shuffled { 0.0 } else { planted };
        let success = chance.is((base + planted).clamp(0.0, 1.0));
        Happened { task: format!("{}-{task:03}", work.tool()), success, calls }
    }

    /// What the sessions show.
    pub(crate) fn tell(self, truth: &mut Truth) {
        for work in (0..KINDS * self.variants).map(Work::of) {
            work.tell(truth);
        }
        if self.shuffled {
            // What mends an error still does: the next call works, whatever the label says.
            truth.rules.retain(|rule| rule.class == RuleClass::FailureFix);
            truth.rules.iter_mut().for_each(|rule| rule.planted = None);
        }
        truth
            .superstitions
            .extend(["note.shift", "note.operator", "note.temperature_c"].map(str::to_owned));
    }
}

/// A call with fields that go with nothing.
fn note(chance: &mut Chance) -> Call {
    let input = json!({
        "shift": chance.of(&["early", "late", "night"]),
        "operator": chance.of(&["A", "B", "C", "D", "E"]),
        "temperature_c": chance.between(15.0, 30.0),
    });
    Call::new("note", input, "noted")
}

impl Work {
    fn of(number: u64) -> Self {
        let kind = match number % KINDS {
            0 => Kind::Firing,
            1 => Kind::Mixing,
            2 => Kind::Glazing,
            3 => Kind::Dispatching,
            4 => Kind::Fetching,
            _ => Kind::Pressing,
        };
        Self { kind, variant: number / KINDS }
    }

    /// A name in this variant: `fire`, then `fire_2`.
    fn name(self, name: &str) -> String {
        match self.variant {
            0 => name.to_owned(),
            other => format!("{name}_{}", other + 1),
        }
    }

    fn tool(self) -> String {
        self.name(match self.kind {
            Kind::Firing => "fire",
            Kind::Mixing => "mix",
            Kind::Glazing => "glaze",
            Kind::Dispatching => "dispatch",
            Kind::Fetching => "fetch_sheet",
            Kind::Pressing => "press",
        })
    }

    /// Whether a task of dispatching is an easy one.
    fn is_easy(task: u64) -> bool {
        task.is_multiple_of(2)
    }

    /// How likely success is in a task, apart from what was planted.
    fn base(self, task: u64) -> f64 {
        if self.kind == Kind::Dispatching {
            return if Self::is_easy(task) { 0.85 } else { 0.15 };
        }
        // Tasks differ, a little.
        [0.45, 0.5, 0.55, 0.5].get((task % 4) as usize).copied().unwrap_or(0.5)
    }

    /// The calls, and what they add to the probability of success.
    fn calls(self, chance: &mut Chance) -> (f64, Vec<Call>) {
        match self.kind {
            Kind::Firing => contrast::fire(self, chance),
            Kind::Mixing => contrast::mix(self, chance),
            Kind::Glazing => contrast::glaze(self, chance),
            Kind::Dispatching => (0.0, Vec::new()),
            Kind::Fetching => mending::fetch(self, chance),
            Kind::Pressing => order::press(self, chance),
        }
    }

    /// A call whose fields go with the task, in dispatching.
    fn goes_with(self, task: u64, chance: &mut Chance) -> Option<Call> {
        (self.kind == Kind::Dispatching)
            .then(|| contrast::dispatch(self, Self::is_easy(task), chance))
    }

    fn tell(self, truth: &mut Truth) {
        match self.kind {
            Kind::Firing | Kind::Mixing | Kind::Glazing => truth.rules.push(contrast::rule(self)),
            Kind::Dispatching => truth.superstitions.extend(contrast::superstitions(self)),
            Kind::Fetching => mending::tell(self, truth),
            Kind::Pressing => truth.rules.extend(order::rules(self)),
        }
    }

    /// A rule about this work.
    fn rule(self, name: &str, class: RuleClass) -> Rule {
        Rule {
            id: format!("rule-{}", self.name(name)),
            class,
            required: false,
            field: None,
            condition: None,
            mentions: Vec::new(),
            planted: None,
        }
    }

    /// A rule that was planted on a field.
    fn planted(self, name: &str, field: &str, condition: Condition) -> Rule {
        Rule {
            required: true,
            field: Some(format!("{}.{field}", self.tool())),
            condition: Some(condition),
            planted: Some(PLANTED),
            ..self.rule(name, RuleClass::Contrast)
        }
    }
}
