//! Who used the processors, and how much memory: read from `/proc`.
//!
//! Where there is no `/proc` (not Linux), or a process cannot be read, there are no figures.

use std::fs;
use std::time::Duration;

use serde::Serialize;

/// `USER_HZ`, which Linux fixes for all that read `/proc`.
const TICKS_PER_SECOND: u64 = 100;

/// The processes whose use is told apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Processes {
    pub(crate) server: u32,
    /// With all backends, its children.
    pub(crate) postmaster: Option<u32>,
    pub(crate) kafka: Option<u32>,
}

/// CPU time that was used up to a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    server: Ticks,
    postgres: Ticks,
    kafka: Ticks,
    client: Ticks,
    /// All of the machine, the four above included.
    busy: Ticks,
    /// What the host of this virtual machine gave to others.
    stolen: Ticks,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Ticks(u64);

/// CPU time of a span, in cores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Cores {
    pub(crate) server: f64,
    pub(crate) postgres: f64,
    pub(crate) kafka: f64,
}

/// CPU time of a span.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Usage {
    /// Per call.
    pub(crate) server_ms: f64,
    /// Per call.
    pub(crate) postgres_ms: f64,
    /// Per call.
    pub(crate) kafka_ms: f64,
    /// Per call.
    pub(crate) client_ms: f64,
    /// In cores, over the span: what had nothing to do with this, and disturbed it.
    pub(crate) others_cores: f64,
    pub(crate) stolen_cores: f64,
}

impl Processes {
    pub(crate) fn read(&self) -> Reading {
        let of = |id: Option<u32>| id.and_then(own).unwrap_or_default();
        let (busy, stolen) = machine().unwrap_or_default();
        Reading {
            server: of(Some(self.server)),
            postgres: self.postmaster.map(with_children).unwrap_or_default(),
            kafka: of(self.kafka),
            client: of(Some(std::process::id())),
            busy,
            stolen,
        }
    }

    /// Resident memory of the server, now and at its most, in MiB.
    pub(crate) fn server_memory(&self) -> Option<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.server)).ok()?;
        let kib = |name: &str| -> Option<f64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let digits = line.trim_start_matches(':').trim().strip_suffix(" kB")?;
            digits.parse().ok()
        };
        Some(Memory {
            resident_mib: kib("VmRSS")? / 1_024.0,
            peak_mib: kib("VmHWM")? / 1_024.0,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Memory {
    pub(crate) resident_mib: f64,
    pub(crate) peak_mib: f64,
}

impl Reading {
    /// What was used until `later`.
    pub(crate) fn cores_until(&self, later: &Self, span: Duration) -> Cores {
        let cores = |from: Ticks, to: Ticks| from.until(to).as_secs_f64() / span.as_secs_f64();
        Cores {
            server: cores(self.server, later.server),
            postgres: cores(self.postgres, later.postgres),
            kafka: cores(self.kafka, later.kafka),
        }
    }

    /// What was used until `later`, in which `calls` were answered.
    pub(crate) fn until(&self, later: &Self, span: Duration, calls: u64) -> Usage {
        let calls = f64::from(u32::try_from(calls.max(1)).unwrap_or(u32::MAX));
        let per_call = |from: Ticks, to: Ticks| from.until(to).as_secs_f64() * 1_000.0 / calls;
        let named = |reading: &Self| {
            Ticks(reading.server.0 + reading.postgres.0 + reading.kafka.0 + reading.client.0)
        };
        let others = self
            .busy
            .until(later.busy)
            .saturating_sub(named(self).until(named(later)));
        let cores = |time: Duration| time.as_secs_f64() / span.as_secs_f64();
        Usage {
            server_ms: per_call(self.server, later.server),
            postgres_ms: per_call(self.postgres, later.postgres),
            kafka_ms: per_call(self.kafka, later.kafka),
            client_ms: per_call(self.client, later.client),
            others_cores: cores(others),
            stolen_cores: cores(self.stolen.until(later.stolen)),
        }
    }
}

impl Ticks {
    fn until(self, later: Self) -> Duration {
        Duration::from_millis(later.0.saturating_sub(self.0) * 1_000 / TICKS_PER_SECOND)
    }
}

/// A process's parent.
pub(crate) fn parent_of(id: u32) -> Option<u32> {
    u32::try_from(stat(id)?.parent).ok()
}

struct Stat {
    parent: u64,
    own: u64,
    /// Of children that have ended.
    ended: u64,
}

fn stat(id: u32) -> Option<Stat> {
    parse_stat(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
}

fn parse_stat(text: &str) -> Option<Stat> {
    // The name of the program, in parentheses, may hold anything.
    let (_, fields) = text.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Stat {
        parent: number(1)?,
        own: number(11)? + number(12)?,
        ended: number(13)? + number(14)?,
    })
}

fn own(id: u32) -> Option<Ticks> {
    Some(Ticks(stat(id)?.own))
}

fn with_children(id: u32) -> Ticks {
    let mut sum = stat(id).map_or(0, |stat| stat.own + stat.ended);
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let child = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        if let Some(stat) = child.and_then(stat)
            && stat.parent == u64::from(id)
        {
            sum += stat.own;
        }
    }
    Ticks(sum)
}

/// Busy and stolen time of all processors.
fn machine() -> Option<(Ticks, Ticks)> {
    parse_machine(&fs::read_to_string("/proc/stat").ok()?)
}

fn parse_machine(text: &str) -> Option<(Ticks, Ticks)> {
    let line = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let fields: Vec<u64> = line
        .split_whitespace()
        .map_while(|field| field.parse().ok())
        .collect();
    let [user, nice, system, _idle, _iowait, irq, softirq, stolen, ..] = fields[..] else {
        return None;
    };
    Some((Ticks(user + nice + system + irq + softirq), Ticks(stolen)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_name() {
        let text = "42 (a (b) c) S 7 42 42 0 -1 4194560 1 2 3 4 150 50 30 20 20 0 9 0 1 2 3";
        let stat = parse_stat(text).unwrap();
        assert_eq!((stat.parent, stat.own, stat.ended), (7, 200, 50));
    }

    #[test]
    fn what_others_used_is_what_nobody_here_did() {
        let (busy, stolen) =
            parse_machine("cpu  100 1 20 900 5 3 6 7 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n").unwrap();
        assert_eq!((busy, stolen), (Ticks(130), Ticks(7)));
        let before = Reading::default();
        let after = Reading {
            server: Ticks(100),
            postgres: Ticks(60),
            kafka: Ticks(0),
            client: Ticks(20),
            busy: Ticks(380),
            stolen: Ticks(10),
        };
        let usage = before.until(&after, Duration::from_secs(2), 1_000);
        assert!((usage.server_ms - 1.0).abs() < 1e-9);
        assert!((usage.postgres_ms - 0.6).abs() < 1e-9);
        assert!((usage.client_ms - 0.2).abs() < 1e-9);
        assert!((usage.others_cores - 1.0).abs() < 1e-9);
        assert!((usage.stolen_cores - 0.05).abs() < 1e-9);
    }
}
