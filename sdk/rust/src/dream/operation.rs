//! Operations, made step by step.

use super::{
    Addition, Change, Conflict, Draft, Entry, Evidence, Merge, Operation, Rejection, RuleKind,
    SessionEvent, Statistics, Supersede,
};

impl Operation {
    /// An operation that makes this change; a reason and evidence are still to be given.
    ///
    /// ```
    /// use lucid_sdk::dream::{Change, Operation};
    ///
    /// let operation = Operation::new(Change::Drop("ent_1".into())).because("it is out of date");
    /// assert_eq!(operation.change, Change::Drop("ent_1".into()));
    /// ```
    pub fn new(change: Change) -> Self {
        Self { change, reason: String::new(), evidence: Vec::new() }
    }

    /// A new entry at the end of a memory, such as `/playbook.md`; the memory is made where
    /// it is missing. It needs evidence: [`Operation::quoting`]. It is of the kind
    /// [`RuleKind::Theme`], unless [`Operation::of_kind`] says otherwise; then what it names has
    /// to be in its quotes or in the memory.
    ///
    /// ```
    /// # use lucid_sdk::{dream, dream::Operation, testing::{Host, Session}};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").saying("Always ask before lifting."));
    ///
    /// for event in dream::each_event("sesn_1") {
    ///     let number = Operation::add("/playbook.md", "- Ask before lifting.")
    ///         .because("a person asked for it")
    ///         .quoting(&event?, "ask before lifting")
    ///         .propose();
    ///     assert_eq!(number, Ok(0));
    /// }
    /// # Ok::<(), dream::TranscriptError>(())
    /// ```
    pub fn add(path: impl Into<String>, text: impl Into<String>) -> Self {
        let draft = Draft { path: path.into(), text: text.into() };
        Self::new(Change::Add(Addition { draft, kind: RuleKind::Theme, statistics: None }))
    }

    /// The entry stays, whatever else is proposed; entries that nothing names stay, too.
    ///
    /// ```
    /// # use lucid_sdk::{dream, dream::Operation, testing::Host};
    /// let host = Host::new();
    /// host.add_memory("/notes.md", "Ask before lifting.\n");
    /// for entry in dream::each_entry() {
    ///     assert_eq!(Operation::keep(&entry).because("it is a rule").propose(), Ok(0));
    /// }
    /// ```
    pub fn keep(entry: &Entry) -> Self {
        Self::new(Change::Keep(entry.id.clone()))
    }

