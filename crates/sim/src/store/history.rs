//! Rows as they were: half-open intervals of `tenant_seq`, as the store's history has them.

use std::collections::BTreeMap;

use writ_domain::state::{
    Change, Changes, GroupMember, Kind, Password, RolePermission, UserPermission, UserRole,
};
use writ_domain::testing::{Mismatch, Store};
use writ_domain::{
    Admin, Authorization, CamundaSettings, Group, LinkedSubject, Namespace, Permission, Role,
    TenantSeq, User,
};

/// A row and the entries between which it stood.
#[derive(Debug, Clone)]
struct Interval<K> {
    from: TenantSeq,
    to: Option<TenantSeq>,
    row: K,
}

type Intervals<K> = BTreeMap<<K as Kind>::Key, Vec<Interval<K>>>;

macro_rules! history {
    ($($field:ident: $row:ty,)*) => {
        /// The history of one tenant.
        #[derive(Debug, Clone, Default)]
        pub(super) struct History { $($field: Intervals<$row>,)* }

        impl History {
            /// Takes in what an entry changed.
            pub(super) fn record(&mut self, changes: &Changes, at: TenantSeq) {
                // Names every field: a new kind of row breaks the build here.
                let Changes { $($field,)* cancelled: _ } = changes;
                $(record(&mut self.$field, $field, at);)*
            }

            /// The rows as of an entry.
            pub(super) fn as_of(&self, at: TenantSeq) -> Result<Store, Mismatch> {
                let mut store = Store::default();
                $(for (key, interval) in standing(&self.$field, at) {
                    let change = Change {
                        key,
                        before: None,
                        after: Some(interval.row.clone()),
                    };
                    let changes = Changes { $field: vec![change], ..Changes::default() };
                    store.write(&changes, interval.from)?;
                })*
                Ok(store)
            }
        }
    };
}

history! {
    namespaces: Namespace,
    permissions: Permission,
    roles: Role,
    users: User,
    role_permissions: RolePermission,
    user_permissions: UserPermission,
    user_roles: UserRole,
    admins: Admin,
    linked_subjects: LinkedSubject,
    groups: Group,
    passwords: Password,
    group_members: GroupMember,
    authorizations: Authorization,
    camunda_settings: CamundaSettings,
}

fn record<K: Kind>(intervals: &mut Intervals<K>, changes: &[Change<K>], at: TenantSeq) {
    for change in changes {
        let of_row = intervals.entry(change.key).or_default();
        if change.before.is_some()
            && let Some(open) = of_row.last_mut().filter(|last| last.to.is_none())
        {
            open.to = Some(at);
        }
        if let Some(row) = &change.after {
            let row = row.clone();
            of_row.push(Interval {
                from: at,
                to: None,
                row,
            });
        }
    }
}

fn standing<K: Kind>(
    intervals: &Intervals<K>,
    at: TenantSeq,
) -> impl Iterator<Item = (K::Key, &Interval<K>)> {
    intervals.iter().filter_map(move |(key, of_row)| {
        let stands =
            |interval: &&Interval<K>| interval.from <= at && interval.to.is_none_or(|to| at < to);
        of_row.iter().find(stands).map(|interval| (*key, interval))
    })
}
