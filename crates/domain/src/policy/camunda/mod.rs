//! Camunda's rules: resource types, permissions and their names; what ids may be.
//!
//! The engine names a resource twice: by its constant where a permission is not valid for it, by
//! its name elsewhere. One name has a misspelling that clients see; it is kept.

mod table;

use super::{Absent, Limits, Namespaces, Permissions, Policy, Roles, Users};
use crate::AuthorizationKind;

pub(super) static POLICY: Policy = Policy {
    // The realm has neither APIs nor roles: rights are authorizations.
    limits: Limits {
        apis: 0,
        api_permissions: 0,
        roles: 0,
        role_permissions: 0,
        user_permissions: 0,
        user_roles: 0,
    },
    delete_missing_api: Absent::Unchanged,
    delete_missing_role: Absent::Unchanged,
    delete_missing_user: Absent::Unchanged,
    unassign_missing_role: Absent::Unchanged,
    reserved_permissions: &[],
    namespaces: Namespaces::Made,
    permissions: Permissions::Listed,
    roles: Roles::Plain,
    users: Users::Registered,
};

/// Everybody, as a user, and every resource, as an id.
pub const ANY: &str = "*";

/// The group whose members `up` gives every right, and the one id with a hyphen in it.
pub const ADMIN_GROUP: &str = "camunda-admin";

/// How many characters an authorization's id, and a user's or group's, may have.
pub(crate) const ID_CHARS_MAX: usize = 64;
/// How many characters other names may have.
pub(crate) const NAME_CHARS_MAX: usize = 255;

/// Every bit that stands for a permission.
pub const ALL: u32 = table::ALL;

/// Resource types that the rules themselves ask about.
pub mod resource {
    /// Users.
    pub const USER: i32 = 1;
    /// Groups.
    pub const GROUP: i32 = 2;
    /// Memberships, by the group's id.
    pub const GROUP_MEMBERSHIP: i32 = 3;
    /// Authorizations.
    pub const AUTHORIZATION: i32 = 4;
}

/// Permissions that the rules themselves ask about: the same on those resource types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// To see it.
    Read,
    /// To change it.
    Update,
    /// To make one.
    Create,
    /// To remove it.
    Delete,
}

impl Right {
    /// Its bit.
    #[must_use]
    pub fn bits(self) -> u32 {
        match self {
            Self::Read => 2,
            Self::Update => 4,
            Self::Create => 8,
            Self::Delete => 16,
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "READ",
            Self::Update => "UPDATE",
            Self::Create => "CREATE",
            Self::Delete => "DELETE",
        }
    }
}

/// A type of resource.
#[derive(Debug)]
pub struct ResourceType {
    /// Its number.
    pub number: i32,
    /// Its constant in the engine.
    pub constant: &'static str,
    /// Its name.
    pub name: &'static str,
    names: Names,
    /// Its permissions with their bits, in the order of declaration, without `NONE` and `ALL`.
    pub permissions: &'static [(&'static str, u32)],
}

/// Where a resource type looks up names of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    /// Among those of every resource type, of which only some are valid for it.
    Generic,
    /// Among its own.
    Own,
}

#[derive(Debug)]
struct GenericPermission {
    name: &'static str,
    bits: u32,
    valid_for: &'static [i32],
}

/// Every resource type, by number.
#[must_use]
pub fn resource_types() -> &'static [ResourceType] {
    &table::RESOURCE_TYPES
}

/// The resource type of this number, if the engine knows it.
#[must_use]
pub fn resource_type(number: i32) -> Option<&'static ResourceType> {
    resource_types().iter().find(|known| known.number == number)
}

/// The bits of the permission of this name, as a resource type looks it up; that of an unknown
/// number looks among the generic names. Whether it is valid for the resource type is asked of
/// [`is_valid`].
#[must_use]
pub fn permission_bits(resource_type_number: i32, name: &str) -> Option<u32> {
    match resource_type(resource_type_number) {
        Some(known) if known.names == Names::Own => match name {
            "NONE" => Some(0),
            "ALL" => Some(ALL),
            _ => own(known, name),
        },
        Some(_) | None => table::GENERIC
            .iter()
            .find(|generic| generic.name == name)
            .map(|generic| generic.bits),
    }
}

