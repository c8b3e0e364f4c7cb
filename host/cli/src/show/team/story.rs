//! What happened, told thread by thread: event records in, entries to draw out.
//!
//! A request and its answer, a call and its result are one entry each, told when they end,
//! so an entry says how it went and how long it took. What never ended is told at the end.

use std::collections::{BTreeMap, HashMap};

use lucid_core::{
    Confirmation, Content, Event, EventId, EventRecord, IdleReason, LogLevel, Permission,
    SessionStatus, Span, ThreadId, Timestamp, TokenUsage,
};
use serde_json::Value;

use super::entry::{Entry, Mark};
use super::outcomes::{self, OutcomeSeen};
use super::tally::{Price, Tally};
use super::words;

/// One thread of a session.
#[derive(Debug)]
pub(crate) struct Member {
    /// Its id; none for the primary thread of a log that never names it.
    pub(crate) id: Option<ThreadId>,
    /// Its agent.
    pub(crate) agent: String,
    /// Where it stands; none before it did anything.
    pub(crate) status: Option<SessionStatus>,
    /// What it used.
    pub(crate) tally: Tally,
    /// When it was made, and when it last did something.
    pub(crate) times: Option<(Timestamp, Timestamp)>,
    request: Option<Request>,
}

/// A model request without an answer so far.
#[derive(Debug)]
struct Request {
    at: Timestamp,
    said: Vec<String>,
    /// Calls of the answer that wait for a person; they are told behind it.
    asks: Vec<Entry>,
    told: bool,
}

/// A call without a result so far.
#[derive(Debug)]
pub(crate) struct OpenCall {
    pub(crate) who: usize,
    pub(crate) tool: String,
    at: Timestamp,
    input: Value,
    permission: Permission,
    confirmed: Option<Confirmation>,
    told: bool,
}

impl OpenCall {
    /// Whether it waits for a person.
    pub(crate) fn waits(&self) -> bool {
        self.permission == Permission::Ask && self.confirmed.is_none()
    }
}

/// A message between threads that was told when it was sent.
type Letter = (usize, usize, String);

/// A session as it unfolds.
pub(crate) struct Story {
    pub(crate) members: Vec<Member>,
    pub(crate) calls: BTreeMap<EventId, OpenCall>,
    /// The first and the last event.
    pub(crate) times: Option<(Timestamp, Timestamp)>,
    /// What belongs to no thread: how long the session worked.
    pub(crate) session: Tally,
    /// Why the session is idle, where it is.
    pub(crate) idle: Option<IdleReason>,
    /// Where the session stands.
    pub(crate) status: SessionStatus,
    /// Its outcomes, in the order they were defined.
    pub(crate) outcomes: Vec<OutcomeSeen>,
    places: HashMap<ThreadId, usize>,
    letters: Vec<Letter>,
    /// Reasons of the primary thread that the session then repeats.
    pub(super) idle_told: Option<IdleReason>,
    price: Price,
}

impl Story {
    /// A session of which nothing is known but its lead.
    pub(crate) fn new(lead: &str, price: Price) -> Self {
        let mut story = Self {
            members: Vec::new(),
            calls: BTreeMap::new(),
            times: None,
            session: Tally::default(),
            idle: None,
            status: SessionStatus::Idle,
            outcomes: Vec::new(),
            places: HashMap::new(),
            letters: Vec::new(),
            idle_told: None,
            price,
        };
        story.join(None, lead);
        story
    }

    fn join(&mut self, id: Option<ThreadId>, agent: &str) -> usize {
        if let Some(id) = &id {
            self.places.insert(id.clone(), self.members.len());
        }
        self.members.push(Member {
            id,
            agent: agent.to_owned(),
            status: None,
            tally: Tally::default(),
            times: None,
            request: None,
        });
        self.members.len() - 1
    }

    /// The place of a thread. The primary one's id is learnt from the first event that has
    /// one, unless that event tells of a child.
    fn place(&mut self, id: Option<&ThreadId>, child: bool) -> usize {
        let Some(id) = id else { return 0 };
        if let Some(place) = self.places.get(id) {
            return *place;
        }
        if !child && self.members[0].id.is_none() {
            self.members[0].id = Some(id.clone());
            self.places.insert(id.clone(), 0);
            return 0;
        }
        self.join(Some(id.clone()), "")
    }

    pub(super) fn named(&mut self, id: &ThreadId, agent: &str, child: bool) -> usize {
        let who = self.place(Some(id), child);
        if !agent.is_empty() {
            agent.clone_into(&mut self.members[who].agent);
        }
        who
    }

    /// A thread's name: its agent, numbered where that agent has several.
    pub(crate) fn label(&self, who: usize) -> String {
        let Some(member) = self.members.get(who) else { return String::new() };
        let same = |other: &&Member| other.agent == member.agent;
        let name = if member.agent.is_empty() { "thread" } else { member.agent.as_str() };
        match self.members.iter().take(who).filter(same).count() {
            0 => name.to_owned(),
            before => format!("{name}#{}", before + 1),
        }
    }

