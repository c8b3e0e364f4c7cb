//! Tool plugins that are wrong in one way each, assembled by hand: no SDK would let them.

use std::fmt::Write as _;

use lucid_policy::manifest::SECTION;
use lucid_policy::section::embed;

/// Where the text and the records of the list lie in memory.
const DATA: usize = 1_024;

/// Where `call-tool` answers from.
const ANSWER: usize = 16;

/// A call that is answered with `unknown-tool`, whatever it is.
pub(super) const REFUSE: &str = "(i32.store8 (i32.const 16) (i32.const 1))
    (i32.store8 (i32.const 20) (i32.const 0)) (i32.const 16)";

/// A call that is answered with an empty result, whatever it is.
pub(super) const ACCEPT: &str = "(i32.store8 (i32.const 16) (i32.const 0)) (i32.const 16)";

/// A call that traps.
pub(super) const TRAP: &str = "unreachable";

/// A call that never ends.
pub(super) const LOOP: &str = "(loop (br 0)) unreachable";

/// A tool as `list-tools` tells it.
pub(super) struct Forged {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) input_schema: &'static str,
    pub(super) output_schema: Option<&'static str>,
    pub(super) read_only: bool,
}

impl Forged {
    /// A tool that is in order.
    pub(super) const PLAIN: Self = Self {
        name: "plain",
        description: "Does nothing.",
        input_schema: r#"{"type": "object", "properties": {"text": {"type": "string"}},
            "required": ["text"]}"#,
        output_schema: None,
        read_only: false,
    };
}

/// A tool plugin with these tools and this body of `call-tool`.
pub(super) fn plugin(tools: &[Forged], call: &str) -> Vec<u8> {
    assemble(tools, call, "", false)
}

/// A tool plugin whose first tool is named by the clock.
pub(super) fn timed_plugin() -> Vec<u8> {
    let tools = [Forged { name: "aaaaaaaaaaaaaaaa", ..Forged::PLAIN }];
    // Sixteen letters, each of four bits of the time.
    let letter = |n: usize| {
        format!(
            "(i32.store8 (i32.const {}) (i32.add (i32.const 97) (i32.wrap_i64 (i64.and
                (i64.shr_u (local.get $now) (i64.const {})) (i64.const 15)))))",
            DATA + n,
            4 * n
        )
    };
    let letters: String = (0..16).map(letter).collect();
    let list = format!("(local $now i64) (local.set $now (call $clock)) {letters}");
    assemble(&tools, REFUSE, &list, false)
}

/// A tool plugin whose one tool makes a folder and removes it again before it answers.
pub(super) fn writing_plugin(read_only: bool) -> Vec<u8> {
    assemble(&[Forged { read_only, ..Forged::PLAIN }], &format!("{WRITE} {REFUSE}"), "", true)
}

/// Takes the first folder there is, makes one in it that is named as the tool, removes that.
const WRITE: &str = "(local $folder i32)
    (call $folders (i32.const 64))
    (local.set $folder (i32.load (i32.load (i32.const 64))))
    (call $make (local.get $folder) (i32.const 1024) (i32.const 5) (i32.const 80))
    (call $remove (local.get $folder) (i32.const 1024) (i32.const 5) (i32.const 80))";

/// Puts text into memory and says where it is.
fn place(memory: &mut Vec<u8>, text: &str) -> [u32; 2] {
    let at = u32::try_from(DATA + memory.len()).unwrap();
    memory.extend_from_slice(text.as_bytes());
    [at, u32::try_from(text.len()).unwrap()]
}

fn assemble(tools: &[Forged], call: &str, before_list: &str, files: bool) -> Vec<u8> {
    let mut memory = Vec::new();
    let mut records: Vec<u32> = Vec::new();
    for tool in tools {
        let name = place(&mut memory, tool.name);
        let description = place(&mut memory, tool.description);
        let input = place(&mut memory, tool.input_schema);
        let output = tool.output_schema.map(|schema| place(&mut memory, schema));
        records.extend(name);
        records.extend([0, 0, 0]);
        records.extend(description);
        records.extend(input);
        let [at, length] = output.unwrap_or_default();
        let annotations = u32::from(tool.read_only);
        records.extend([u32::from(output.is_some()), at, length, annotations]);
    }
    memory.resize(memory.len().next_multiple_of(4), 0);
    let list = DATA + memory.len();
    memory.extend(records.iter().flat_map(|word| word.to_le_bytes()));
    let result = DATA + memory.len();
    for word in [list, tools.len()] {
        memory.extend(u32::try_from(word).unwrap().to_le_bytes());
    }
    assert_eq!(result % 4 + ANSWER % 4, 0, "results are aligned");
    let mut data = String::new();
    memory.iter().for_each(|byte| write!(data, "\\{byte:02x}").unwrap());
    let text = COMPONENT
        .replace("DATA", &format!("(data (i32.const {DATA}) \"{data}\")"))
        .replace("BEFORE", before_list)
        .replace("RESULT", &format!("(i32.const {result})"))
        .replace("CALL", call);
    let part = |text: &'static str| if files { text } else { "" };
    let text = text
        .replace("FILE_INTERFACES", part(FILE_INTERFACES))
        .replace("FILE_GIVEN", part(FILE_GIVEN))
        .replace("FILE_IMPORTS", part(FILE_IMPORTS));
    let wanted = part("[capabilities]\nfiles = \"read-write\"\n");
    let manifest = format!(
        "name = \"forged\"\nversion = \"0.1.0\"\nkind = \"tool\"\n\
         description = \"For tests: assembled by hand.\"\n{wanted}"
    );
    embed(&wat::parse_str(text).unwrap(), SECTION, manifest.as_bytes()).unwrap()
}

