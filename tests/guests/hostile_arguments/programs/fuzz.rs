//! Makes three hundred calls of the host, with arguments that follow from a seed.

use hostile_arguments::Mind;
use hostile_http::{Fields, Method, OutgoingBody, OutgoingRequest, Scheme};
use hostile_kit::wasi::cli;
use hostile_kit::wasi::clocks::wall_clock::Datetime;
use hostile_kit::wasi::clocks::{monotonic_clock, wall_clock};
use hostile_kit::wasi::filesystem::types::{Advice, NewTimestamp};
use hostile_kit::wasi::http::outgoing_handler::handle;
use hostile_kit::wasi::http::types::RequestOptions;
use hostile_kit::wasi::io::poll::{Pollable, poll};
use hostile_kit::wasi::io::streams::{InputStream, OutputStream};
use hostile_kit::wasi::random::{insecure, insecure_seed, random};
use hostile_kit::{log, model, model_types};
use hostile_paths::{Descriptor, DescriptorFlags, OpenFlags, PathFlags, first};

const CALLS: usize = 300;

/// What was made by a call and may be used by another: children before what they were made of.
#[derive(Default)]
struct Held {
    pollables: Vec<Pollable>,
    inputs: Vec<InputStream>,
    outputs: Vec<OutputStream>,
    files: Vec<Descriptor>,
}

/// `input` is the seed.
fn fuzz(input: &str) -> String {
    let mut mind = Mind::new(input.parse().unwrap_or(0));
    let mut held = Held::default();
    held.files.push(first());
    let mut done = 0;
    for _ in 0..CALLS {
        done += u32::from(match mind.below(12) {
            0..4 => by_path(&mut mind, &mut held),
            4..6 => by_file(&mut mind, &mut held),
            6 => reads(&mut mind, &mut held),
            7 => writes(&mut mind, &mut held),
            8 => waits(&mut mind, &mut held),
            9 => sends(&mut mind).is_some(),
            10 => speaks(&mut mind),
            _ => lets_go(&mut mind, &mut held),
        });
    }
    format!("{done} of {CALLS}")
}

fn when(mind: &mut Mind) -> NewTimestamp {
    match mind.below(3) {
        0 => NewTimestamp::NoChange,
        1 => NewTimestamp::Now,
        _ => {
            let nanoseconds = u32::try_from(mind.number() & 0xffff_ffff).unwrap_or(0);
            NewTimestamp::Timestamp(Datetime { seconds: mind.number(), nanoseconds })
        }
    }
}

/// Bits that mean something, and sometimes ones that mean nothing.
fn follow(mind: &mut Mind) -> PathFlags {
    let bits = mind.bits();
    if mind.seldom() {
        PathFlags::from_bits_retain(bits)
    } else {
        PathFlags::from_bits_truncate(bits)
    }
}

fn by_path(mind: &mut Mind, held: &mut Held) -> bool {
    let (flags, path, other) = (follow(mind), mind.text(), mind.text());
    let (one, two) = (when(mind), when(mind));
    let how = OpenFlags::from_bits_truncate(mind.bits());
    let access = DescriptorFlags::from_bits_truncate(mind.bits());
    let kind = mind.below(13);
    let Some(to) = mind.one_of(&held.files) else { return false };
    let Some(folder) = mind.one_of(&held.files) else { return false };
    match kind {
        0..3 => {
            let opened = folder.open_at(flags, &path, how, access);
            let is = opened.is_ok();
            held.files.extend(opened);
            return is;
        }
        3 => folder.stat_at(flags, &path).is_ok(),
        4 => folder.metadata_hash_at(flags, &path).is_ok(),
        5 => folder.set_times_at(flags, &path, one, two).is_ok(),
        6 => folder.link_at(flags, &path, to, &other).is_ok(),
        7 => folder.rename_at(&path, to, &other).is_ok(),
        8 => folder.symlink_at(&path, &other).is_ok(),
        9 => folder.readlink_at(&path).is_ok(),
        10 => folder.create_directory_at(&path).is_ok(),
        11 => folder.remove_directory_at(&path).is_ok(),
        _ => folder.unlink_file_at(&path).is_ok(),
    }
}