    /// What all threads used together; the time is the session's.
    pub(crate) fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.members.iter().for_each(|member| total.add(&member.tally));
        total.active_ms = self.session.active_ms;
        total
    }

    /// Takes the next event, and says what is to be told because of it.
    pub(crate) fn apply(&mut self, record: &EventRecord) -> Vec<Entry> {
        let at = record.created_at;
        self.times = Some((self.times.map_or(at, |(first, _)| first), at));
        let who = self.place(record.thread_id.as_ref(), record.kind == "session.thread_created");
        let told = match record.event() {
            Some(event) => {
                outcomes::apply(&mut self.outcomes, &event, at);
                self.tell(record, who, event)
            }
            None => vec![Entry::new(at, who, Mark::Other, unknown(record))],
        };
        let times = &mut self.members[who].times;
        *times = Some((times.map_or(at, |(first, _)| first), at));
        told
    }

    fn tell(&mut self, record: &EventRecord, who: usize, event: Event) -> Vec<Entry> {
        let at = record.created_at;
        let entry = match event {
            Event::ModelRequestStart {} => return self.asked(who, at).into_iter().collect(),
            Event::ModelRequestEnd { model_usage, is_error, lucid, .. } => {
                return self.answered(who, at, model_usage.into(), is_error, lucid.as_ref());
            }
            Event::AgentMessage { content } => {
                let text = Content::join(&content);
                if let Some(request) = &mut self.members[who].request {
                    request.said.push(text);
                    return Vec::new();
                }
                Entry::new(at, who, Mark::Model, format!("says: {text}")).lines(2)
            }
            Event::ToolUse { name, input, evaluated_permission, .. } => {
                return self.called(record, who, name, input, evaluated_permission);
            }
            Event::ToolResult { tool_use_id, content, is_error, lucid } => {
                self.returned(at, who, &tool_use_id, &content, is_error, &lucid)
            }
            Event::ToolConfirmation { tool_use_id, result, deny_message } => {
                self.confirmed(at, &tool_use_id, result, deny_message)
            }
            Event::ThreadMessageSent { to_session_thread_id, to_agent_name, content } => {
                // Children write to the lead alone.
                let to = self.named(&to_session_thread_id, &to_agent_name, who == 0);
                self.letter(at, who, to, &content, true)
            }
            Event::ThreadMessageReceived { from_session_thread_id, from_agent_name, content } => {
                let from = self.named(&from_session_thread_id, &from_agent_name, who == 0);
                let letter = (from, who, Content::join(&content));
                if let Some(sent) = self.letters.iter().position(|sent| *sent == letter) {
                    self.letters.swap_remove(sent);
                    return Vec::new();
                }
                self.letter(at, from, who, &content, false)
            }
            Event::UserMessage { content } => {
                let text = format!("user: {}", Content::join(&content));
                Entry::new(at, who, Mark::Person, text).lines(3)
            }
            Event::Interrupt { session_thread_id } => {
                let which = session_thread_id.as_ref();
                let to = self.place(which, true);
                let what = if which.is_some() { "this thread" } else { "every thread" };
                Entry::new(at, to, Mark::Person, format!("user interrupts {what}"))
            }
            Event::ContextCompacted { lucid } => {
                self.paid(who, at, lucid.usage.into(), lucid.model.as_deref());
                let text = format!("context: {} older messages put in short", lucid.messages);
                Entry::new(at, who, Mark::Compacted, text)
            }
            Event::Error { error } => {
                Entry::new(at, who, Mark::Failed, words::error(&error)).lines(3)
            }
            Event::Log { plugin, level: level @ (LogLevel::Warn | LogLevel::Error), message } => {
                let level = format!("{level:?}").to_lowercase();
                Entry::new(at, who, Mark::Other, format!("{plugin} {level}: {message}")).lines(2)
            }
            other => return self.standing(record, who, other),
        };
        vec![entry]
    }

    /// A model is asked. One that was asked before and never answered was cut off.
    fn asked(&mut self, who: usize, at: Timestamp) -> Option<Entry> {
        let member = &mut self.members[who];
        member.tally.requests += 1;
        let request = Request { at, said: Vec::new(), asks: Vec::new(), told: false };
        let cut = member.request.replace(request)?;
        Some(Entry::new(cut.at, who, Mark::Failed, "model: the answer never came".to_owned()))
    }

    fn answered(
        &mut self,
        who: usize,
        at: Timestamp,
        usage: TokenUsage,
        is_error: bool,
        span: Option<&Span>,
    ) -> Vec<Entry> {
        let member = &mut self.members[who];
        let request = member.request.take();
        let from = request.as_ref().map_or(at, |request| request.at);
        let time = words::lasted(words::took(span, from, at));
        if is_error {
            member.tally.errors += 1;
            let why = span.and_then(|span| span.failure.as_ref());
            let why = why.map_or("", |failure| failure.message.as_str());
            let text = words::with(format!("model failed, {time}"), why);
            return vec![Entry::new(at, who, Mark::Failed, text).lines(3)];
        }
        let model = span.and_then(|span| span.model.as_deref());
        self.paid(who, at, usage, model);
        let (said, asks) = request.map_or_else(Default::default, |r| (r.said.join(" "), r.asks));
        let (read, written) = (usage.read(), usage.output_tokens);
        let text = words::with(format!("model {time}, {read} in, {written} out"), &said);
        let mut told = vec![Entry::new(at, who, Mark::Model, text).lines(2)];
        told.extend(asks);
        told
    }

    /// A model read and wrote for a thread.
    fn paid(&mut self, who: usize, at: Timestamp, usage: TokenUsage, model: Option<&str>) {
        let cost = model.and_then(|model| (self.price)(model, &usage, at));
        let tally = &mut self.members[who].tally;
        tally.answered(usage);
        tally.cost.add(model, cost);
    }

    fn called(
        &mut self,
        record: &EventRecord,
        who: usize,
        tool: String,
        input: Value,
        permission: Permission,
    ) -> Vec<Entry> {
        let at = record.created_at;
        let asks = permission == Permission::Ask;
        let text = words::with(format!("{tool} ask"), &words::brief(&input));
        let call = OpenCall { who, tool, at, input, permission, confirmed: None, told: asks };
        self.calls.insert(record.id.clone(), call);
        let member = &mut self.members[who];
        member.tally.calls += 1;
        let entry = Entry::new(at, who, Mark::Ask, text).lines(2);
        match &mut member.request {
            _ if !asks => Vec::new(),
            Some(request) => {
                request.asks.push(entry);
                Vec::new()
            }
            None => vec![entry],
        }
    }

    fn returned(
        &mut self,
        at: Timestamp,
        who: usize,
        call: &EventId,
        content: &[Content],
        is_error: bool,
        span: &Span,
    ) -> Entry {
        let mut notes = Vec::new();
        let (who, head, args) = match self.calls.remove(call) {
            Some(call) => {
                let refused = call.confirmed == Some(Confirmation::Deny);
                let ending = words::ending(is_error, span, call.permission, refused);
                let time = words::lasted(words::took(Some(span), call.at, at));
                let head = format!("{} {ending} {time}", call.tool);
                (call.who, head, words::brief(&call.input))
            }
            None => {
                let ending = words::ending(is_error, span, Permission::Allow, false);
                (who, format!("a call that is not in the log {ending}"), String::new())
            }
        };
        if is_error {
            self.members[who].tally.errors += 1;
            notes.push(words::reason(span, content));
        }
        notes.extend(words::effects(span));
        let mark = if is_error { Mark::Failed } else { Mark::Done };
        Entry::new(at, who, mark, words::with(head, &args)).notes(notes)
    }

    fn confirmed(
        &mut self,
        at: Timestamp,
        call: &EventId,
        result: Confirmation,
        reason: Option<String>,
    ) -> Entry {
        let verb = match result {
            Confirmation::Allow => "allows",
            Confirmation::Deny => "denies",
        };
        let (who, tool) = match self.calls.get_mut(call) {
            Some(call) => {
                call.confirmed.get_or_insert(result);
                // What it waited for a person is not what it took.
                call.at = at;
                (call.who, call.tool.clone())
            }
            None => (0, "a call that does not wait".to_owned()),
        };
        let reason = reason.unwrap_or_default();
        Entry::new(at, who, Mark::Person, words::with(format!("user {verb} {tool}"), &reason))
            .lines(2)
    }

    fn letter(
        &mut self,
        at: Timestamp,
        from: usize,
        to: usize,
        content: &[Content],
        sent: bool,
    ) -> Entry {
        let text = Content::join(content);
        let entry = Entry::letter(at, from, to, format!("to {}: {text}", self.label(to)));
        if sent {
            self.letters.push((from, to, text));
        }
        entry
    }

    /// What began before some moment and has not ended, each told once.
    pub(crate) fn unfinished(&mut self, before: Timestamp) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (who, member) in self.members.iter_mut().enumerate() {
            let Some(request) = member.request.as_mut().filter(|r| r.at <= before && !r.told)
            else {
                continue;
            };
            request.told = true;
            let text = words::with("model, no answer yet".to_owned(), &request.said.join(" "));
            entries.push(Entry::new(request.at, who, Mark::Model, text).lines(2));
            entries.append(&mut request.asks);
        }
        for call in self.calls.values_mut().filter(|call| call.at <= before && !call.told) {
            call.told = true;
            let head = format!("{}, no result yet", call.tool);
            let text = words::with(head, &words::brief(&call.input));
            entries.push(Entry::new(call.at, call.who, Mark::Other, text));
        }
        entries.sort_by_key(|entry| entry.at);
        entries
    }
}

/// An event of a type that this version does not know: its type, and its name if it has one.
fn unknown(record: &EventRecord) -> String {
    let body: Option<Value> = serde_json::from_str(&record.body).ok();
    let name = body.as_ref().and_then(|body| body.get("name")).and_then(Value::as_str);
    name.map_or_else(|| record.kind.clone(), |name| format!("{} {name}", record.kind))
}
