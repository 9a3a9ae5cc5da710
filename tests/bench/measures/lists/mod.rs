//! Lists of grants, whole and compared line by line.

mod roles;
mod users;

use super::ground::Ground;

pub(crate) async fn run(ground: &mut Ground<'_>) {
    roles::run(ground).await;
    users::run(ground).await;
}

/// Whether a list, sorted, is the oracle's.
fn same<T: Ord>(of: &str, mut shown: Vec<T>, mut expected: Vec<T>) -> Result<(), String> {
    shown.sort();
    expected.sort();
    if shown == expected {
        return Ok(());
    }
    let (shown, expected) = (shown.len(), expected.len());
    Err(format!("{of}: {shown} lines, other than the {expected}"))
}