fn by_file(mind: &mut Mind, held: &mut Held) -> bool {
    let (offset, length, bytes) = (mind.number(), mind.number(), mind.bytes());
    let (one, two) = (when(mind), when(mind));
    let advice = [
        Advice::Normal,
        Advice::Sequential,
        Advice::Random,
        Advice::WillNeed,
        Advice::DontNeed,
        Advice::NoReuse,
    ];
    let advice = mind.one_of(&advice).copied().unwrap_or(Advice::Normal);
    let (kind, wild) = (mind.below(16), mind.seldom() && mind.seldom());
    let Some(other) = mind.one_of(&held.files) else { return false };
    let Some(file) = mind.one_of(&held.files) else { return false };
    match kind {
        0 => file.read(length, offset).is_ok(),
        1 => file.write(&bytes, offset % (1 << 24)).is_ok(),
        // Far behind the end, which ends the call.
        2 if wild => file.write(&bytes, offset).is_ok(),
        3 => file.set_size(length % (1 << 24)).is_ok(),
        4 => file.set_times(one, two).is_ok(),
        5 => file.advise(offset, length, advice).is_ok(),
        6 => file.sync().is_ok(),
        7 => file.sync_data().is_ok(),
        8 => file.get_flags().is_ok() && file.get_type().is_ok(),
        9 => file.stat().is_ok() && file.metadata_hash().is_ok(),
        10 => file.is_same_object(other),
        11 => file.read_directory().is_ok_and(|list| list.read_directory_entry().is_ok()),
        12 => file.read_via_stream(offset).map(|stream| held.inputs.push(stream)).is_ok(),
        13 => file.read_via_stream(0).map(|stream| held.inputs.push(stream)).is_ok(),
        14 => file.write_via_stream(offset % 9).map(|stream| held.outputs.push(stream)).is_ok(),
        _ => file.append_via_stream().map(|stream| held.outputs.push(stream)).is_ok(),
    }
}

fn reads(mind: &mut Mind, held: &mut Held) -> bool {
    held.inputs.push(cli::stdin::get_stdin());
    let (length, kind) = (mind.number(), mind.below(5));
    let Some(stream) = mind.one_of(&held.inputs) else { return false };
    match kind {
        0 => stream.read(length).is_ok(),
        1 => stream.blocking_read(length).is_ok(),
        2 => stream.skip(length).is_ok(),
        3 => stream.blocking_skip(length).is_ok(),
        _ => {
            held.pollables.push(stream.subscribe());
            true
        }
    }
}

fn writes(mind: &mut Mind, held: &mut Held) -> bool {
    held.outputs.push(cli::stdout::get_stdout());
    let (bytes, length, kind) = (mind.bytes(), mind.number(), mind.below(10));
    let wild = mind.seldom() && mind.seldom();
    let Some(input) = mind.one_of(&held.inputs) else { return false };
    let Some(stream) = mind.one_of(&held.outputs) else { return false };
    match kind {
        0 => stream.check_write().is_ok(),
        1 => stream.write(&bytes).is_ok(),
        2 => stream.blocking_write_and_flush(bytes.get(..4_096).unwrap_or(&bytes)).is_ok(),
        3 => stream.flush().is_ok() && stream.blocking_flush().is_ok(),
        4 => stream.write_zeroes(length % 4_097).is_ok(),
        5 => stream.blocking_write_zeroes_and_flush(length % 4_097).is_ok(),
        6 => stream.splice(input, length).is_ok(),
        7 => stream.blocking_splice(input, length).is_ok(),
        // More than was allowed, which ends the call.
        8 if wild => stream.write_zeroes(length).is_ok(),
        _ => {
            held.pollables.push(stream.subscribe());
            true
        }
    }
}

