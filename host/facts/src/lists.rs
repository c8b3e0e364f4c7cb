//! Words that the other modules look for, all in lower case.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A set of words from texts of words.
macro_rules! set {
    ($($words:literal),+ $(,)?) => {
        std::sync::LazyLock::new(|| [$($words),+].iter().flat_map(|w| w.split(' ')).collect())
    };
}
pub(crate) use set;

/// A set of words.
pub(crate) type Words = LazyLock<BTreeSet<&'static str>>;

/// Words that carry nothing: they may come and go between two texts that say the same.
/// Prepositions are not among them ("moves from A to B").
pub(crate) static FILLERS: Words =
    set!("the a an please also just really very that simply whole entire basically");

/// Words that turn a statement round, bind it to a case or a place, say how sure or how true
/// it is, or count without a digit. Two texts that say the same have the same ones.
pub(crate) static TURNS: Words = set!(
    // Negation.
    "not no never none neither nor nothing nobody without cannot can't cant don't dont won't \
     wont isn't isnt aren't arent doesn't doesnt didn't didnt shouldn't shouldnt mustn't mustnt \
     wasn't weren't hasn't haven't couldn't wouldn't avoid stop refuse forbid forbidden fail \
     fails failed nicht kein keine keinen nie niemals ohne pas jamais sans aucun aucune nunca \
     sin ningún mai senza non não sem не нет никогда без niet geen nooit zonder nigdy bez",
    // Conditions.
    "or except unless only if when whenever while until before after during but instead rather \
     otherwise however although though once",
    // Opposites.
    "on off enable enabled disable disabled above below over under more less most least \
     minimum maximum min max increase decrease allow allowed deny denied true false yes old \
     new first last up down start end open closed high low fast slow left right inside outside \
     with to from",
    // How true, how sure, since when, who says so.
    "was were wrong incorrect outdated obsolete deprecated superseded myth formerly previously \
     used anymore longer ago yet still might may maybe perhaps probably possibly likely \
     unlikely seems could would should must can will shall need needs think believe believes \
     guess assume suppose claims claimed said says according allegedly supposedly suggests \
     unclear tbd todo done",
    // How often, how many.
    "always sometimes often rarely usually all any every each some both either half twice one \
     two three four five six seven eight nine ten eleven twelve dozen hundred thousand million \
     second third",
    // Which of several that look alike.
    "staging stage production prod dev development qa test testing local localhost ci beta \
     canary sandbox preview internal external public private primary secondary leader replica \
     frontend backend client server mobile desktop web ios android linux macos windows north \
     south east west monday tuesday wednesday thursday friday saturday sunday weekdays weekends \
     morning evening night"
);

/// Units that follow a number, by their spelling; the value stands for all spellings.
static UNITS: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
    let mut units = BTreeMap::new();
    for group in "ns/us µs/ms msec millisecond milliseconds/s sec secs second seconds/\
                  min mins minute minutes/h hr hrs hour hours/d day days/week weeks/\
                  month months/year years/byte bytes/kb/mb/gb/tb/kib/mib/gib/tib/m/km/cm/mm/\
                  g/kg/w/kw/mw/v/k/hz/khz/mhz/ghz/percent/usd/eur/times/x"
        .split('/')
    {
        let name = group.split(' ').next().unwrap_or(group);
        units.extend(group.split(' ').map(|spelling| (spelling, name)));
    }
    units
});

/// Units that mean something else in lower case: mega is not milli, a bit is no byte.
pub(crate) static CASED_UNITS: Words = set!("M G K C Kb Mb Gb Tb MW MV MA MJ");

/// Headings that frame nothing in particular.
pub(crate) static GENERIC: Words = set!(
    "notes note memory memories facts fact learnings lessons lesson learned misc general log \
     logs journal archive knowledge tips insights summary playbook rules observations findings \
     what we overview details info information about team project and other current state \
     status updates session sessions daily settings configuration config preferences context \
     background day key important"
);

/// What is numbered without being about another thing: "Notes 7" is not about a seven.
pub(crate) static SERIES: Words = set!(
    "note notes memory memories log logs journal session sessions lesson lessons learned \
     learnings insights summary observations findings facts updates daily day misc general"
);

/// What a unit is called, if the word is one.
pub(crate) fn unit(word: &str) -> Option<&'static str> {
    UNITS.get(word).copied()
}
