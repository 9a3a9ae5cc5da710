//! Which faults were dealt and which branches of recovery were taken, and how often.
//!
//! Closed lists: what is not counted is not claimed to be tested.

macro_rules! counted {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident => $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in tables.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

counted! {
    /// Something that goes wrong in the world around us.
    Fault {
        /// An append is refused.
        AppendRefused => "append refused",
        /// An append never arrives, and nobody is told.
        AppendLost => "append lost on its way",
        /// An append arrives, and its answer does not.
        AppendAnswerLost => "append's answer lost",
        /// An append without an answer arrives after its sender gave up.
        AppendLate => "append arrives late",
        /// An append waits at a leader that stands still.
        AppendStalled => "append waits at a stalled leader",
        /// A record is in the log twice.
        AppendTwice => "record appended twice",
        /// A tail breaks.
        TailBroken => "tail broken",
        /// The log cannot be reached.
        LogUnreachable => "log not reachable",
        /// A leader that lacks the newest records takes over.
        LogTruncated => "log truncated by an unclean leader change",
        /// For a while readers still see what the former leader had.
        StaleLeader => "stale leader still read",
        /// A topic is deleted, and one of its name is made.
        TopicMadeAgain => "topic deleted and made again",
        /// A record's time is before that of the record before it.
        TimeBack => "log time goes back",
        /// A record's time lies minutes ahead of the owner's clock.
        TimeAhead => "log time far ahead",
        /// A record that nobody can read.
        RecordBroken => "unreadable record",
        /// A record in a partition that is not its tenant's.
        RecordMisrouted => "misrouted record",
        /// A statement is not carried out: the connection is gone.
        StatementLost => "statement lost",
        /// A statement is carried out and its answer is lost.
        StatementAnswerLost => "statement's answer lost",
        /// The transaction is aborted by the store.
        TransactionAborted => "transaction aborted",
        /// `COMMIT` is carried out and its answer is lost.
        CommitAnswerLost => "commit's answer lost",
        /// `COMMIT` never arrives.
        CommitLost => "commit lost on its way",
        /// `COMMIT` without an answer is carried out after its sender looked again.
        CommitLate => "commit finishes late",
        /// The store is put back to an older state.
        StorePutBack => "store put back to an older state",
        /// An owner is frozen for longer than its lease.
        OwnerFrozen => "owner frozen beyond its lease",
        /// An owner is killed.
        OwnerKilled => "owner killed",
        /// An operator is killed while it restores a log or rebuilds a store.
        OperatorKilled => "operator killed",
        /// A command service is killed.
        ServiceKilled => "command service killed",
        /// A command service is frozen for longer than clients wait.
        ServiceFrozen => "command service frozen",
        /// A relay is frozen for longer than another one rests, and wakes when that one has told.
        RelayFrozen => "relay frozen",
        /// A relay is killed.
        RelayKilled => "relay killed",
        /// A process that answers reads is killed.
        QueryKilled => "query process killed",
        /// Somebody does not hear of a commit.
        NewsLost => "news of a commit lost",
        /// A client hangs up while its request is on its way.
        ClientGone => "client gone before the answer",
        /// A consumer is cut off.
        ConsumerCut => "consumer cut off",
        /// A consumer reads too slowly.
        ConsumerSlow => "consumer slow",
        /// The topic of changes is deleted and made again.
        ChangesMadeAgain => "topic of changes made again",
        /// A batch that was sent to the topic of before lands on the one made again.
        ChangesStrayed => "batch lands on a topic made again",
        /// The topic of changes loses its newest messages.
        ChangesTruncated => "topic of changes truncated",
        /// The topic of changes is exchanged for that of a ledger that went another way.
        ChangesOfAnother => "topic of changes of another history",
        /// A process's clock is off by minutes.
        ClockSkewed => "clock off by minutes",
        /// A process of an older release begins.
        MixedVersions => "owner of older rules begins",
    }
}

counted! {
    /// A way in which the ledger's code gets over a fault.
    Branch {
        /// Another owner takes a partition over from one whose lease ran out.
        TakenOver => "lease taken over",
        /// An owner learns at the cursor that it has lost the partition.
        Fenced => "owner fenced",
        /// After an unknown commit the cursor says that it was carried out.
        UnknownCommitWas => "unknown commit was carried out",
        /// After an unknown commit the cursor says that it was not.
        UnknownCommitWasNot => "unknown commit was not carried out",
        /// A transaction is tried again after a rollback.
        RolledBack => "batch rolled back and decided again",
        /// The log is found to be another one.
        AnchorRefused => "log refused by its anchor",
        /// The log is found to lack what was decided.
        OutOfBounds => "log refused by its bounds",
        /// The log is found to be away.
        LogMissing => "log found missing",
        /// Somebody wrote into a log that was being restored.
        BelowSeal => "foreign record found below a seal",
        /// The store is made anew from the log.
        Rebuilt => "store rebuilt from the log",
        /// A halted partition goes on.
        Recovered => "halted partition recovered",
        /// A log is written anew from the entries.
        LogRestored => "log restored from entries",
        /// Records below a seal are decided again to the same hashes.
        SealReached => "restored log read up to its seal",
        /// Records wait until the owner's clock has come to them.
        ClockAheadHalted => "halted for a record far ahead",
        /// A batch is cut.
        BatchCut => "batch cut before a count",
        /// A batch asks for more while it is decided.
        LoadedMore => "batch loaded more while deciding",
        /// A record ends as an entry that it is invalid.
        Invalid => "record decided as invalid",
        /// A command is decided as a duplicate.
        Duplicate => "duplicate decided",
        /// A lease is renewed between batches.
        Renewed => "lease renewed while idle",
        /// A lease is given back.
        Released => "lease given back",
        /// What was known is forgotten because it is too much.
        CacheTrimmed => "state cache trimmed",
        /// A record that may be in the log is appended again.
        SentAgain => "same bytes appended again",
        /// That is refused, which says nothing of the first one.
        RefusedAgain => "refusal after an unsure append",
        /// The entry is there before the append is known to have succeeded.
        EntryFirst => "entry before the append's answer",
        /// The append is known, and its entry is told by the owner.
        ToldByOwner => "outcome told by the owner",
        /// The entry is found by asking the store.
        FoundByAsking => "outcome found by asking the store",
        /// A second entry of the same command comes, and is answered from the first.
        AnsweredFromFirst => "answered from the first of two entries",
        /// A request under a key that was used is answered from the first one.
        Replayed => "answered again under its key",
        /// A key is used for another request.
        KeyReused => "key refused for another request",
        /// A command comes after its deadline.
        Expired => "command expired",
        /// What a command says it changes has changed.
        Outdated => "expectation no longer true",
        /// No outcome is known in time.
        ToldUnknown => "answered: not known yet",
        /// Nothing was appended, and that is told.
        ToldUnavailable => "answered: not appended",
        /// Nothing is appended to a halted partition.
        ToldHalted => "answered: partition halted",
        /// As many commands are in flight as may be.
        ToldFull => "answered: too many in flight",
        /// A record is not appended again while the partition is halted.
        HeldBack => "append held back by a halt",
        /// Asked about later, a command is decided.
        InquiredDecided => "inquiry: decided",
        /// Asked about later, a command is not in the log.
        InquiredUnknown => "inquiry: not in the log",
        /// Asked about later, the ledger is behind the log.
        InquiredBehind => "inquiry: ledger behind",
        /// A command is kept from having effect.
        Cancelled => "command cancelled",
        /// A command that was cancelled comes after all.
        KeptOff => "cancelled command came after all",
        /// A command is cancelled too late.
        CancelledLate => "cancel came too late",
        /// A relay finds an empty topic.
        RelayEmpty => "relay begins an empty topic",
        /// A relay goes on from what was kept.
        RelayKept => "relay goes on from what was kept",
        /// A relay reads the topic from its beginning.
        RelayWhole => "relay reads the whole topic",
        /// A relay finds that the topic lost messages.
        RelayTruncated => "relay finds messages lost",
        /// A relay does not know whether a batch arrived.
        RelayUnsure => "relay's append without an answer",
        /// A relay does not tell on what is of another history.
        RelayRefuses => "relay refuses another history",
        /// A relay leaves while its batch is on its way.
        RelayLeft => "relay leaves while it tells",
        /// A relay waits for a ledger that was put back.
        RelayWaits => "relay waits for the ledger to come back",
        /// A consumer drops what it has seen.
        RepeatDropped => "repeat on the topic dropped",
        /// A stream reads up to where its ring begins.
        StreamJoined => "stream read up to its ring",
        /// A stream is overrun.
        StreamOverrun => "stream overrun",
        /// A consumer resumes after the last event.
        StreamResumed => "stream resumed",
        /// A stream ends since its ledger was put back.
        StreamPutBack => "stream ended by a ledger put back",
        /// A poll waits for the next entry.
        PollWaited => "poll waited for the next entry",
        /// A poll ends without anything.
        PollTimedOut => "poll ended without anything",
        /// A read waits for its revision.
        ReadWaited => "read waited for its revision",
        /// A read's revision does not come in time.
        ReadBehind => "read refused: ledger behind",
        /// An owner lacks the rules of the ledger and stands back.
        RulesRefused => "unknown rules refused",
        /// A read's revision is found to be another history's.
        ForkRefused => "read refused: another history",
        /// An answer comes when nobody waits for it any more.
        AnsweredLate => "answer after its client left",
    }
}

/// How often each was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    faults: Vec<u64>,
    branches: Vec<u64>,
}