    /// Duplicates become one: `survivor` stays for all.
    ///
    /// ```
    /// # use lucid_sdk::{dream, dream::Operation, testing::Host};
    /// let host = Host::new();
    /// host.add_memory("/notes.md", "- Ask first.\n- Ask first.\n- Lift slowly.\n");
    /// let entries = dream::entries();
    /// let merge = Operation::merge(&entries[0], [&entries[1]]).because("they say the same");
    /// assert_eq!(merge.propose(), Ok(0));
    /// ```
    pub fn merge<'a>(survivor: &Entry, duplicates: impl IntoIterator<Item = &'a Entry>) -> Self {
        let survivor_id = survivor.id.clone();
        let mut entry_ids = vec![survivor_id.clone()];
        entry_ids.extend(duplicates.into_iter().map(|entry| entry.id.clone()));
        Self::new(Change::Merge(Merge { entry_ids, survivor_id }))
    }

    /// The newer of two contradicting entries replaces the older, from `since_ms` on:
    /// milliseconds since 1970-01-01T00:00Z.
    ///
    /// ```
    /// # use lucid_sdk::{dream, dream::Operation, testing::Host};
    /// let host = Host::new();
    /// host.add_memory("/notes.md", "- The pump runs at 3 bar.\n- The pump runs at 5 bar.\n");
    /// let entries = dream::entries();
    /// let newer = Operation::supersede(&entries[0], &entries[1], 1_767_225_600_000);
    /// assert_eq!(newer.because("the second was written later").propose(), Ok(0));
    /// ```
    pub fn supersede(older: &Entry, newer: &Entry, since_ms: u64) -> Self {
        let (loser_id, winner_id) = (older.id.clone(), newer.id.clone());
        Self::new(Change::Supersede(Supersede { loser_id, winner_id, since_ms }))
    }

    /// The entry goes.
    ///
    /// ```
    /// # use lucid_sdk::{dream, dream::Operation, testing::Host};
    /// let host = Host::new();
    /// host.add_memory("/notes.md", "- The door is open.\n- Ask first.\n");
    /// let entries = dream::entries();
    /// assert_eq!(Operation::drop(&entries[0]).because("doors close").propose(), Ok(0));
    /// ```
    pub fn drop(entry: &Entry) -> Self {
        Self::new(Change::Drop(entry.id.clone()))
    }

    /// The entries contradict each other, and a person has to decide. They all stay.
    ///
    /// ```
    /// # use lucid_sdk::{dream, dream::Operation, testing::Host};
    /// let host = Host::new();
    /// host.add_memory("/notes.md", "- The pump runs at 3 bar.\n- The pump runs at 5 bar.\n");
    /// let conflict = Operation::flag_conflict(&dream::entries());
    /// assert_eq!(conflict.because("both are of the same day").propose(), Ok(0));
    /// ```
    pub fn flag_conflict<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let entry_ids = entries.into_iter().map(|entry| entry.id.clone()).collect();
        Self::new(Change::FlagConflict(Conflict { entry_ids }))
    }

    /// Says why, in one sentence for the person who reviews it.
    ///
    /// ```
    /// # use lucid_sdk::dream::Operation;
    /// let operation = Operation::add("/notes.md", "Ask first.").because("it was asked for");
    /// assert_eq!(operation.reason, "it was asked for");
    /// ```
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }

    /// Adds a quote from an event: a text that the event says, as [`Event::quote`] finds it.
    ///
    /// A text that the event does not say is quoted as it is, and the host will refuse the
    /// operation.
    ///
    /// [`Event::quote`]: super::Event::quote
    ///
    /// ```
    /// # use lucid_sdk::{dream, dream::Operation, testing::{Host, Session}};
    /// # let host = Host::new();
    /// # host.add_session(Session::new("sesn_1").saying("Say \"please\"."));
    /// let event = dream::each_event("sesn_1").next().unwrap()?;
    /// let operation = Operation::add("/notes.md", "Say please.").quoting(&event, "\"please\"");
    /// assert_eq!(operation.evidence[0].quote, r#"\"please\""#);
    /// # Ok::<(), dream::TranscriptError>(())
    /// ```
    #[must_use]
    pub fn quoting(self, event: &SessionEvent, text: &str) -> Self {
        let evidence = event.evidence(text).unwrap_or_else(|| Evidence {
            session_id: event.session_id().to_owned(),
            event_id: event.id.clone(),
            quote: text.to_owned(),
        });
        self.supported_by([evidence])
    }

    /// Adds evidence.
    ///
    /// ```
    /// # use lucid_sdk::dream::{Evidence, Operation};
    /// let (session_id, event_id) = ("sesn_1".to_owned(), "sevt_1".to_owned());
    /// let evidence = Evidence { session_id, event_id, quote: "ask".to_owned() };
    /// let operation = Operation::add("/notes.md", "Ask first.").supported_by([evidence]);
    /// assert_eq!(operation.evidence.len(), 1);
    /// ```
    #[must_use]
    pub fn supported_by(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    /// Says what a new entry was made of. Other changes have no kind, and stay as they are.
    ///
    /// ```
    /// # use lucid_sdk::dream::{Change, Operation, RuleKind};
    /// let fix = Operation::add("/playbook.md", "- Where it sticks, lift.");
    /// let Change::Add(addition) = fix.of_kind(RuleKind::FailureFix).change else { panic!() };
    /// assert_eq!(addition.kind, RuleKind::FailureFix);
    /// ```
    #[must_use]
    pub fn of_kind(mut self, kind: RuleKind) -> Self {
        if let Change::Add(addition) = &mut self.change {
            addition.kind = kind;
        }
        self
    }

    /// Adds the numbers behind a new entry that is a rule. Other changes have none, and stay
    /// as they are.
    ///
    /// ```
    /// # use lucid_sdk::dream::{Change, Operation, Ratio, RuleKind, Statistics};
    /// let statistics = Statistics {
    ///     statement: "move.speed between 1.2 and 1.6".into(),
    ///     field: "move.speed".into(),
    ///     comparison: "between".into(),
    ///     value: "1.2 and 1.6".into(),
    ///     with: Ratio { hits: 9, total: 10 },
    ///     without: Ratio { hits: 2, total: 10 },
    ///     p: 0.001,
    ///     q: 0.01,
    ///     check_with: Ratio { hits: 4, total: 5 },
    ///     check_without: Ratio { hits: 1, total: 5 },
    ///     session_ids: (0..20).map(|number| format!("sesn_{number}")).collect(),
    /// };
    /// let rule = Operation::add("/playbook.md", "Move slowly.")
    ///     .of_kind(RuleKind::Contrast)
    ///     .counting(statistics);
    /// assert!(matches!(rule.change, Change::Add(addition) if addition.statistics.is_some()));
    /// ```
    #[must_use]
    pub fn counting(mut self, statistics: Statistics) -> Self {
        if let Change::Add(addition) = &mut self.change {
            addition.statistics = Some(statistics);
        }
        self
    }

    /// Proposes the operation and gives its number.
    ///
    /// # Errors
    /// A [`Rejection`] when the host refused it; the dream may go on without it.
    ///
    /// ```
    /// # use lucid_sdk::{dream::{Operation, Rejection}, testing::Host};
    /// let host = Host::new();
    /// let answer = Operation::add("/notes.md", "Ask first.").because("I say so").propose();
    /// assert!(matches!(answer, Err(Rejection::Unsupported(_))));
    /// ```
    pub fn propose(&self) -> Result<u32, Rejection> {
        super::propose(self)
    }
}
