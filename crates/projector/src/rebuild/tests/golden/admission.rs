//! What comes before the rules, at its very bounds: deadlines, cancels, idempotency keys, beliefs.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use writ_domain::{
    Actor, Command, CommandId, Expected, GenericUuid as _, Idempotency, Partition, Realm, Settings,
    Stamp, Submission, TenantId, TenantSeq,
};

use super::super::dice::TENANTS;
use super::fragment::Fragment;
use super::made::Logs;

const REALM: Realm = Realm::Auth0;
const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);
const WEEK: TimeDelta = TimeDelta::days(7);

/// Each tenant asks for the same, so that every partition has some of it.
pub(super) fn fragment() -> Fragment {
    let mut log = Logs::empty();
    for (number, tenant) in (1..).zip(TENANTS) {
        let tenant = TenantId::try_new(tenant).unwrap();
        let partition = log.partition_of(&tenant);
        let mut script = Script {
            log: &mut log,
            tenant,
            partition,
            number,
            minted: 0,
            entries: 0,
        };
        script.make_nouns();
        script.deadlines();
        script.cancels();
        script.keys();
        script.beliefs();
    }
    log.decided()
}

/// One tenant's questions, one after the other.
#[derive(Debug)]
struct Script<'a> {
    log: &'a mut Logs,
    tenant: TenantId,
    partition: Partition,
    /// Which of the tenants it is.
    number: u64,
    minted: u64,
    entries: u64,
}

