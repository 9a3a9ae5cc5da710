//! This release's fragments.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;
use writ_domain::testing::{self as commands, Names};
use writ_domain::{
    BucketMap, Command, CommandId, GenericUuid as _, Offset, Partition, Realm, Settings,
    Submission, TenantId,
};
use writ_envelope::restore::{Mark, Seal};
use writ_log::{Logged, Record};

use super::super::dice::{Dice, TENANTS};
use super::admission;
use super::fragment::{Folded, Fragment};

/// An odd number, so that tenants do not fall on them evenly.
const PARTITIONS: u16 = 3;
const FIRST: usize = 400;
const RESTORED: usize = 50;
/// Those of the dice's tenants that ask for most.
const TENANTS_OFTEN: usize = 4;
const NAMES: Names = Names {
    users: 3,
    roles: 3,
    apis: 2,
    permissions: 3,
    groups: 2,
    things: 2,
};

/// The fragments by their names.
pub(super) fn fragments() -> [(&'static str, Fragment); 3] {
    [
        ("first", first()),
        ("restored", restored()),
        ("admission", admission::fragment()),
    ]
}

/// A log from its genesis.
fn first() -> Fragment {
    let mut log = Logs::new(14);
    log.append_vectors();
    for count in 0..FIRST {
        log.append_any();
        // Right where it stands, though nothing was restored; and again, where it is wrong.
        if count == FIRST / 2 {
            for number in 0..PARTITIONS {
                let seal = log.seal(Partition(number));
                log.append(Partition(number), seal.clone());
                log.append(Partition(number), seal);
            }
        }
    }
    log.decided()
}

/// A log that was restored, went on, was restored again, and went on.
fn restored() -> Fragment {
    let mut log = Logs::new(12);
    for _ in 0..2 {
        for _ in 0..RESTORED {
            log.append_any();
        }
        log = log.restored();
    }
    for _ in 0..RESTORED {
        log.append_any();
    }
    log.decided()
}

#[derive(Debug)]
pub(super) struct Logs {
    dice: Dice,
    commands: commands::Dice,
    map: BucketMap,
    partitions: Vec<Vec<Logged>>,
    /// What the log's clock showed last; each partition has its own.
    times: Vec<DateTime<Utc>>,
}

impl Logs {
    fn new(seed: u64) -> Self {
        let mut log = Self {
            dice: Dice::new(seed),
            commands: commands::Dice(seed),
            ..Self::empty()
        };
        for tenant in &TENANTS[..TENANTS_OFTEN] {
            log.append_ground(tenant);
        }
        log
    }

    /// Nothing is in it.
    pub(super) fn empty() -> Self {
        let before_1970 = DateTime::from_timestamp_micros(-3_600_000_001).unwrap();
        Self {
            dice: Dice::new(0),
            commands: commands::Dice(0),
            map: BucketMap::try_new(PARTITIONS).unwrap(),
            partitions: vec![Vec::new(); usize::from(PARTITIONS)],
            times: vec![before_1970; usize::from(PARTITIONS)],
        }
    }

    pub(super) fn decided(&self) -> Fragment {
        Fragment::decided(&self.partitions)
    }

    pub(super) fn partition_of(&self, tenant: &TenantId) -> Partition {
        self.map.partition_of(tenant)
    }

    pub(super) fn append_submission(&mut self, partition: Partition, submission: &Submission) {
        self.append(partition, record_of(submission));
    }

    /// The clock of a partition goes on by so much, or back.
    pub(super) fn pass_by(&mut self, partition: Partition, time: TimeDelta) {
        self.times[usize::from(partition.0)] += time;
    }

    /// The latest that the clock of a partition has shown.
    pub(super) fn latest(&self, partition: Partition) -> DateTime<Utc> {
        let time = self.times[usize::from(partition.0)];
        let log = self.partitions[usize::from(partition.0)].iter();
        log.map(|logged| logged.time).fold(time, DateTime::max)
    }

    fn append(&mut self, partition: Partition, record: Record) {
        let log = &mut self.partitions[usize::from(partition.0)];
        log.push(Logged {
            offset: Offset(log.len() as u64),
            time: self.times[usize::from(partition.0)],
            record,
        });
    }

    /// Appends a record of any kind at an odd time.
    fn append_any(&mut self) {
        let mut submission = self.dice.submission(DateTime::UNIX_EPOCH);
        submission.stamp.tenant = self.tenant();
        if self.dice.one_in(2) {
            submission.command = self.commands.commands(NAMES);
        }
        let partition = self.map.partition_of(&submission.stamp.tenant);
        let clamped = self.pass(partition);
        self.limit(&mut submission, clamped);
        let mut record = record_of(&submission);
        self.spoil(partition, &mut record);
        self.append(partition, record);
    }

    /// A batch that makes a noun of each kind for a tenant.
    fn append_ground(&mut self, tenant: &str) {
        let mut submission = self.dice.submission(DateTime::UNIX_EPOCH);
        submission.stamp.tenant = TenantId::try_new(tenant).unwrap();
        submission.stamp.not_after = None;
        submission.stamp.expected = None;
        submission.command = Command::Batch(commands::Dice::ground(NAMES));
        let partition = self.map.partition_of(&submission.stamp.tenant);
        self.append(partition, record_of(&submission));
    }

    /// Every kind of command as the vectors have it, in an order in which most can be carried out.
    fn append_vectors(&mut self) {
        const ORDER: [&str; 13] = [
            "Configure",
            "Install",
            "Create",
            "Register",
            "Add",
            "Assign",
            "Link",
            "Grant",
            "Update",
            "Remove",
            "Revoke",
            "Unassign",
            "Delete",
        ];
        let mut commands: Vec<(usize, Submission)> = Vec::new();
        for (path, vector) in writ_envelope::vectors() {
            let Some(name) = path.strip_prefix("vectors/v1/command/") else {
                continue;
            };
            let vector: Value = serde_json::from_str(&vector).unwrap();
            let value = vector["record"]["value"].as_str().unwrap();
            let submission = writ_envelope::decode(value.as_bytes()).unwrap();
            let place = ORDER.iter().position(|verb| name.starts_with(verb));
            // What has no place of its own changes something that is there.
            commands.push((place.unwrap_or(8), submission));
        }
        commands.sort_by_key(|(place, _)| *place);
        let Some((_, last)) = commands.last().cloned() else {
            return;
        };
        let others = others().into_iter().map(|command| Submission {
            command,
            ..last.clone()
        });
        let all = commands.into_iter().map(|(_, submission)| submission);
        for mut submission in all.chain(others) {
            submission.stamp.command_id = CommandId::from_untyped_uuid(Uuid::from_u128(
                u128::from(self.dice.roll(u64::MAX)) << 64 | u128::from(self.dice.roll(u64::MAX)),
            ));
            let partition = self.map.partition_of(&submission.stamp.tenant);
            self.append(partition, record_of(&submission));
        }
    }

    /// Mostly one of few, so that commands meet.
    fn tenant(&mut self) -> TenantId {
        let few = if self.dice.one_in(15) {
            TENANTS.len()
        } else {
            TENANTS_OFTEN
        };
        let tenant = TENANTS[usize::try_from(self.dice.roll(few as u64)).unwrap()];
        TenantId::try_new(tenant).unwrap()
    }

    /// The clock of a partition goes on, mostly; the latest that it has shown.
    fn pass(&mut self, partition: Partition) -> DateTime<Utc> {
        let time = match self.dice.roll(24) {
            0 => TimeDelta::hours(-1),
            1 => TimeDelta::microseconds(-1),
            2 | 3 => TimeDelta::zero(),
            4 | 5 => TimeDelta::microseconds(1),
            // Longer than an idempotency key lives, and nearly as long.
            6 => TimeDelta::days(8),
            7 => TimeDelta::days(7),
            8 => TimeDelta::days(7) - TimeDelta::microseconds(1),
            more => TimeDelta::seconds(i64::try_from(more).unwrap()),
        };
        self.pass_by(partition, time);
        self.latest(partition)
    }

    /// Some come just in time, some just too late.
    fn limit(&mut self, submission: &mut Submission, now: DateTime<Utc>) {
        submission.stamp.not_after = match self.dice.roll(16) {
            0 => Some(now),
            1 => Some(now - TimeDelta::microseconds(1)),
            2 => Some(now + TimeDelta::microseconds(1)),
            3 => Some(now - TimeDelta::days(1)),
            _ => None,
        };
    }

    /// Headers of all kinds; now and then something that cannot be read, or a forged mark.
    fn spoil(&mut self, partition: Partition, record: &mut Record) {
        let header = |name: &str, value: &[u8]| (name.to_owned(), value.to_vec());
        match self.dice.roll(90) {
            0 => record.value.truncate(20),
            1 => record.key.push(b'x'),
            2 => record.value.extend(b"\xff\xfe"),
            3 => record.value.clear(),
            4 => record.key.clear(),
            // The first record of a log says whether the log was restored.
            5 | 6 if !self.partitions[usize::from(partition.0)].is_empty() => {
                record.headers.extend(self.mark(partition).headers());
            }
            7 => record.headers.push(header("writ-restore-time", b"7")),
            8..=20 => record.headers.push(header("traceparent", b"00-1")),
            21..=24 => record.headers.push(header("odd", b"\x00\xff")),
            _ => {}
        }
    }

    fn folded(&self, partition: Partition) -> Folded {
        let mut folded = Folded::genesis(self.partitions.len(), partition);
        folded.take(&self.partitions[usize::from(partition.0)]);
        folded
    }

    /// The mark that the last entry would have.
    fn mark(&self, partition: Partition) -> Mark {
        let folded = self.folded(partition);
        let last = folded.entries.last().unwrap();
        Mark {
            position: last.position,
            time: last.time,
            chain: last.chain,
        }
    }

    /// The seal that is right at the end of a partition.
    fn seal(&self, partition: Partition) -> Record {
        let cursor = self.folded(partition).cursor;
        let seal = Seal {
            partition,
            records: cursor.seq.0,
            chain: cursor.chain,
        };
        Record {
            key: seal.key(),
            value: seal.encode(),
            headers: Vec::new(),
        }
    }

    /// The log anew from its entries, as a restore writes it, at another time.
    fn restored(self) -> Self {
        let mut restored = Self {
            partitions: vec![Vec::new(); self.partitions.len()],
            times: self.times.clone(),
            dice: self.dice.clone(),
            commands: commands::Dice(self.commands.0),
            map: self.map.clone(),
        };
        for number in 0..PARTITIONS {
            let partition = Partition(number);
            let folded = self.folded(partition);
            assert!(folded.entries.len() > 10, "{partition}");
            for entry in folded.entries {
                let mark = Mark {
                    position: entry.position,
                    time: entry.time,
                    chain: entry.chain,
                };
                let mut record = entry.record;
                record.headers.extend(mark.headers());
                restored.append(partition, record);
            }
            let seal = restored.seal(partition);
            restored.append(partition, seal);
        }
        restored
    }
}

/// What the vectors do not change, or may not remove.
fn others() -> Vec<Command> {
    let (realm, by) = (Realm::Auth0, None);
    let (user, role) = ("golden".to_owned(), "rol_golden".to_owned());
    let admin = |n: u8| Command::CreateAdmin {
        id: format!("golden {n}"),
        email: format!("golden{n}@console.example"),
        name: None,
        password: "hash 1".to_owned(),
        metadata: Settings::new(),
        first: false,
    };
    vec![
        Command::CreateRole {
            realm,
            id: role.clone(),
            name: "Golden".to_owned(),
            description: None,
        },
        Command::RegisterUser {
            realm,
            id: user.clone(),
            profile: Settings::new(),
        },
        Command::AssignRoleUsers {
            realm,
            role,
            users: vec![user.clone()],
        },
        admin(1),
        admin(2),
        Command::ChangeAdminPassword {
            admin: "golden 1".to_owned(),
            password: "hash 2".to_owned(),
        },
        Command::DeleteAdmin {
            admin: "golden 2".to_owned(),
        },
        Command::CreateCamundaUser {
            by: by.clone(),
            id: user.clone(),
            profile: Settings::new(),
            password_hash: Some("hash 1".to_owned()),
        },
        Command::SetCamundaPassword {
            by: by.clone(),
            user,
            password_hash: "hash 2".to_owned(),
        },
        Command::CreateGroup {
            by: by.clone(),
            id: "golden".to_owned(),
            name: None,
            kind: None,
        },
        Command::UpdateGroup {
            by,
            group: "golden".to_owned(),
            name: Some("Golden".to_owned()),
            kind: None,
        },
    ]
}

fn record_of(submission: &Submission) -> Record {
    Record {
        key: writ_envelope::encode_key(&submission.stamp.tenant),
        value: writ_envelope::encode(submission),
        headers: Vec::new(),
    }
}

#[test]
fn a_fragment_reads_back_as_it_was_written() {
    let dir = std::env::temp_dir().join(format!("writ-golden-{}", std::process::id()));
    for (_, fragment) in fragments() {
        fragment.write(&dir);
        assert_eq!(Fragment::read(&dir), fragment);
    }
    std::fs::remove_dir_all(&dir).unwrap();
}
