//! The form that a skill is uploaded with.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use lucid_api::ApiError;
use lucid_api::skill::{SKILL_BYTES_MAX, SKILL_FILES_MAX, SkillFile, Upload};
use tokio::task::spawn_blocking;

use super::archive;
use crate::answer::Refused;
use crate::app::App;
use crate::extract::held;
use crate::limits::Late;

/// Bytes of a name for people at most; how many characters it may have is checked later.
const NAME_BYTES_MAX: usize = 4_096;
/// How the name of a file ends that is a whole skill.
const ZIP: &str = ".zip";

/// What was uploaded: the parts `files[]` (or `files`), and perhaps `display_name`.
pub(super) struct Uploaded {
    pub(super) display_name: Option<String>,
    pub(super) upload: Upload,
}

impl FromRequest<App> for Uploaded {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refused> {
        let late = request.extensions().get::<Late>().cloned().unwrap_or_default();
        // However little is sent, what is unpacked of it may be as large as a skill may be.
        held(&request).keep(app.bodies.room(None).await?);
        let form = Multipart::from_request(request, app).await.map_err(|_| {
            ApiError::invalid(
                "the body: a form, `multipart/form-data`, with parts `files[]` has to be here",
            )
        })?;
        let (display_name, files) = read(form).await.map_err(|error| {
            if late.is_late() {
                return ApiError::timed_out("the files took too long to arrive");
            }
            error
        })?;
        let checked = spawn_blocking(move || Upload::read(unpacked(files)?)).await;
        let checked = checked.map_err(|error| ApiError::internal(format!("a skill: {error}")))?;
        Ok(Self { display_name, upload: checked? })
    }
}

/// The files; an archive alone stands for what is in it.
fn unpacked(files: Vec<SkillFile>) -> Result<Vec<SkillFile>, ApiError> {
    match files.as_slice() {
        [one] if one.path.ends_with(ZIP) => archive::unpack(&one.bytes),
        _ => Ok(files),
    }
}

async fn read(mut form: Multipart) -> Result<(Option<String>, Vec<SkillFile>), ApiError> {
    let (mut display_name, mut files, mut left) = (None, Vec::new(), SKILL_BYTES_MAX);
    while let Some(part) = form.next_field().await.map_err(|error| broken(&error))? {
        match part.name() {
            Some("files[]" | "files") => {
                if files.len() >= SKILL_FILES_MAX {
                    let why = format!("files: more than {SKILL_FILES_MAX}");
                    return Err(ApiError::invalid(why));
                }
                let path = part.file_name().unwrap_or_default().to_owned();
                let bytes = whole(part, left, "files").await?;
                left = left.saturating_sub(bytes.len());
                files.push(SkillFile { path, bytes });
            }
            Some("display_name") if display_name.is_none() => {
                let bytes = whole(part, NAME_BYTES_MAX, "display_name").await?;
                let text = String::from_utf8(bytes);
                let wrong = |_| ApiError::invalid("display_name: not UTF-8");
                display_name = Some(text.map_err(wrong)?);
            }
            _ => {
                let why = "the form has parts `files[]` and at most one `display_name`, no others";
                return Err(ApiError::invalid(why));
            }
        }
    }
    Ok((display_name, files))
}

async fn whole(mut part: Field<'_>, most: usize, what: &str) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(more) = part.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len().saturating_add(more.len()) > most {
            let most = SKILL_BYTES_MAX >> 20;
            let why = format!("{what}: too large; a skill's files have {most} MB together");
            return Err(ApiError::too_large(why));
        }
        bytes.extend_from_slice(&more);
    }
    Ok(bytes)
}

fn broken(error: &MultipartError) -> ApiError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large("the body is larger than 32 MB"),
        _ => ApiError::invalid("the body: its form is broken or ended early"),
    }
}
