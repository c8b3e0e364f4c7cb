//! What one call of a plugin may use, and what it did use.

use serde::{Deserialize, Serialize};

/// The limits of one call; every one is on.
///
/// `Limits::STANDARD` is what a call gets unless a mission or the command line says
/// otherwise; nothing else in the code holds a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of linear memory, summed over all memories of the component. 64 MiB.
    pub memory_bytes: u64,
    /// Wall time, which also cuts blocked host calls. 30,000 ms.
    pub deadline_ms: u64,
    /// Instructions, roughly; none means not counted. Off for tools and models, 400 billion
    /// for graders, 10,000 billion for dreams.
    pub fuel: Option<u64>,
    /// Bytes that cross from guest to host in one crossing: an argument list or a result.
    /// 1 MiB.
    pub guest_to_host_bytes: u64,
    /// Live component handles. 1,000.
    pub handles: u32,
    /// Live WASI resources. 256.
    pub resources: u32,
    /// Bytes kept of each of stdout and stderr; the rest is dropped and counted. 64 KiB.
    pub stdio_bytes: u64,
    /// Bytes of log messages kept; the rest is dropped and counted. 64 KiB.
    pub log_bytes: u64,
    /// Random bytes in one request. 64 KiB.
    pub random_bytes: u64,
    /// Bytes of a result. 1 MiB.
    pub result_bytes: u64,
    /// Calls of host functions that Lucid adds to WASI. 100,000.
    pub host_calls: u64,
    /// Tokens that the model capability may spend. 100,000.
    pub model_tokens: u64,
    /// Bytes by which files may grow, summed over the call; what the call removes again is
    /// not given back before it ends. 256 MiB.
    pub file_bytes: u64,
    /// Files, folders and links that may be made. 10,000.
    pub files: u64,
    /// HTTP requests. 16.
    pub http_requests: u64,
    /// Bytes of HTTP bodies and headers, sent and received, summed over the call. 8 MiB.
    pub http_bytes: u64,
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

impl Limits {
    /// What a call gets unless somebody says otherwise.
    pub const STANDARD: Self = Self {
        memory_bytes: 64 * MIB,
        deadline_ms: 30_000,
        fuel: None,
        guest_to_host_bytes: MIB,
        handles: 1_000,
        resources: 256,
        stdio_bytes: 64 * KIB,
        log_bytes: 64 * KIB,
        random_bytes: 64 * KIB,
        result_bytes: MIB,
        host_calls: 100_000,
        model_tokens: 100_000,
        file_bytes: 256 * MIB,
        files: 10_000,
        http_requests: 16,
        http_bytes: 8 * MIB,
    };

    /// What a grader gets: as a tool, with fuel, so that it ends the same way every time.
    pub const GRADER: Self = Self {
        memory_bytes: 192 * MIB,
        deadline_ms: 120_000,
        fuel: Some(400_000_000_000),
        guest_to_host_bytes: 16 * MIB,
        result_bytes: 16 * MIB,
        ..Self::STANDARD
    };

    /// What a grader gets that asks a model: it waits for an answer to each criterion.
    pub const ASKING_GRADER: Self =
        Self { deadline_ms: 1_800_000, model_tokens: 2_000_000, ..Self::GRADER };

    /// What a dream gets: it reads much and works long, and with fuel.
    pub const DREAM: Self = Self {
        memory_bytes: 512 * MIB,
        deadline_ms: 600_000,
        fuel: Some(10_000_000_000_000),
        guest_to_host_bytes: 16 * MIB,
        host_calls: 10_000_000,
        ..Self::STANDARD
    };

    /// What a dream gets that asks a model: it waits for notes of each session.
    pub const ASKING_DREAM: Self =
        Self { deadline_ms: 4 * 3_600_000, model_tokens: 20_000_000, ..Self::DREAM };
}

impl Default for Limits {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// What one call used; reported with every result, also after a failure.
///
/// What stayed at zero is left out where it is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CallUsage {
    /// Wall time, in milliseconds; 0 in a deterministic run.
    pub wall_ms: u64,
    /// Fuel, where it was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fuel: Option<u64>,
    /// The most linear memory the component had, in bytes.
    pub memory_peak_bytes: u64,
    /// Bytes given to the call.
    pub input_bytes: u64,
    /// Bytes of its result.
    pub output_bytes: u64,
    /// Calls of host functions that Lucid adds to WASI.
    pub host_calls: u64,
    /// Bytes of output and log that were dropped because the limit was reached.
    pub dropped_bytes: u64,
    /// Bytes it wrote to stdout and stderr, the dropped ones included.
    #[serde(skip_serializing_if = "is_zero")]
    pub stdio_bytes: u64,
    /// Bytes of its log messages, the dropped ones included.
    #[serde(skip_serializing_if = "is_zero")]
    pub log_bytes: u64,
    /// Random bytes it was given.
    #[serde(skip_serializing_if = "is_zero")]
    pub random_bytes: u64,
    /// Tokens that its granted model spent.
    #[serde(skip_serializing_if = "is_zero")]
    pub model_tokens: u64,
    /// Bytes by which files grew.
    #[serde(skip_serializing_if = "is_zero")]
    pub file_bytes: u64,
    /// Files, folders and links it made.
    #[serde(skip_serializing_if = "is_zero")]
    pub files: u64,
    /// HTTP requests it sent, the denied ones not counted.
    #[serde(skip_serializing_if = "is_zero")]
    pub http_requests: u64,
    /// Bytes of HTTP bodies and headers, sent and received.
    #[serde(skip_serializing_if = "is_zero")]
    pub http_bytes: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
pub(crate) fn is_zero(value: &u64) -> bool {
    *value == 0
}