fn own(known: &ResourceType, name: &str) -> Option<u32> {
    let found = known.permissions.iter().find(|(own, _)| *own == name);
    found.map(|(_, bits)| *bits)
}

/// Whether a permission that has bits for a resource type may be used on it.
#[must_use]
pub fn is_valid(resource_type_number: i32, name: &str) -> bool {
    match resource_type(resource_type_number) {
        Some(known) if known.names == Names::Own => true,
        Some(_) | None => table::GENERIC.iter().any(|generic| {
            generic.name == name && generic.valid_for.contains(&resource_type_number)
        }),
    }
}

/// The bits that an authorization keeps for the permissions that it grants or revokes.
#[must_use]
pub fn stored_bits(kind: AuthorizationKind, named: impl IntoIterator<Item = u32>) -> u32 {
    let named = named.into_iter().fold(0, |all, bits| all | bits);
    match kind {
        AuthorizationKind::Global | AuthorizationKind::Grant => named,
        AuthorizationKind::Revoke => ALL & !named,
    }
}

/// The names of the permissions that an authorization grants or revokes, as the engine shows them.
#[must_use]
pub fn permission_names(
    kind: AuthorizationKind,
    resource_type_number: i32,
    bits: u32,
) -> Vec<&'static str> {
    let all = match kind {
        AuthorizationKind::Global | AuthorizationKind::Grant => bits == ALL,
        AuthorizationKind::Revoke => bits == 0,
    };
    if all {
        return vec!["ALL"];
    }
    let shown = |permission: u32| {
        let granted = bits & permission == permission;
        granted != (kind == AuthorizationKind::Revoke)
    };
    // Bits that stand for nothing there are left out, as they may be after a move to another type.
    let known = resource_type(resource_type_number);
    let named = known.map_or(&[][..], |known| known.permissions);
    named
        .iter()
        .filter(|(_, permission)| shown(*permission))
        .map(|(name, _)| *name)
        .collect()
}

/// A resource as one text: the name of its type, a slash, its id; without an id, all of the type.
/// A type may be named by its number, too.
#[must_use]
pub fn resource_from_text(text: &str) -> Option<(i32, Option<&str>)> {
    let (named, id) = match text.split_once('/') {
        Some((named, id)) => (named, Some(id)),
        None => (text, None),
    };
    let known = resource_types().iter().find(|known| known.name == named);
    let number = match known {
        Some(known) => known.number,
        // One spelling for each number.
        None => named
            .parse()
            .ok()
            .filter(|number: &i32| number.to_string() == named)?,
    };
    Some((number, id.filter(|id| *id != ANY)))
}

/// The text that [`resource_from_text`] reads; a type that the engine does not know by its number.
#[must_use]
pub fn resource_text(resource_type_number: i32, id: &str) -> String {
    match resource_type(resource_type_number) {
        Some(known) => format!("{}/{id}", known.name),
        None => format!("{resource_type_number}/{id}"),
    }
}

/// The names by which bits are shown, in order, each with the number of its resource type. A type
/// that the engine does not know has none. `NONE` and `ALL` are left out.
pub fn shown_names() -> impl Iterator<Item = (Option<i32>, &'static str, u32)> {
    resource_types().iter().flat_map(|known| {
        let names = known.permissions.iter();
        names.map(|(name, bits)| (Some(known.number), *name, *bits))
    })
}

