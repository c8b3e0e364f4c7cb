//! A stream gives one answer, wherever the network cuts it.

use std::sync::Arc;

use bytes::Bytes;
use lucid_core::Completion;

use crate::scene::{Answering, FORMATS, Format, ask, question};
use crate::server::exchanges;

/// The answer, and what was heard.
async fn answer(format: Format, parts: Vec<Bytes>) -> (Completion, String) {
    let (answer, heard) =
        ask(&format.model_through(Arc::new(Answering::stream(parts))), &question()).await;
    (answer.unwrap(), heard)
}

#[tokio::test]
async fn chunks_that_are_cut_at_any_byte_give_the_same_answer() {
    for format in FORMATS {
        for exchange in &exchanges(format.conversation())[3..] {
            let chunks = exchange.reply.chunks.iter();
            let whole: Bytes = chunks.flat_map(|(_, chunk)| chunk.clone()).collect();
            let expected = answer(format, vec![whole.clone()]).await;
            assert!(whole.len() > 500 && !expected.0.content.is_empty());
            for at in 0..=whole.len() {
                let parts = vec![whole.slice(..at), whole.slice(at..)];
                assert_eq!(answer(format, parts).await, expected, "{format:?}, cut at {at}");
            }
            let bytes = (0..whole.len()).map(|at| whole.slice(at..=at)).collect();
            assert_eq!(answer(format, bytes).await, expected, "{format:?}, byte by byte");
        }
    }
}

#[tokio::test]
async fn a_stream_that_ends_at_any_byte_before_its_end_is_an_error() {
    for format in FORMATS {
        let exchange = &exchanges(format.conversation())[4];
        let chunks = exchange.reply.chunks.iter();
        let whole: Bytes = chunks.flat_map(|(_, chunk)| chunk.clone()).collect();
        // What says that the answer is complete.
        let end: &[u8] = match format {
            Format::Anthropic => b"event: message_stop",
            Format::OpenAi => br#""finish_reason":"stop""#,
        };
        let end = whole.windows(end.len()).position(|part| part == end).unwrap();
        for at in 0..end {
            let parts = Arc::new(Answering::stream(vec![whole.slice(..at)]));
            let answer = ask(&format.model_through(parts), &question()).await.0;
            assert!(answer.is_err_and(|error| error.kind.is_transient()), "{format:?}, {at}");
        }
    }
}
