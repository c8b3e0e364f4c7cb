//! What the program says, one line for each thing it was told by the store.

use std::collections::BTreeMap;
use std::fmt;

/// One thing the program was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A session is there.
    Session(u32),
    /// A session has this many events.
    Acknowledged(u32, u32),
    /// An append of this session failed: behind so many events, and so many of them.
    Failed(u32, u32, u32, String),
    /// Something else failed: opening, making a session, tidying up.
    Stopped(String),
    /// A session read back is not what was acknowledged. This is never right.
    Broken(u32, String),
    /// The program has come to its end.
    Ended,
}

impl fmt::Display for Said {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |text: &str| text.replace('\n', " ");
        match self {
            Self::Session(session) => write!(formatter, "session {session}"),
            Self::Acknowledged(session, events) => write!(formatter, "ack {session} {events}"),
            Self::Failed(session, from, count, why) => {
                write!(formatter, "failed {session} {from} {count} {}", line(why))
            }
            Self::Stopped(why) => write!(formatter, "stopped {}", line(why)),
            Self::Broken(session, why) => write!(formatter, "broken {session} {}", line(why)),
            Self::Ended => formatter.write_str("ended"),
        }
    }
}

/// Reads what the program said.
#[must_use]
pub fn said(text: &str) -> Vec<Said> {
    text.lines().map(|line| parse(line).unwrap_or_else(|| panic!("it said {line:?}"))).collect()
}

fn parse(line: &str) -> Option<Said> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let mut words = rest.splitn(4, ' ');
    let mut number = || words.next()?.parse().ok();
    Some(match word {
        "session" => Said::Session(number()?),
        "ack" => Said::Acknowledged(number()?, number()?),
        "failed" => {
            let (session, from, count) = (number()?, number()?, number()?);
            Said::Failed(session, from, count, words.next()?.to_owned())
        }
        "stopped" => Said::Stopped(rest.to_owned()),
        "broken" => Said::Broken(number()?, rest.to_owned()),
        "ended" => Said::Ended,
        _ => return None,
    })
}

/// What a store has acknowledged: how many events of each session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acknowledged {
    /// Sessions by number, with their events.
    pub sessions: BTreeMap<u32, u32>,
}

impl Acknowledged {
    /// Adds one thing that was said.
    pub fn add(&mut self, said: &Said) {
        match said {
            Said::Session(session) => drop(self.sessions.insert(*session, 0)),
            Said::Acknowledged(session, events) => drop(self.sessions.insert(*session, *events)),
            _ => {}
        }
    }

    /// All that was said, taken together.
    #[must_use]
    pub fn of(all: &[Said]) -> Self {
        let mut acknowledged = Self::default();
        all.iter().for_each(|said| acknowledged.add(said));
        acknowledged
    }
}
