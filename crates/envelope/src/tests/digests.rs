//! The digest tells any two sets of rows apart, and takes rows in one order only.

use std::collections::{BTreeMap, BTreeSet};

use writ_domain::{
    Admin, AdminKey, Guarded, JsonText, LinkKey, LinkedSubject, LinkedSubjectKey, Namespace,
    NamespaceKey, Permission, PermissionKey, Realm, Role, RoleKey, Settings, SubjectRef, TenantId,
    TenantSeq, User, UserKey,
};

use crate::Hash;
use crate::digest::{Digest, OutOfOrder, of_tenants};

struct Rows {
    tenant: TenantId,
    namespace: Namespace,
    permission: Permission,
    role: Role,
    user: User,
    changed: TenantSeq,
}

fn rows() -> Rows {
    Rows {
        tenant: TenantId::try_new("default").unwrap(),
        namespace: Namespace {
            realm: Realm::Auth0,
            id: "i".to_owned(),
            identifier: "a".to_owned(),
            name: None,
            settings: Settings::from([("s".to_owned(), JsonText("1".to_owned()))]),
            system: false,
            declared: false,
        },
        permission: Permission {
            namespace: NamespaceKey::from_stored(1),
            name: "read".to_owned(),
            description: None,
            ordinal: 0,
            id: None,
            category: None,
        },
        role: Role {
            realm: Realm::Native,
            id: "r".to_owned(),
            name: "n".to_owned(),
            description: None,
            guarded: None,
            saved: None,
        },
        user: User {
            realm: Realm::Native,
            id: "u".to_owned(),
            profile: Settings::new(),
        },
        changed: TenantSeq(4),
    }
}

impl Rows {
    fn digest(&self) -> Hash {
        let mut digest = Digest::new(&self.tenant);
        let (permission, role) = (PermissionKey::from_stored(1), RoleKey::from_stored(1));
        let user = UserKey::from_stored(1);
        let changed = self.changed;
        digest
            .namespace(NamespaceKey::from_stored(0), &self.namespace, changed)
            .unwrap();
        digest
            .permission(permission, &self.permission, changed)
            .unwrap();
        digest.role(role, &self.role, changed).unwrap();
        digest.user(user, &self.user, changed).unwrap();
        digest.role_permission(role, permission, changed).unwrap();
        digest.user_permission(user, permission, changed).unwrap();
        digest.user_role(user, role, changed).unwrap();
        digest.finish()
    }
}

/// Frozen: two releases compare their digests.
#[test]
fn the_digest_is_as_ever() {
    let expected = "ec0cbbafdde90f6278cae33dc53e5b1149309ea1fd418134bf4f860e1ce4ef61";
    assert_eq!(rows().digest().to_string(), expected);
}

#[test]
fn every_field_of_every_row_counts() {
    let changes: [fn(&mut Rows); 20] = [
        |rows| rows.tenant = TenantId::try_new("other").unwrap(),
        |rows| rows.namespace.realm = Realm::Native,
        |rows| rows.namespace.id = "j".to_owned(),
        |rows| rows.namespace.identifier = "b".to_owned(),
        |rows| rows.namespace.name = Some(String::new()),
        |rows| rows.namespace.settings.clear(),
        |rows| rows.namespace.system = true,
        |rows| rows.namespace.declared = true,
        |rows| rows.permission.namespace = NamespaceKey::from_stored(2),
        |rows| rows.permission.name = "write".to_owned(),
        |rows| rows.permission.description = Some(String::new()),
        |rows| rows.permission.ordinal = 1,
        |rows| rows.role.realm = Realm::Auth0,
        |rows| rows.role.id = "s".to_owned(),
        |rows| rows.role.name = "m".to_owned(),
        |rows| rows.role.description = Some("d".to_owned()),
        |rows| rows.user.realm = Realm::Auth0,
        |rows| rows.user.id = "v".to_owned(),
        |rows| {
            rows.user.profile = Settings::from([("p".to_owned(), JsonText("1".to_owned()))]);
        },
        |rows| rows.changed = TenantSeq(5),
    ];
    let mut seen = BTreeSet::from([rows().digest()]);
    for (index, change) in changes.into_iter().enumerate() {
        let mut rows = rows();
        change(&mut rows);
        assert!(seen.insert(rows.digest()), "change {index}");
    }
}

#[test]
fn what_only_some_realms_have_counts() {
    type Change = fn(&mut Rows, &dyn Fn(bool, bool) -> Option<Guarded>);
    let guarded = |system, active| {
        let guard = "web".to_owned();
        Some(Guarded {
            guard,
            system,
            active,
        })
    };
    let changes: [Change; 7] = [
        |rows, _| rows.permission.id = Some(String::new()),
        |rows, _| rows.permission.category = Some(String::new()),
        |rows, guarded| rows.role.guarded = guarded(false, false),
        |rows, guarded| rows.role.guarded = guarded(true, false),
        |rows, guarded| rows.role.guarded = guarded(false, true),
        |rows, _| rows.role.saved = Some(TenantSeq(1)),
        |rows, _| rows.role.saved = Some(TenantSeq(2)),
    ];
    let mut seen = BTreeSet::from([rows().digest()]);
    for (index, change) in changes.into_iter().enumerate() {
        let mut rows = rows();
        change(&mut rows, &guarded);
        assert!(seen.insert(rows.digest()), "change {index}");
    }
}