fn waits(mind: &mut Mind, held: &mut Held) -> bool {
    let soon = monotonic_clock::subscribe_duration(mind.number() % 1_000_000);
    held.pollables.push(if mind.seldom() {
        monotonic_clock::subscribe_instant(mind.number())
    } else {
        soon
    });
    let at = mind.below(held.pollables.len());
    let Some(one) = held.pollables.get(at) else { return false };
    match mind.below(6) {
        0 => one.ready(),
        1 => {
            // Something that is ready, so that it ends, and all that there is beside it.
            let now = monotonic_clock::subscribe_duration(0);
            let mut list: Vec<&Pollable> = held.pollables.iter().collect();
            list.extend([&now, one, one]);
            !poll(&list).is_empty()
        }
        2 => monotonic_clock::now() > 0 && monotonic_clock::resolution() > 0,
        3 => wall_clock::now().seconds > 0 && wall_clock::resolution().nanoseconds > 0,
        4 => !insecure::get_insecure_random_bytes(mind.number() % 70_000).is_empty(),
        _ => {
            insecure_seed::insecure_seed().0 | random::get_random_u64() > 0
                && !random::get_random_bytes(mind.number() % 65_537).is_empty()
        }
    }
}

/// Sends something, sometimes, and waits for no answer.
fn sends(mind: &mut Mind) -> Option<()> {
    let fields = Fields::new();
    for _ in 0..mind.below(4) {
        let (name, value) = (mind.text(), mind.bytes());
        let _ = fields.append(&name, &value);
        let _ = fields.set(&mind.text(), &[value.clone(), value]);
        let _ = (fields.get(&name), fields.has(&name), fields.delete(&mind.text()));
    }
    let _ = fields.clone().entries();
    let request = OutgoingRequest::new(fields);
    let method = if mind.seldom() { Method::Other(mind.text()) } else { Method::Put };
    let scheme = if mind.seldom() { Scheme::Other(mind.text()) } else { Scheme::Http };
    request.set_method(&method).ok()?;
    request.set_scheme(Some(&scheme)).ok()?;
    request.set_authority(Some(&mind.text())).ok()?;
    request.set_path_with_query(Some(&format!("/{}", mind.text()))).ok()?;
    let options = RequestOptions::new();
    for wait in [mind.number(), 0, 1] {
        let _ = options.set_connect_timeout(Some(wait));
        let _ = options.set_first_byte_timeout(Some(wait));
        let _ = options.set_between_bytes_timeout(Some(wait));
    }
    let body = request.body().ok()?;
    let answer = handle(request, Some(options)).ok()?;
    if let Ok(stream) = body.write() {
        let _ = stream.blocking_write_and_flush(mind.bytes().get(..9).unwrap_or(b""));
    }
    if mind.seldom() {
        let _ = OutgoingBody::finish(body, Some(Fields::new()));
    }
    let _ = answer.get();
    Some(())
}

fn speaks(mind: &mut Mind) -> bool {
    let levels = [log::Level::Debug, log::Level::Info, log::Level::Warn, log::Level::Error];
    let level = mind.one_of(&levels).copied().unwrap_or(log::Level::Debug);
    log::write(level, &mind.text());
    let block = match mind.below(3) {
        0 => model_types::Block::Text(mind.text()),
        1 => model_types::Block::Thinking(mind.text()),
        _ => {
            let image = model_types::Image { media_type: mind.text(), data: mind.bytes() };
            model_types::Block::Image(image)
        }
    };
    let role = model_types::Role::Assistant;
    let request = model_types::Request {
        system: mind.text(),
        messages: vec![model_types::Message { role, content: vec![block] }],
        tools: Vec::new(),
        max_tokens: u32::try_from(mind.number() & 0xffff_ffff).unwrap_or(0),
    };
    model::complete(&request).is_ok()
}

/// Lets something go; seldom in the wrong order, or something that was never held.
fn lets_go(mind: &mut Mind, held: &mut Held) -> bool {
    if mind.seldom() && mind.seldom() {
        held.inputs.clear();
    }
    held.pollables.clear();
    if held.outputs.len() > 20 {
        held.outputs.clear();
    }
    let at = mind.below(held.files.len());
    let first_of_all = at == 0;
    if !first_of_all {
        held.files.swap_remove(at);
    }
    !first_of_all
}

hostile_kit::attack!(fuzz);
