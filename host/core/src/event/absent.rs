//! An id that may be missing, as the API writes it: an empty text.

use serde::de::{Error as _, IntoDeserializer as _};
use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

use crate::EventId;

pub(super) fn serialize<S: Serializer>(id: &Option<EventId>, to: S) -> Result<S::Ok, S::Error> {
    match id {
        Some(id) => id.serialize(to),
        None => to.serialize_str(""),
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<EventId>, D::Error> {
    let text = String::deserialize(from)?;
    if text.is_empty() {
        return Ok(None);
    }
    let id: Result<EventId, serde::de::value::Error> =
        EventId::deserialize(text.into_deserializer());
    id.map(Some).map_err(D::Error::custom)
}