/// The interface `tools` of `wit/`, over a core module.
const COMPONENT: &str = r#"(component
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clocks
    (export "now" (func (result u64)))))
  (core module $base
    (memory (export "memory") 64)
    DATA
    (global $next (mut i32) (i32.const 1048576))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      (local.get $at)))
  (core instance $base (instantiate $base))
  FILE_INTERFACES
  (core func $now (canon lower (func $clocks "now")))
  (core instance $given (export "now" (func $now)) FILE_GIVEN)
  (core module $module
    (import "base" "memory" (memory 64))
    (import "given" "now" (func $clock (result i64)))
    FILE_IMPORTS
    (func (export "list") (result i32) BEFORE RESULT)
    (func (export "call") (param i32 i32 i32 i32) (result i32) CALL))
  (core instance $core (instantiate $module
    (with "base" (instance $base)) (with "given" (instance $given))))
  (type $annotations (flags "read-only" "destructive" "idempotent" "open-world"))
  (type $tool (record
    (field "name" string)
    (field "title" (option string))
    (field "description" string)
    (field "input-schema" string)
    (field "output-schema" (option string))
    (field "annotations" $annotations)))
  (type $image (record (field "media-type" string) (field "data" (list u8))))
  (type $file (record (field "path" string) (field "media-type" string)))
  (type $content (variant
    (case "text" string) (case "json" string) (case "image" $image) (case "file" $file)))
  (type $error (variant
    (case "unknown-tool" string) (case "invalid-input" string) (case "not-found" string)
    (case "denied" string) (case "failed" string)))
  (func $list (result (list $tool))
    (canon lift (core func $core "list")
      (memory (core memory $base "memory")) (realloc (core func $base "realloc"))))
  (func $call (param "name" string) (param "input-json" string)
    (result (result (list $content) (error $error)))
    (canon lift (core func $core "call")
      (memory (core memory $base "memory")) (realloc (core func $base "realloc"))))
  (instance $tools
    (export "annotations" (type $annotations))
    (export "tool" (type $tool))
    (export "image" (type $image))
    (export "file-reference" (type $file))
    (export "content" (type $content))
    (export "tool-error" (type $error))
    (export "list-tools" (func $list))
    (export "call-tool" (func $call)))
  (export "lucid:plugin/tools@0.1.0" (instance $tools)))"#;

/// What of the file system a tool that writes imports.
const FILE_INTERFACES: &str = r#"
  (import "wasi:filesystem/types@0.2.0" (instance $types
    (export "descriptor" (type $descriptor (sub resource)))
    (type $codes (enum "access" "would-block" "already" "bad-descriptor" "busy" "deadlock"
      "quota" "exist" "file-too-large" "illegal-byte-sequence" "in-progress" "interrupted"
      "invalid" "io" "is-directory" "loop" "too-many-links" "message-size" "name-too-long"
      "no-device" "no-entry" "no-lock" "insufficient-memory" "insufficient-space"
      "not-directory" "not-empty" "not-recoverable" "unsupported" "no-tty" "no-such-device"
      "overflow" "not-permitted" "pipe" "read-only" "invalid-seek" "text-file-busy"
      "cross-device"))
    (export "error-code" (type $code (eq $codes)))
    (export "[method]descriptor.create-directory-at" (func (param "self" (borrow $descriptor))
      (param "path" string) (result (result (error $code)))))
    (export "[method]descriptor.remove-directory-at" (func (param "self" (borrow $descriptor))
      (param "path" string) (result (result (error $code)))))))
  (alias export $types "descriptor" (type $descriptor))
  (import "wasi:filesystem/preopens@0.2.0" (instance $preopens
    (export "descriptor" (type $own (eq $descriptor)))
    (export "get-directories" (func (result (list (tuple (own $own) string)))))))
  (core func $folders (canon lower (func $preopens "get-directories")
    (memory (core memory $base "memory")) (realloc (core func $base "realloc"))))
  (core func $make (canon lower (func $types "[method]descriptor.create-directory-at")
    (memory (core memory $base "memory"))))
  (core func $remove (canon lower (func $types "[method]descriptor.remove-directory-at")
    (memory (core memory $base "memory"))))"#;

/// The same, for the core module.
const FILE_GIVEN: &str = r#"(export "folders" (func $folders))
    (export "make" (func $make)) (export "remove" (func $remove))"#;

/// The same, in the core module.
const FILE_IMPORTS: &str = r#"
    (import "given" "folders" (func $folders (param i32)))
    (import "given" "make" (func $make (param i32 i32 i32 i32)))
    (import "given" "remove" (func $remove (param i32 i32 i32 i32)))"#;
