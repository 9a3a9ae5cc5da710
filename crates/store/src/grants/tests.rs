//! What a check as of an entry reads, however often what it asks about changed.

use tokio_postgres::SimpleQueryMessage;

use super::check;
use crate::entries::statement::Statement;
use crate::entries::tests::ledger::Ledger;

/// One user, linked with another, of one role, one group: and each edge and row of it comes and
/// goes, one after the other, `$1` times; a revoke is there of which only the newest stays.
const CHURN: &str = "
WITH n AS MATERIALIZED (
    SELECT n, 100 + 2 * n AS f, CASE WHEN n < $1 THEN 101 + 2 * n END AS t FROM generate_series(1, $1) AS n
),
u AS (
    INSERT INTO users_history VALUES
        ('default', 10 << 20, 10, NULL, 1, 'ann', '{}'), ('default', 11 << 20, 11, NULL, 3, 'ben', '{}')
),
a AS (INSERT INTO namespaces_history VALUES ('default', 12 << 20, 12, NULL, 1, 'api', 'api', NULL, '{}', false, true)),
p AS (INSERT INTO permissions_history VALUES ('default', 13 << 20, 13, NULL, 12 << 20, 'read', NULL, 0, NULL, NULL)),
r AS (INSERT INTO roles_history VALUES ('default', 14 << 20, 14, NULL, 1, 'role', 'role', NULL, NULL, false, true, NULL)),
g AS (INSERT INTO groups_history VALUES ('default', 15 << 20, 15, NULL, 3, 'group', NULL, NULL)),
ur AS (INSERT INTO user_roles_history SELECT 'default', 10 << 20, 14 << 20, f, t FROM n),
rp AS (INSERT INTO role_permissions_history SELECT 'default', 14 << 20, 13 << 20, f, t FROM n),
gm AS (INSERT INTO group_members_history SELECT 'default', 11 << 20, 15 << 20, f, t FROM n),
l1 AS (INSERT INTO linked_subjects_history SELECT 'default', f << 20, f, t, 1, 1, 'ann' FROM n),
l2 AS (INSERT INTO linked_subjects_history SELECT 'default', (f << 20) + 1, f, t, 1, 3, 'ben' FROM n),
a1 AS (
    INSERT INTO authorizations_history
    SELECT 'default', (f << 20) + 2, f, t, 'a' || n, 1, NULL, 'group', 6, 'x', 2 FROM n
),
a2 AS (
    INSERT INTO authorizations_history
    SELECT 'default', (f << 20) + 3, f, t, 'b' || n, 2, NULL, 'group', 6, 'y', 0 FROM n
),
a3 AS (
    INSERT INTO authorizations_history
    SELECT 'default', 16 << 20, f, coalesce(t, 101 + 2 * n), 'c', 2, 'ben', NULL, 6, 'x', 0 FROM n
)
INSERT INTO authorizations_history VALUES
    ('default', 17 << 20, 17, NULL, 'd', 0, '*', NULL, 6, 'x', 0);
INSERT INTO entry_position
SELECT 'default', s, 0, s, '2026-01-01' FROM generate_series(1, 102 + 2 * $1) AS s";

async fn pages_read(times: u32, statement: Statement, question: &str) -> u64 {
    let ledger = Ledger::new().await;
    let client = ledger.store.client().await.unwrap();
    let churn = CHURN.replace("$1", &times.to_string());
    client.batch_execute(&churn).await.unwrap();
    let sql = statement.sql.trim_end().trim_end_matches(';');
    let at = 100 + 2 * u64::from(times);
    client.simple_query("VACUUM ANALYZE").await.unwrap();
    let settings = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;
                    SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_memoize = off;
                    SET jit = off";
    client.batch_execute(settings).await.unwrap();
    let asked = format!("EXECUTE asked ('default', {question}, 3, '{{1,3}}', {at})");
    let explain = format!("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, COSTS OFF) {asked}");
    let mut plan = Vec::new();
    for part in [format!("PREPARE asked AS {sql}"), asked, explain] {
        plan = client.simple_query(&part).await.unwrap();
    }
    let mut lines = Vec::new();
    for message in &plan {
        if let SimpleQueryMessage::Row(row) = message {
            lines.push(row.get(0).unwrap());
        }
    }
    let rows = lines.first().unwrap();
    assert!(
        rows.contains("rows=") && !rows.contains("rows=0"),
        "{lines:#?}"
    );
    // The first line that tells pages tells those of all.
    let told = lines.iter().find_map(|line| line.split_once("shared hit="));
    let (_, pages) = told.unwrap();
    pages.split(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_check_as_of_an_entry_reads_no_more_for_what_changed_more_often() {
    let by_edges =
        "'{0}', '{ann}', '{10}', '{10}', '{read}', '{api}', '{NULL}', '{NULL}', '{NULL}'";
    // There is a global row that may revoke, so revokes are looked for: the group has one.
    let authorized = "'{0}', '{ann}', '{10}', '{10}', '{READ}', '{x}', '{2}', '{6}', '{x}'";
    for (statement, question) in [
        (check::CHECK_AT, by_edges),
        (check::CHECK_AUTHORIZED_AT, by_edges),
        (check::CHECK_AUTHORIZED_AT, authorized),
    ] {
        let few = pages_read(4, statement, question).await;
        let many = pages_read(20_000, statement, question).await;
        // A larger index is one or two levels deeper.
        assert!(
            many <= 3 * few,
            "{}: {few} pages, then {many}",
            statement.name
        );
    }
}
