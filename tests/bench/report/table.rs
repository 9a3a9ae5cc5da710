//! Lines of the table.

use super::{HistoryRow, HistorySide, Pace, RebuildRow, Row, WorldRow};

pub(super) fn head() -> String {
    format!(
        "\n{:<8} {:<5} {:<31} {:>9} {:>5} {:>9} {:>8} {:>8} {:>8} {:>8}  {:>24} {:>6} {:>7} {:>7}  {:>8} {:>6} {:>6}\n",
        "log",
        "world",
        "measure",
        "loop",
        "conns",
        "calls/s",
        "p50 ms",
        "p90",
        "p99",
        "max",
        "CPU ms/call srv+pg+kafka",
        "client",
        "others",
        "RSS MiB",
        "pgbench",
        "ratio",
        "faults"
    )
}

pub(super) fn row(row: &Row) -> String {
    let pace = pace(row.pace);
    let latency = row.latency.map_or_else(
        || format!("{:>8} {:>8} {:>8} {:>8}", "-", "-", "-", "-"),
        |of| {
            format!(
                "{:>8.2} {:>8.2} {:>8.2} {:>8.2}",
                of.p50_ms, of.p90_ms, of.p99_ms, of.max_ms
            )
        },
    );
    let usage = row.usage;
    let cpu = format!(
        "{:.3}+{:.3}+{:.3}",
        usage.server_ms, usage.postgres_ms, usage.kafka_ms
    );
    let memory = row
        .memory
        .map_or_else(|| "-".to_owned(), |of| format!("{:.0}", of.resident_mib));
    let baseline = row
        .pgbench
        .map_or_else(|| "-".to_owned(), |of| format!("{:.0}", of.per_second));
    let ratio = row
        .of_pgbench
        .map_or_else(|| "-".to_owned(), |of| format!("{of:.3}"));
    let line = format!(
        "{:<8} {:<5} {:<31} {:>9} {:>5} {:>9.0} {}  {:>24} {:>6.3} {:>7.2} {:>7}  {:>8} {:>6} {:>6}\n",
        row.log.name(),
        row.world,
        row.measure,
        pace,
        row.connections,
        row.per_second,
        latency,
        cpu,
        usage.client_ms,
        usage.others_cores + usage.stolen_cores,
        memory,
        baseline,
        ratio,
        row.faults
    );
    line + &told(row)
}

pub(super) fn pace(pace: Pace) -> String {
    match pace {
        Pace::Closed => "closed".to_owned(),
        Pace::Open(rate) => format!("{rate}/s"),
        Pace::Singles => "singles".to_owned(),
    }
}

pub(super) fn told(row: &Row) -> String {
    faults(&row.told)
}

fn faults(told: &[String]) -> String {
    let lines = told.iter().map(|fault| format!("    {fault}\n"));
    lines.collect()
}

pub(super) fn history(row: &HistoryRow) -> String {
    let side = |side: &HistorySide| {
        format!(
            "among {} p50 {:.3} ms, p99 {:.3} ms, {} pages",
            side.entries, side.latency.p50_ms, side.latency.p99_ms, side.pages
        )
    };
    let line = format!(
        "{:<8} history of one subject, {} of its {} entries a page: {}; {}; medians 1 : {:.2}; {} faults\n",
        row.log.name(),
        row.per_page,
        row.of_subject,
        side(&row.few),
        side(&row.many),
        row.ratio_of_medians,
        row.faults
    );
    line + &faults(&row.told)
}

pub(super) fn world(world: &WorldRow) -> String {
    let mib = |bytes: i64| bytes / (1 << 20);
    format!(
        "{} {}: {} edges in {} requests and {:.1} s; database {} MiB, empty {} MiB; \
         idle, in cores: server {:.3}, Postgres {:.3}, Kafka {:.3}\n",
        world.log.name(),
        world.world,
        world.edges,
        world.requests,
        world.load_seconds,
        mib(world.database_bytes),
        mib(world.empty_database_bytes),
        world.idle_cores.server,
        world.idle_cores.postgres,
        world.idle_cores.kafka,
    )
}

pub(super) fn left_out(what: &str) -> String {
    format!("left out: {what}\n")
}

pub(super) fn rebuild(row: &RebuildRow) -> String {
    format!(
        "{:<8} {:<5} {:<31} {} entries in {:.1} s: {:.0}/s, {}\n",
        row.log.name(),
        row.world,
        row.measure,
        row.entries,
        row.seconds,
        row.per_second,
        if row.faults == 0 {
            "equal"
        } else {
            "NOT EQUAL"
        }
    )
}

pub(super) fn verdict(faults: u64, left_out: usize) -> String {
    let told = match faults {
        0 => "No answer was wrong.\n".to_owned(),
        many => format!("{many} ANSWERS WERE WRONG OR DID NOT COME.\n"),
    };
    match left_out {
        0 => told,
        many => told + &format!("{many} MEASURES WERE LEFT OUT.\n"),
    }
}
