//! Ports for what is killed and started again in the same place.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// Below those that the system gives to outgoing connections, so that none of them takes it while
/// nobody listens there.
const FIRST: u16 = 30_000;
const COUNT: u32 = 2_500;

/// A port that nobody has now, and that is given to nobody else in this process.
pub(crate) fn free() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Tests run side by side, a process each: they begin at different places.
    let begin = std::process::id().wrapping_mul(37) % COUNT;
    std::iter::from_fn(|| Some(NEXT.fetch_add(1, Ordering::Relaxed)))
        .take(usize::try_from(COUNT).expect("few"))
        .filter_map(|step| u16::try_from((begin + step) % COUNT).ok())
        .map(|offset| FIRST + offset)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("a free port")
}
