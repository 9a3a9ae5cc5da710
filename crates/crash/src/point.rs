//! The closed list of points.

macro_rules! points {
    ($($(#[doc = $about:literal])+ $point:ident = $name:literal,)+) => {
        /// Where a process may be cut off.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Point {
            $($(#[doc = $about])+ $point,)+
        }

        impl Point {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$point,)+];

            /// Its name, for people and files.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$point => $name,)+
                }
            }
        }
    };
}

points! {
    // The log in Postgres.
    /// An append is about to be queued.
    LogQueue = "log.queue",
    /// It is queued, and its answer is waited for.
    LogQueued = "log.queued",
    /// The appender is about to connect.
    LogConnect = "log.connect",
    /// It is connected.
    LogConnected = "log.connected",
    /// A group is about to be appended.
    LogAppend = "log.append",
    /// The statement is on its way.
    LogAppendSent = "log.append.sent",
    /// The group is in the log. Nobody was told.
    LogAppended = "log.appended",
    /// Tails here were told, callers were not.
    LogRaised = "log.raised",
    /// Callers were told.
    LogAcknowledged = "log.acknowledged",
    /// A tail is about to be opened.
    LogTail = "log.tail",
    /// It is open.
    LogTailOpened = "log.tail.opened",
    /// Records are about to be fetched.
    LogFetch = "log.fetch",
    /// The statement is on its way.
    LogFetchSent = "log.fetch.sent",
    /// They are here. Nobody has them yet.
    LogFetched = "log.fetched",
    /// The bounds are about to be asked for.
    LogBounds = "log.bounds",
    /// They are here.
    LogBoundsAnswered = "log.bounds.answered",

    // The owner of a partition.
    /// It is about to connect.
    OwnerOpen = "owner.open",
    /// It is connected.
    OwnerOpened = "owner.opened",
    /// It is about to claim.
    OwnerClaim = "owner.claim",
    /// The claim is on its way.
    OwnerClaimSent = "owner.claim.sent",
    /// The claim is answered.
    OwnerClaimed = "owner.claimed",
    /// It is about to ask whether the last owner halted.
    OwnerAskHalted = "owner.ask-halted",
    /// That is answered.
    OwnerAskedHalted = "owner.asked-halted",
    /// It is about to take back a halt.
    OwnerRecover = "owner.recover",
    /// That is on its way.
    OwnerRecoverSent = "owner.recover.sent",
    /// That is done.
    OwnerRecovered = "owner.recovered",
    /// A batch is about to begin.
    OwnerBegin = "owner.begin",
    /// `BEGIN` is on its way.
    OwnerBeginSent = "owner.begin.sent",
    /// The lock of the cursor as well.
    OwnerLockSent = "owner.lock.sent",
    /// What is loaded with it as well.
    OwnerBeginLoadSent = "owner.begin-load.sent",
    /// The transaction holds the cursor's lock.
    OwnerBegun = "owner.begun",
    /// It is about to ask where tenants stand.
    OwnerHeads = "owner.heads",
    /// That is on its way.
    OwnerHeadsSent = "owner.heads.sent",
    /// That is answered.
    OwnerHeadsLearned = "owner.heads.learned",
    /// More is about to be loaded.
    OwnerLoad = "owner.load",
    /// That is on its way.
    OwnerLoadSent = "owner.load.sent",
    /// It is loaded.
    OwnerLoaded = "owner.loaded",
    /// A batch is decided and about to be committed.
    OwnerCommit = "owner.commit",
    /// A statement that writes is on its way; those after it, and `COMMIT`, are not.
    OwnerWriteSent = "owner.write.sent",
    /// The statement that moves the cursor is on its way, `COMMIT` is not.
    OwnerAdvanceSent = "owner.advance.sent",
    /// `COMMIT` is on its way.
    OwnerCommitSent = "owner.commit.sent",
    /// The commit is known.
    OwnerCommitted = "owner.committed",
    /// A transaction is about to be rolled back.
    OwnerRollback = "owner.rollback",
    /// `ROLLBACK` is on its way.
    OwnerRollbackSent = "owner.rollback.sent",
    /// It is rolled back.
    OwnerRolledBack = "owner.rolled-back",
    /// Entries are about to be told.
    OwnerTell = "owner.tell",
    /// They were told.
    OwnerTold = "owner.told",
    /// The lease is about to be renewed.
    OwnerRenew = "owner.renew",
    /// That is on its way.
    OwnerRenewSent = "owner.renew.sent",
    /// It is renewed.
    OwnerRenewed = "owner.renewed",
    /// The lease is about to be given back.
    OwnerRelease = "owner.release",
    /// That is on its way.
    OwnerReleaseSent = "owner.release.sent",
    /// It is given back.
    OwnerReleased = "owner.released",
    /// A halt is about to be written down.
    OwnerHalt = "owner.halt",
    /// That is on its way.
    OwnerHaltSent = "owner.halt.sent",
    /// It is written down.
    OwnerHalted = "owner.halted",

    // Upkeep of the tables.
    /// A range of entries is about to be made ahead.
    UpkeepExtend = "upkeep.extend",
    /// That is on its way.
    UpkeepExtendSent = "upkeep.extend.sent",
    /// It is made.
    UpkeepExtended = "upkeep.extended",
    /// What rests on a dead noun is about to be deleted.
    UpkeepSweep = "upkeep.sweep",
    /// It is deleted, in a transaction.
    UpkeepDeleted = "upkeep.deleted",
    /// Its `COMMIT` is on its way.
    UpkeepCommitSent = "upkeep.commit.sent",
    /// It is committed.
    UpkeepSwept = "upkeep.swept",

    // Sharing partitions out.
    /// A process is about to say that it lives.
    MemberTell = "member.tell",
    /// That is on its way.
    MemberTellSent = "member.tell.sent",
    /// It was told how many do.
    MemberTold = "member.told",
    /// A process is about to say that it ends.
    MemberLeave = "member.leave",
    /// That is on its way.
    MemberLeaveSent = "member.leave.sent",
    /// That is known.
    MemberLeft = "member.left",

    // Submitting a command.
    /// It is waited for, and nothing was appended.
    CommandEntered = "command.entered",
    /// The log has it. Nobody was told.
    CommandAppended = "command.appended",
    /// Its entry is here.
    CommandDecided = "command.decided",
    /// It is a duplicate, and the first one is about to be read.
    CommandResolve = "command.resolve",
    /// The first one is read.
    CommandResolved = "command.resolved",
    /// It is about to be answered.
    CommandAnswer = "command.answer",
    /// Outcomes are about to be looked for.
    CommandLook = "command.look",
    /// They were looked for, and handed on.
    CommandLooked = "command.looked",
    /// Halts are about to be asked for.
    CommandHalts = "command.halts",
    /// They are known.
    CommandHaltsLearned = "command.halts.learned",

    // Telling changes.
    /// What was kept is about to be asked for.
    RelayLoad = "relay.load",
    /// That is answered.
    RelayLoaded = "relay.loaded",
    /// The topic's bounds are about to be asked for.
    RelayBounds = "relay.bounds",
    /// That is answered.
    RelayBoundsAnswered = "relay.bounds.answered",
    /// A message of the topic is about to be read.
    RelayRead = "relay.read",
    /// It is read.
    RelayHasRead = "relay.has-read",
    /// The topic is about to be read on.
    RelayFollow = "relay.follow",
    /// It was.
    RelayFollowed = "relay.followed",
    /// The entry that was told last is about to be looked for.
    RelayLook = "relay.look",
    /// It was.
    RelayLooked = "relay.looked",
    /// Entries are about to be read.
    RelayScan = "relay.scan",
    /// They are read.
    RelayScanned = "relay.scanned",
    /// Messages are about to be appended.
    RelayAppend = "relay.append",
    /// They are on their way, and the topic may have them.
    RelayAppendSent = "relay.append.sent",
    /// The topic has them.
    RelayAppended = "relay.appended",
    /// How far it is told is about to be kept.
    RelayKeep = "relay.keep",
    /// That is on its way.
    RelayKeepSent = "relay.keep.sent",
    /// It is kept.
    RelayKept = "relay.kept",
}

impl Point {
    /// Whether something is on its way there, and its answer is not read.
    #[must_use]
    pub fn is_within(self) -> bool {
        self.name()
            .rsplit_once('.')
            .is_some_and(|(_, last)| last == "sent")
    }
}

impl core::fmt::Display for Point {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}
