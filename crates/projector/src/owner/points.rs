//! Where an owner may be cut off in tests: before and after each action.

use writ_crash::Point;

use super::machine::{Action, Statement};

/// The points around an action; none where nothing happens in between that matters. The log has
/// points of its own.
pub(super) fn around(action: &Action) -> Option<(Point, Point)> {
    match action {
        Action::Open => Some((Point::OwnerOpen, Point::OwnerOpened)),
        Action::Tell(_) => Some((Point::OwnerTell, Point::OwnerTold)),
        Action::Store(statement) => Some(around_statement(statement)),
        Action::Log(_) | Action::Wait(_) | Action::Rest(_) | Action::Stand | Action::End => None,
    }
}

fn around_statement(statement: &Statement) -> (Point, Point) {
    match statement {
        Statement::Claim => (Point::OwnerClaim, Point::OwnerClaimed),
        Statement::AskHalted => (Point::OwnerAskHalted, Point::OwnerAskedHalted),
        Statement::Recover(_) => (Point::OwnerRecover, Point::OwnerRecovered),
        Statement::Begin(..) => (Point::OwnerBegin, Point::OwnerBegun),
        Statement::Heads(_) => (Point::OwnerHeads, Point::OwnerHeadsLearned),
        Statement::Load(_) => (Point::OwnerLoad, Point::OwnerLoaded),
        Statement::Commit(_) => (Point::OwnerCommit, Point::OwnerCommitted),
        Statement::Rollback => (Point::OwnerRollback, Point::OwnerRolledBack),
        Statement::Renew(_) => (Point::OwnerRenew, Point::OwnerRenewed),
        Statement::Release(_) => (Point::OwnerRelease, Point::OwnerReleased),
        Statement::Halt(..) => (Point::OwnerHalt, Point::OwnerHalted),
    }
}
