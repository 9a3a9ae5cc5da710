//! Points in the code at which a test cuts a process off, as `kill -9` would.
//!
//! ```text
//!   here(Append) ─► sent(AppendSent, session.append(…)) ─► here(Appended)
//!        │                       │                              │
//!   nothing was sent     it went out; no answer       answered; nobody knows it yet
//! ```
//!
//! **Shape.** Code names its [`Point`]s by [`here`] and [`sent`]. Without the feature
//! `crash-points` both are nothing. With it they look for the `Process` that the thread belongs to,
//! which exists in tests alone: it counts, and at the hit that it is armed for it ends.
//!
//! **Correctness.** A `Process` is a runtime of one thread that looks for its end after each poll of
//! a task. So what is cut at [`here`] does no further step anywhere in it. What is cut at [`sent`]
//! only gets the turns in which what was handed to the sockets goes out; every other point holds up
//! whoever comes there. Then all is dropped, at once or frozen for a while: connections close, nothing
//! is cleaned up by awaiting.
//!
//! Why not the crate `fail`: its points panic, return or call back at once, its registry is one for
//! the whole program, and its names are open. Here several processes live and die side by side in one
//! test, a future stops where it is, and the [list](Point::ALL) is closed, so that a test can say
//! which points nothing reached.

mod point;
#[cfg(feature = "crash-points")]
mod process;
#[cfg(test)]
mod tests;

pub use point::Point;
#[cfg(feature = "crash-points")]
pub use process::{Cut, Ended, Process, here, sent};

/// A point between two steps: what comes before it is done, what comes after it is not begun.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub fn here(_point: Point) -> impl Future<Output = ()> {
    core::future::ready(())
}

/// A point within a step: what `sending` sends is on its way, its answer is not read.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub fn sent<F: Future>(_point: Point, sending: F) -> F {
    sending
}
