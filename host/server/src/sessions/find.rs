//! Finding a session, whoever made it.

use std::sync::Arc;

use lucid_api::ApiError;
use lucid_api::session::{SessionRecord, SessionView, Standing, ThreadStanding};
use lucid_core::{Session, SessionId, SessionStatus, ThreadId};
use lucid_store::Document;
use serde_json::Value;

use super::SESSION;
use crate::documents::stored;
use crate::space::Space;

/// A session with all that is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// As the log's store has it.
    pub(crate) session: Session,
    /// What is stored beside its log, or what its log says instead.
    pub(crate) record: SessionRecord,
    /// What its log says.
    pub(crate) standing: Arc<Standing>,
    /// Whether a mission began it: then nothing is stored beside its log.
    pub(crate) is_local: bool,
}

/// Finds a session.
///
/// # Errors
/// Not found; internal.
pub(crate) async fn find(space: &Space, id: &str) -> Result<Found, ApiError> {
    let missing = || SESSION.missing(id);
    let parsed = SessionId::parse(id).ok_or_else(missing)?;
    let session = space.runtime.store.session(&parsed).await?.ok_or_else(missing)?;
    let document = space.runtime.store.document(id).await?;
    Known::of(session, document)?.found(space).await
}

/// A session with what is known of it before its log is read.
pub(super) struct Known {
    session: Session,
    /// Of a session that a mission began: as if nothing had happened in it yet.
    pub(super) record: SessionRecord,
    is_local: bool,
}

impl Known {
    /// A session that was read already, with its document.
    ///
    /// # Errors
    /// Internal.
    pub(super) fn of(session: Session, document: Option<Document>) -> Result<Self, ApiError> {
        let document = document.filter(|document| document.kind == SESSION.name);
        let is_local = document.is_none();
        let record = match document {
            Some(document) => stored(document)?.value,
            None => local(&session, &Standing::default())?,
        };
        Ok(Self { session, record, is_local })
    }

    /// The same with what its log says.
    ///
    /// # Errors
    /// Internal.
    pub(super) async fn found(self, space: &Space) -> Result<Found, ApiError> {
        let Self { session, mut record, is_local } = self;
        let standing = space.sessions.standing(space.runtime.store.as_ref(), &session.id).await?;
        if is_local {
            record = local(&session, &standing)?;
        }
        Ok(Found { session, record, standing, is_local })
    }
}

/// What can be told of a session that a mission began.
fn local(session: &Session, standing: &Standing) -> Result<SessionRecord, ApiError> {
    let Session { agent, title, metadata, created_at, .. } = session;
    let model = standing.model.as_deref();
    let record = SessionRecord::local(agent, model, title, metadata.clone(), *created_at)?;
    let over = standing.status() == SessionStatus::Terminated;
    Ok(SessionRecord { archived_at: standing.updated_at.filter(|_| over), ..record })
}

impl Found {
    /// Its id.
    pub(crate) fn id(&self) -> &SessionId {
        &self.session.id
    }

    fn view<'a>(&'a self, space: &Space) -> SessionView<'a> {
        SessionView {
            id: self.session.id.as_str(),
            record: &self.record,
            standing: &self.standing,
            created_at: self.session.created_at,
            now: space.clock.now(),
        }
    }

    /// The session as the API writes it.
    ///
    /// # Errors
    /// Internal.
    pub(crate) fn object(&self, space: &Space) -> Result<Value, ApiError> {
        self.view(space).object()
    }

    /// One of its threads as the API writes it.
    ///
    /// # Errors
    /// Internal.
    pub(crate) fn thread_object(
        &self,
        space: &Space,
        thread: &ThreadStanding,
    ) -> Result<Value, ApiError> {
        self.view(space).thread(thread)
    }

    /// One of its threads, and whether that is the primary one.
    ///
    /// # Errors
    /// Not found.
    pub(crate) fn thread(&self, id: &str) -> Result<(ThreadId, bool, &ThreadStanding), ApiError> {
        let missing = || ApiError::not_found("thread", id);
        let parsed = ThreadId::parse(id).ok_or_else(missing)?;
        let (primary, thread) = self.standing.thread(&parsed).ok_or_else(missing)?;
        Ok((parsed, primary, thread))
    }

    /// Checks that it is not over.
    ///
    /// # Errors
    /// A conflict.
    pub(crate) fn check_not_over(&self) -> Result<(), ApiError> {
        if self.standing.status() == SessionStatus::Terminated {
            return Err(ApiError::conflict("the session is over: it can only be read"));
        }
        Ok(())
    }
}
