//! Over the sessions: what was kept of each, and questions about the others.

use crate::answer;
use crate::ask::Asker;
use crate::digest::Digest;
use crate::dropped::Dropped;
use crate::note::{self, Note};
use crate::question::Question;
use crate::shown::parts;
use crate::types::Session;
use crate::world::World;
use std::cmp::Reverse;

/// What the sessions came to.
#[derive(Debug, Default)]
pub struct Mapped {
    /// The notes, each with the place of its session.
    pub notes: Vec<(usize, Note)>,
    /// Sessions whose notes were kept from an earlier dream, and whole.
    pub known: usize,
    /// Sessions that were read now to their end.
    pub read: usize,
    /// Sessions that were read in part: some questions had no answer.
    pub in_part: usize,
    /// Sessions that were not read, for the model was asked no more.
    pub unread: usize,
    /// Sessions that could not be read.
    pub unreadable: usize,
    /// Events that were not read, for their session has too many.
    pub events_left_out: usize,
}

/// Reads the sessions, ordered by start and id: what an earlier dream kept, and of the others
/// the newest first, while the model answers.
pub fn map(
    world: &mut dyn World,
    sessions: &[Session],
    digests: Vec<Option<Digest>>,
    asker: &mut Asker,
    dropped: &mut Dropped,
) -> Mapped {
    let mut mapped = Mapped::default();
    let mut open: Vec<(usize, Option<Digest>)> = Vec::new();
    let mut digests = digests.into_iter();
    for place in 0..sessions.len() {
        match digests.next().flatten() {
            Some(digest) if digest.is_whole() => {
                mapped.known += 1;
                mapped.take(place, &digest);
            }
            other => open.push((place, other)),
        }
    }
    open.sort_by_key(|(place, _)| Reverse(*place));
    let total = open.len();
    for (done, (place, digest)) in open.into_iter().enumerate() {
        let Some(session) = sessions.get(place) else { continue };
        if asker.ended.is_some() {
            // What an earlier dream had of it still counts.
            mapped.unread += 1;
            if let Some(digest) = digest {
                mapped.take(place, &digest);
            }
            continue;
        }
        world.report("reading sessions", done, total, Some(&session.id));
        match read(world, session, digest, asker, dropped) {
            Ok(digest) => {
                match digest.is_whole() {
                    true => mapped.read += 1,
                    false => mapped.in_part += 1,
                }
                mapped.take(place, &digest);
            }
            Err(why) => {
                world.warn(&format!("session {} cannot be read: {why}", session.id));
                mapped.unreadable += 1;
            }
        }
    }
    if total > 0 {
        world.report("reading sessions", total, total, None);
    }
    mapped
}

impl Mapped {
    fn take(&mut self, place: usize, digest: &Digest) {
        self.events_left_out += digest.left_out;
        self.notes.extend(digest.notes().map(|note| (place, note.clone())));
    }
}

/// Asks about the parts of a session that nothing is known of, and keeps what came of it.
fn read(
    world: &mut dyn World,
    session: &Session,
    digest: Option<Digest>,
    asker: &mut Asker,
    dropped: &mut Dropped,
) -> Result<Digest, String> {
    let (parts, left_out) = parts(world.events(&session.id)?);
    let digest = digest.filter(|digest| digest.parts.len() == parts.len());
    let mut digest = digest.unwrap_or_else(|| Digest::new(parts.len(), left_out));
    let mut answered = parts.is_empty();
    for (number, (part, notes)) in (1..).zip(parts.iter().zip(&mut digest.parts)) {
        if notes.is_some() {
            continue;
        }
        let question = Question::about_part(session, part, number, parts.len());
        if let Some(said) = asker.ask(world, &question, answer::notes) {
            *notes = Some(note::checked(said, part, dropped));
            answered = true;
        }
    }
    if answered {
        let bytes = digest.write();
        if let Err(why) = world.keep(&session.id, &bytes) {
            world.warn(&format!("the notes of session {} were not kept: {why}", session.id));
        }
    }
    Ok(digest)
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
