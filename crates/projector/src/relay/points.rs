//! Where a relay may be cut off in tests: before and after each action.

use writ_crash::Point;

use super::machine::Action;

/// The points around an action; none where nothing happens in between.
pub(super) fn around(action: &Action) -> Option<(Point, Point)> {
    Some(match action {
        Action::LoadCursor => (Point::RelayLoad, Point::RelayLoaded),
        Action::Bounds => (Point::RelayBounds, Point::RelayBoundsAnswered),
        Action::Read(_) => (Point::RelayRead, Point::RelayHasRead),
        Action::Follow(_) | Action::More => (Point::RelayFollow, Point::RelayFollowed),
        Action::Look(_) => (Point::RelayLook, Point::RelayLooked),
        Action::Scan { .. } => (Point::RelayScan, Point::RelayScanned),
        Action::Keep(_) => (Point::RelayKeep, Point::RelayKept),
        Action::Append(_) => (Point::RelayAppend, Point::RelayAppended),
        Action::Rest(_) | Action::Left => return None,
    })
}