impl Default for Coverage {
    fn default() -> Self {
        Self {
            faults: vec![0; Fault::ALL.len()],
            branches: vec![0; Branch::ALL.len()],
        }
    }
}

fn bump(counts: &mut [u64], index: usize) {
    if let Some(count) = counts.get_mut(index) {
        *count += 1;
    }
}

impl Coverage {
    /// Counts a fault that was dealt.
    pub fn fault(&mut self, fault: Fault) {
        bump(&mut self.faults, fault as usize);
    }

    /// Counts a branch that was taken.
    pub fn branch(&mut self, branch: Branch) {
        bump(&mut self.branches, branch as usize);
    }

    /// How often a fault was dealt.
    #[must_use]
    pub fn dealt(&self, fault: Fault) -> u64 {
        self.faults.get(fault as usize).copied().unwrap_or(0)
    }

    /// How often a branch was taken.
    #[must_use]
    pub fn taken(&self, branch: Branch) -> u64 {
        self.branches.get(branch as usize).copied().unwrap_or(0)
    }

    /// Adds what another world met.
    pub fn add(&mut self, other: &Self) {
        let pairs = self.faults.iter_mut().zip(&other.faults);
        for (ours, theirs) in pairs.chain(self.branches.iter_mut().zip(&other.branches)) {
            *ours += theirs;
        }
    }

    /// Every name with its count: faults, then branches.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let faults = Fault::ALL.iter().map(|fault| fault.as_str());
        let branches = Branch::ALL.iter().map(|branch| branch.as_str());
        let counts = self.faults.iter().chain(&self.branches).copied();
        faults.chain(branches).zip(counts)
    }

    /// What was met less often than `least`.
    #[must_use]
    pub fn missing(&self, least: u64) -> Vec<&'static str> {
        let rare = self.rows().filter(|(_, count)| *count < least);
        rare.map(|(name, _)| name).collect()
    }
}