impl Script<'_> {
    fn stamp(&mut self) -> Stamp {
        self.minted += 1;
        Stamp {
            command_id: CommandId::from_untyped_uuid(Uuid::from_u64_pair(self.number, self.minted)),
            tenant: self.tenant.clone(),
            actor: Actor {
                subject: "ann".to_owned(),
                ..Actor::default()
            },
            reason: None,
            ticket: None,
            request_id: None,
            not_after: None,
            idempotency: None,
            expected: None,
        }
    }

    fn keyed(&mut self, key: &str, fingerprint: u8) -> Stamp {
        let idempotency = Idempotency {
            key: key.to_owned(),
            fingerprint: [fingerprint; 32],
        };
        Stamp {
            idempotency: Some(idempotency),
            ..self.stamp()
        }
    }

    fn ask(&mut self, stamp: Stamp, command: Command) {
        self.entries += 1;
        self.log
            .append_submission(self.partition, &Submission { stamp, command });
    }

    /// Asks for a change that was never made.
    fn change(&mut self, stamp: Stamp) {
        let command = describe("role", self.entries);
        self.ask(stamp, command);
    }

    fn pass(&mut self, time: TimeDelta) {
        self.log.pass_by(self.partition, time);
    }

    /// The time that the next entry has.
    fn now(&self) -> DateTime<Utc> {
        self.log.latest(self.partition)
    }

    fn make_nouns(&mut self) {
        // No entry's time is before 1970.
        self.pass(TimeDelta::hours(2));
        let nouns = [
            Command::CreateRole {
                realm: REALM,
                id: "role".to_owned(),
                name: "role".to_owned(),
                description: None,
            },
            Command::CreateApi {
                realm: REALM,
                id: "api".to_owned(),
                identifier: "https://api".to_owned(),
                name: None,
                settings: Settings::new(),
                permissions: None,
            },
        ];
        for command in nouns {
            let stamp = self.stamp();
            self.ask(stamp, command);
        }
    }

    fn deadlines(&mut self) {
        for back in [TimeDelta::zero(), TimeDelta::hours(1)] {
            // The log's clock goes back; the time of entries does not.
            self.pass(-back);
            for left in [-MICROSECOND, TimeDelta::zero(), MICROSECOND] {
                let not_after = Some(self.now() + left);
                let stamp = self.stamp();
                self.change(Stamp { not_after, ..stamp });
            }
            self.pass(back + MICROSECOND);
        }
    }

    fn cancels(&mut self) {
        let cancel = |stamp: &Stamp| Command::CancelCommand {
            command: stamp.command_id,
        };
        let cancelled = self.keyed("cancelled", 1);
        for _ in 0..2 {
            let stamp = self.stamp();
            self.ask(stamp, cancel(&cancelled));
        }
        for _ in 0..2 {
            self.change(cancelled.clone());
        }
        let freed = self.keyed("cancelled", 1);
        self.change(freed.clone());
        let stamp = self.stamp();
        self.ask(stamp, cancel(&freed));
        let late = Stamp {
            not_after: Some(self.now() - MICROSECOND),
            ..self.stamp()
        };
        let stamp = self.stamp();
        self.ask(stamp, cancel(&late));
        self.change(late);
    }

    fn keys(&mut self) {
        let ages = [
            TimeDelta::zero(),
            MICROSECOND,
            WEEK - MICROSECOND,
            WEEK,
            WEEK + MICROSECOND,
            WEEK + TimeDelta::days(1),
        ];
        for (number, age) in ages.into_iter().enumerate() {
            for second in [1, 2] {
                let key = format!("key {number} {second}");
                for (age, fingerprint) in [(TimeDelta::zero(), 1), (age, second), (MICROSECOND, 1)]
                {
                    self.pass(age);
                    let stamp = self.keyed(&key, fingerprint);
                    self.change(stamp);
                }
            }
        }
        // Another caller's key is another key.
        let mut stamp = self.keyed("key 0 1", 1);
        stamp.actor.subject = "ben".to_owned();
        self.change(stamp);
        // What was refused keeps its key; what never ran frees it.
        for _ in 0..2 {
            let stamp = self.keyed("refused", 1);
            self.ask(stamp, describe("no role", 0));
        }
        let late = Stamp {
            not_after: Some(self.now() - MICROSECOND),
            ..self.keyed("late", 1)
        };
        self.change(late);
        let stamp = self.keyed("late", 1);
        self.change(stamp);
    }

    fn beliefs(&mut self) {
        let name = |entries| Command::UpdateApi {
            realm: REALM,
            api: "https://api".to_owned(),
            name: Some(format!("name {entries}")),
            settings: Vec::new(),
        };
        let kinds: [&dyn Fn(u64) -> Command; 2] = [&|entries| describe("role", entries), &name];
        for command in kinds {
            let stamp = self.stamp();
            self.ask(stamp, command(self.entries));
            let last = self.entries;
            self.believe(Expected::UnchangedSince(TenantSeq(last - 1)), command);
            self.believe(Expected::ChangedAt(TenantSeq(last - 1)), command);
            self.believe(Expected::ChangedAt(TenantSeq(last + 1)), command);
            // These hold, so that each is the last change then.
            self.believe(Expected::UnchangedSince(TenantSeq(last)), command);
            self.believe(Expected::ChangedAt(TenantSeq(self.entries)), command);
            self.believe(
                Expected::UnchangedSince(TenantSeq(self.entries + 1)),
                command,
            );
        }
        for expected in [
            Expected::UnchangedSince(TenantSeq(0)),
            Expected::ChangedAt(TenantSeq(0)),
            Expected::ChangedAt(TenantSeq(1)),
        ] {
            self.believe(expected, &|_| describe("no role", 0));
        }
    }

    fn believe(&mut self, expected: Expected, command: &dyn Fn(u64) -> Command) {
        let stamp = Stamp {
            expected: Some(expected),
            ..self.stamp()
        };
        self.ask(stamp, command(self.entries));
    }
}

fn describe(role: &str, number: u64) -> Command {
    Command::UpdateRole {
        realm: REALM,
        role: role.to_owned(),
        name: None,
        description: Some(format!("for {number}")),
    }
}

/// What this is there for comes about.
#[test]
fn the_bounds_of_admission_are_in_a_golden_log() {
    let fragment = fragment();
    let told = |what: &str| {
        let what = format!(r#""type":"{what}""#);
        let lines = fragment.lines.iter();
        let told = lines.filter(|line| line.outcome.contains(&what)).count();
        assert_eq!(told % TENANTS.len(), 0, "{what}");
        told / TENANTS.len()
    };
    let counts = [
        "expired",
        "Cancelled",
        "AlreadyDecided",
        "duplicate",
        "IdempotencyKeyReused",
        "Stale",
    ];
    assert_eq!(counts.map(told), [4, 1, 1, 14, 6, 7]);
}