/// Whether a user or a group may have this id.
pub(crate) fn is_valid_id(id: &str) -> bool {
    id == ADMIN_GROUP || (!id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_154_pairs_of_resource_type_and_permission() {
        let pairs: usize = resource_types()
            .iter()
            .map(|known| known.permissions.len() + 2)
            .sum();
        assert_eq!(pairs, 154);
    }

    #[test]
    fn a_generic_permission_is_valid_where_the_resource_type_lists_it() {
        for known in resource_types() {
            for generic in &table::GENERIC {
                let listed = ["NONE", "ALL"].contains(&generic.name)
                    || own(known, generic.name) == Some(generic.bits);
                let valid = generic.valid_for.contains(&known.number);
                // An enumeration of its own may list more than the generic one knows of.
                assert!(!valid || listed, "{} on {}", generic.name, known.name);
                if known.names == Names::Generic {
                    assert_eq!(valid, listed, "{} on {}", generic.name, known.name);
                }
            }
        }
    }

    #[test]
    fn bits_are_shown_as_names_in_the_order_of_the_engine() {
        use AuthorizationKind::{Global, Grant, Revoke};
        let cases: [(AuthorizationKind, i32, u32, &[&str]); 13] = [
            (Grant, 1, ALL, &["ALL"]),
            (Global, 1, ALL, &["ALL"]),
            (Revoke, 1, 0, &["ALL"]),
            (Revoke, 1, ALL, &[]),
            (Grant, 1, 0, &[]),
            (Grant, 1, 2 | 16 | 4, &["READ", "UPDATE", "DELETE"]),
            (Revoke, 1, ALL & !8, &["CREATE"]),
            (Grant, 6, 32 | 1_048_576, &["RETRY_JOB", "SUSPEND"]),
            // What stands for nothing on a resource type is not shown there.
            (Grant, 0, 2 | 32, &["ACCESS"]),
            (Revoke, 0, ALL & !(2 | 32), &["ACCESS"]),
            (Grant, 1, 2 | 64, &["READ"]),
            (Grant, 9_999, 6, &[]),
            (Grant, 9_999, ALL, &["ALL"]),
        ];
        for (kind, number, bits, names) in cases {
            assert_eq!(permission_names(kind, number, bits), names, "{bits}");
        }
        let every = [2, 4, 8, 16];
        assert_eq!(
            permission_names(Grant, 1, stored_bits(Grant, every)),
            ["READ", "UPDATE", "CREATE", "DELETE"]
        );
    }

    #[test]
    fn a_resource_is_read_from_the_text_that_it_is_shown_by() {
        for (text, number, id) in [
            ("User", 1, None),
            ("User/*", 1, None),
            ("User/ann", 1, Some("ann")),
            ("Group membership/a/b", 3, Some("a/b")),
            ("6/invoice", 6, Some("invoice")),
            ("ProcessDefinition/", 6, Some("")),
            ("9999/x", 9_999, Some("x")),
        ] {
            assert_eq!(resource_from_text(text), Some((number, id)), "{text}");
            let shown = resource_text(number, id.unwrap_or(ANY));
            assert_eq!(resource_from_text(&shown), Some((number, id)), "{shown}");
        }
        for text in [
            "",
            "/",
            "user/ann",
            "USER/ann",
            "https://a/",
            "+1/a",
            "01/a",
        ] {
            assert_eq!(resource_from_text(text), None, "{text}");
        }
    }

    #[test]
    fn the_names_that_are_shown_are_those_of_each_resource_type() {
        for number in resource_types()
            .iter()
            .map(|known| known.number)
            .chain([9_999])
        {
            let all: Vec<&str> = shown_names()
                .filter(|(of, ..)| *of == Some(number))
                .map(|(_, name, _)| name)
                .collect();
            // A bit that stands for nothing keeps `ALL` from being shown instead.
            let every = ALL & !(1 << 30);
            let shown = permission_names(AuthorizationKind::Grant, number, every);
            assert_eq!(all, shown, "{number}");
        }
    }

    #[test]
    fn ids_are_letters_and_digits_but_for_one() {
        for good in ["demo", "A1", ADMIN_GROUP] {
            assert!(is_valid_id(good), "{good}");
        }
        for bad in ["", "a b", "a-b", "a.b", "é", "*"] {
            assert!(!is_valid_id(bad), "{bad}");
        }
    }
}
