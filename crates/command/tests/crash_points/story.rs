//! Which lives a ledger goes through before something can happen at a point.

use writ_crash::Point;

/// What a life is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Clients ask until all is answered and told; then it is stopped in good order.
    Works,
    /// The same, and it holds its leases for a while.
    Rests,
    /// The same as the first, and then it is killed.
    Killed,
    /// Its clock is wrong by minutes, so that it halts at what clients ask.
    Halts,
    /// It finds that no range of entries is made ahead.
    Extends,
    /// It finds partitions that are halted, and nothing that is not decided.
    Recovers,
}

/// Every kind at least once, in an order in which every point is reached.
pub(crate) const WHOLE: &[Kind] = &[
    Kind::Rests,
    Kind::Killed,
    Kind::Works,
    Kind::Extends,
    Kind::Halts,
    Kind::Works,
    Kind::Recovers,
];

/// The lives after which, at the latest, a process has come to this point; on any ledger.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a point where nothing comes by is told by the test"
)]
pub(crate) fn until(point: Point) -> &'static [Kind] {
    match point {
        Point::OwnerRenew | Point::OwnerRenewSent | Point::OwnerRenewed => &[Kind::Rests],
        Point::OwnerHalt
        | Point::OwnerHaltSent
        | Point::OwnerHalted
        | Point::OwnerRollback
        | Point::OwnerRollbackSent
        | Point::OwnerRolledBack => &[Kind::Halts],
        Point::OwnerRecover | Point::OwnerRecoverSent | Point::OwnerRecovered => {
            &[Kind::Works, Kind::Recovers]
        }
        // What was kept lies behind the topic's end.
        Point::RelayFollow | Point::RelayFollowed => &[Kind::Works, Kind::Killed, Kind::Works],
        // The topic tells something; what was decided before is not known any more, and dies.
        Point::RelayLook
        | Point::RelayLooked
        | Point::OwnerLoad
        | Point::OwnerLoadSent
        | Point::OwnerLoaded
        | Point::UpkeepSweep
        | Point::UpkeepDeleted
        | Point::UpkeepCommitSent
        | Point::UpkeepSwept => &[Kind::Works, Kind::Works],
        Point::UpkeepExtend | Point::UpkeepExtendSent | Point::UpkeepExtended => &[Kind::Extends],
        _ => &[Kind::Works],
    }
}

/// Whether a cut here may leave something committed of which nobody was told.
pub(crate) fn commits(point: Point) -> bool {
    matches!(
        point,
        Point::OwnerCommitSent | Point::OwnerCommitted | Point::OwnerTell
    )
}

/// How often a point is hit in its life, at least; on a ledger with one partition.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a point that is missed is told by the test"
)]
pub(crate) fn often(point: Point) -> u32 {
    match point {
        Point::OwnerWriteSent => 20,
        Point::CommandEntered
        | Point::CommandAppended
        | Point::CommandDecided
        | Point::CommandAnswer
        | Point::LogQueue
        | Point::LogQueued => 8,
        Point::LogAppend
        | Point::LogAppendSent
        | Point::LogAppended
        | Point::LogRaised
        | Point::LogAcknowledged
        | Point::LogFetch
        | Point::LogFetchSent
        | Point::LogFetched
        | Point::OwnerBegin
        | Point::OwnerBeginSent
        | Point::OwnerLockSent
        | Point::OwnerBegun
        | Point::OwnerCommit
        | Point::OwnerAdvanceSent
        | Point::OwnerCommitSent
        | Point::OwnerCommitted
        | Point::OwnerTell
        | Point::OwnerTold
        | Point::RelayScan
        | Point::RelayScanned => 3,
        _ => 1,
    }
}
