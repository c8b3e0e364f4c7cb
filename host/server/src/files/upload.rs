//! Uploads: a form with a part `file`, which goes to disk as it arrives.

use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest as _, Multipart, Request, State};
use axum::http::StatusCode;
use lucid_api::ApiError;
use lucid_api::file::{FILE_BYTES_MAX, expires_at, too_large};
use tokio::sync::mpsc;

use super::bytes::{Partial, failed, in_folder};
use super::keep::{NewFile, describe, new_id};
use super::paced::{Progress, paced};
use crate::answer::{Answer, answer};
use crate::app::App;
use crate::limits::Late;
use crate::space::{Caller, Space};

/// The largest body: a file, and what a form has around it.
pub(super) const BODY_BYTES_MAX: usize = (500 << 20) + (64 << 10);

/// Bytes of a part that is no file.
const TEXT_BYTES_MAX: usize = 32;

/// Parts of a form at most.
const PARTS_MAX: usize = 4;

/// Pieces that wait to be written.
const QUEUE: usize = 4;

/// A file whose bytes are on disk, though not under its own name.
struct Arrived {
    id: String,
    filename: String,
    mime_type: Option<String>,
    partial: Partial,
}

pub(super) async fn upload(State(app): State<App>, caller: Caller, request: Request) -> Answer {
    let space = &caller.space;
    let late = request.extensions().get::<Late>().cloned().unwrap_or_default();
    let progress = Progress::default();
    let request = request.map(|body| paced(body, &progress));
    let form = Multipart::from_request(request, &app).await;
    let form = form.map_err(|_| {
        ApiError::invalid(
            "the body: a form, `multipart/form-data`, with a part `file` has to be here",
        )
    })?;
    let (arrived, expires) = read(space, form, &progress).await.map_err(|error| {
        if late.is_late() { ApiError::timed_out("the file took too long to arrive") } else { error }
    })?;
    let now = space.clock.now();
    let expires_at = expires.map(|text| expires_at(&text, now)).transpose()?;
    let Arrived { id, filename, mime_type, partial } = arrived
        .ok_or_else(|| ApiError::invalid("file: a part of this name has to be in the form"))?;
    let kept = in_folder(space, move |_| partial.keep()).await;
    let size = kept.map_err(|error| failed(&id, &error))?;
    let new = NewFile { filename, mime_type, expires_at, ..NewFile::default() };
    answer(describe(space, id, new, size).await?)
}

/// Reads all parts of a form: the file, and when it goes.
async fn read(
    space: &Space,
    mut form: Multipart,
    progress: &Progress,
) -> Result<(Option<Arrived>, Option<String>), ApiError> {
    let (mut arrived, mut expires) = (None, None);
    for _ in 0..=PARTS_MAX {
        let Some(part) = form.next_field().await.map_err(|error| broken(&error))? else {
            return Ok((arrived, expires));
        };
        progress.used();
        match part.name() {
            Some("file") if arrived.is_none() => {
                arrived = Some(receive(space, part, progress).await?);
            }
            Some("expires_in_seconds") if expires.is_none() => {
                expires = Some(short(part, progress).await?);
            }
            Some("file" | "expires_in_seconds") => {
                return Err(ApiError::invalid("a part of the form is there twice"));
            }
            _ => {
                let why = "a part of the form is neither `file` nor `expires_in_seconds`";
                return Err(ApiError::invalid(why));
            }
        }
    }
    Err(ApiError::invalid("the form has too many parts"))
}

/// Writes a part to disk as it arrives.
async fn receive(
    space: &Space,
    mut part: Field<'_>,
    progress: &Progress,
) -> Result<Arrived, ApiError> {
    let id = new_id(space);
    let filename = part.file_name().unwrap_or_default().to_owned();
    let mime_type = part.content_type().map(str::to_owned);
    let (send, mut receive) = mpsc::channel::<Bytes>(QUEUE);
    let name = id.clone();
    // Should whoever sends it go away, so does what was written: nobody takes it then.
    let written = in_folder(space, move |folder| {
        let mut partial = Partial::begin(folder, &name)?;
        while let Some(bytes) = receive.blocking_recv() {
            partial.write(&bytes)?;
        }
        Ok(partial)
    });
    let sent = async move {
        let mut left = FILE_BYTES_MAX;
        while let Some(bytes) = part.chunk().await.map_err(|error| broken(&error))? {
            progress.used();
            let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            left = left.checked_sub(count).ok_or_else(|| too_large(FILE_BYTES_MAX))?;
            // Nobody takes it: the disk failed, which the other side tells.
            if send.send(bytes).await.is_err() {
                break;
            }
        }
        Ok::<(), ApiError>(())
    };
    let (written, sent) = tokio::join!(written, sent);
    sent?;
    let partial = written.map_err(|error| failed(&id, &error))?;
    Ok(Arrived { id, filename, mime_type, partial })
}

async fn short(mut part: Field<'_>, progress: &Progress) -> Result<String, ApiError> {
    let wrong = || ApiError::invalid("expires_in_seconds: not a number");
    let mut text = Vec::new();
    while let Some(bytes) = part.chunk().await.map_err(|error| broken(&error))? {
        progress.used();
        text.extend_from_slice(&bytes);
        if text.len() > TEXT_BYTES_MAX {
            return Err(wrong());
        }
    }
    String::from_utf8(text).map_err(|_| wrong())
}

/// Why a form ended before its end.
fn broken(error: &MultipartError) -> ApiError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(FILE_BYTES_MAX),
        _ => ApiError::invalid("the body: the form is broken, or ended early"),
    }
}