#[test]
fn every_field_of_admins_and_linked_subjects_counts() {
    let admin = || Admin {
        id: "a".to_owned(),
        email: "e".to_owned(),
        name: None,
        password: "p".to_owned(),
        token_version: 0,
        metadata: Settings::new(),
    };
    let linked = || LinkedSubject {
        link: LinkKey::from_stored(1),
        subject: SubjectRef {
            realm: Realm::Native,
            id: "u".to_owned(),
        },
    };
    let digest = |admin: &Admin, linked: &LinkedSubject| {
        let mut digest = Digest::new(&rows().tenant);
        let (at, key) = (TenantSeq(1), AdminKey::from_stored(1));
        digest.admin(key, admin, at).unwrap();
        let key = LinkedSubjectKey::from_stored(1);
        digest.linked_subject(key, linked, at).unwrap();
        digest.finish()
    };
    let mut seen = BTreeSet::from([digest(&admin(), &linked())]);
    let admins: [fn(&mut Admin); 6] = [
        |row| row.id = "b".to_owned(),
        |row| row.email = "f".to_owned(),
        |row| row.name = Some(String::new()),
        |row| row.password = "q".to_owned(),
        |row| row.token_version = 1,
        |row| row.metadata = Settings::from([("m".to_owned(), JsonText("1".to_owned()))]),
    ];
    for change in admins {
        let mut row = admin();
        change(&mut row);
        assert!(seen.insert(digest(&row, &linked())), "{row:?}");
    }
    let links: [fn(&mut LinkedSubject); 3] = [
        |row| row.link = LinkKey::from_stored(2),
        |row| row.subject.realm = Realm::NestAuth,
        |row| row.subject.id = "v".to_owned(),
    ];
    for change in links {
        let mut row = linked();
        change(&mut row);
        assert!(seen.insert(digest(&admin(), &row)), "{row:?}");
    }
}

#[test]
fn each_kind_of_edge_counts() {
    let rows = rows();
    let (user, changed) = (UserKey::from_stored(1), rows.changed);
    let edge = |push: &dyn Fn(&mut Digest)| {
        let mut digest = Digest::new(&rows.tenant);
        push(&mut digest);
        digest.finish()
    };
    let permission = PermissionKey::from_stored(2);
    let digests = BTreeSet::from([
        edge(&|_| ()),
        edge(&|digest| {
            digest
                .role_permission(RoleKey::from_stored(1), permission, changed)
                .unwrap();
        }),
        edge(&|digest| digest.user_permission(user, permission, changed).unwrap()),
        edge(&|digest| {
            digest
                .user_role(user, RoleKey::from_stored(2), changed)
                .unwrap();
        }),
        edge(&|digest| {
            digest
                .user_role(user, RoleKey::from_stored(3), changed)
                .unwrap();
        }),
        edge(&|digest| {
            digest
                .user_role(user, RoleKey::from_stored(2), TenantSeq(9))
                .unwrap();
        }),
    ]);
    assert_eq!(digests.len(), 6);
}

#[test]
fn rows_out_of_order_are_refused() {
    let rows = rows();
    let mut digest = Digest::new(&rows.tenant);
    let user = |key| UserKey::from_stored(key);
    let mut push = |key| digest.user(user(key), &rows.user, rows.changed);
    assert_eq!(push(2), Ok(()));
    assert_eq!(
        push(2),
        Err(OutOfOrder {
            kind: 4,
            keys: (2, 0)
        })
    );
    assert_eq!(
        push(1),
        Err(OutOfOrder {
            kind: 4,
            keys: (1, 0)
        })
    );
    assert_eq!(push(3), Ok(()));
    let late = digest.role(RoleKey::from_stored(9), &rows.role, rows.changed);
    assert_eq!(
        late,
        Err(OutOfOrder {
            kind: 3,
            keys: (9, 0)
        })
    );
    let role = |key| RoleKey::from_stored(key);
    assert_eq!(digest.user_role(user(1), role(2), rows.changed), Ok(()));
    let before = digest.user_role(user(1), role(1), rows.changed);
    assert_eq!(
        before,
        Err(OutOfOrder {
            kind: 7,
            keys: (1, 1)
        })
    );
    assert_eq!(digest.user_role(user(2), role(1), rows.changed), Ok(()));
}

#[test]
fn a_refused_row_leaves_no_trace() {
    let rows = rows();
    let digest = |refused: bool| {
        let mut digest = Digest::new(&rows.tenant);
        digest
            .user(UserKey::from_stored(2), &rows.user, rows.changed)
            .unwrap();
        if refused {
            digest
                .user(UserKey::from_stored(1), &rows.user, rows.changed)
                .unwrap_err();
        }
        digest.finish()
    };
    assert_eq!(digest(true), digest(false));
}

#[test]
fn tenants_are_told_apart() {
    let tenant = |name: &str| TenantId::try_new(name).unwrap();
    let (one, two) = (Hash([1; 32]), Hash([2; 32]));
    let digests = |digests: &[(&str, Hash)]| -> Hash {
        let digests: BTreeMap<TenantId, Hash> = digests
            .iter()
            .map(|(name, hash)| (tenant(name), *hash))
            .collect();
        of_tenants(&digests)
    };
    let all = BTreeSet::from([
        digests(&[]),
        digests(&[("a", one)]),
        digests(&[("a", one), ("b", two)]),
        digests(&[("a", two), ("b", one)]),
    ]);
    assert_eq!(all.len(), 4);
    assert_eq!(
        digests(&[("b", two), ("a", one)]),
        digests(&[("a", one), ("b", two)])
    );
}
