//! What happened. Keys and names are filled in from the state that the fact meets.

use super::Words;
use super::commands::{json, settings};
use crate::state::Draft;
use crate::{
    ApiName, CommandId, Fact, NamespaceKey, PermissionKey, PermissionName, PermissionRef, RoleKey,
    Settings, UserKey,
};

type Say = Box<dyn Fn(&mut Draft<'_>) -> Fact>;

/// Facts that happened in one entry.
pub(crate) struct Happened(Vec<Say>);

impl Happened {
    pub(super) fn fact(say: impl Fn(&mut Draft<'_>) -> Fact + 'static) -> Self {
        Self(vec![Box::new(say)])
    }

    /// And this in the same entry.
    pub(crate) fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// Adds the facts to a draft.
    pub(crate) fn tell(&self, draft: &mut Draft<'_>) {
        for say in &self.0 {
            let fact = say(draft);
            draft.emit(fact).unwrap();
        }
    }
}

/// A command was cancelled before it was decided.
pub(crate) fn cancelled(command: CommandId) -> Happened {
    Happened::fact(move |_| Fact::CommandCancelled { command })
}

impl Words {
    /// An API was made, by this id and identifier, without a list of permissions.
    pub(crate) fn bare_api(self, id: &str, identifier: &str) -> Happened {
        let (realm, id, identifier) = (self.0, id.to_owned(), identifier.to_owned());
        Happened::fact(move |draft| Fact::ApiCreated {
            key: NamespaceKey::minted(draft.at(), draft.mint()).unwrap(),
            realm,
            id: id.clone(),
            identifier: identifier.clone(),
            name: None,
            settings: Settings::new(),
        })
    }

    /// An API was made with these permissions. Its id is its identifier in capitals.
    pub(crate) fn api(self, identifier: &str, permissions: &[&str]) -> Happened {
        let bare = self.bare_api(&identifier.to_uppercase(), identifier);
        let declared = bare.and(self.declared(identifier));
        (0..)
            .zip(permissions)
            .fold(declared, |told, (ordinal, name)| {
                told.and(self.defined(identifier, (name, None), ordinal))
            })
    }

    pub(crate) fn api_renamed(self, api: &str, before: Option<&str>, after: &str) -> Happened {
        let (api, before) = (api.to_owned(), before.map(str::to_owned));
        let after = Some(after.to_owned());
        Happened::fact(move |draft| Fact::ApiRenamed {
            api: self.api_name(draft, &api),
            before: before.clone(),
            after: after.clone(),
        })
    }

    pub(crate) fn api_set(
        self,
        (api, setting): (&str, &str),
        before: Option<&str>,
        after: Option<&str>,
    ) -> Happened {
        let (api, setting) = (api.to_owned(), setting.to_owned());
        let (before, after) = (json(before), json(after));
        Happened::fact(move |draft| Fact::ApiSettingChanged {
            api: self.api_name(draft, &api),
            setting: setting.clone(),
            before: before.clone(),
            after: after.clone(),
        })
    }

    /// A list of permissions was sent for the first time.
    pub(crate) fn declared(self, api: &str) -> Happened {
        let api = api.to_owned();
        Happened::fact(move |draft| Fact::ApiPermissionsDeclared {
            api: self.api_name(draft, &api),
        })
    }

    pub(crate) fn reordered(self, api: &str, before: &[&str], after: &[&str]) -> Happened {
        let (api, before, after) = (api.to_owned(), super::texts(before), super::texts(after));
        Happened::fact(move |draft| {
            let keys = |names: &Vec<String>| -> Vec<PermissionKey> {
                let key = |name: &String| self.permission_name(draft, &api, name).key;
                names.iter().map(key).collect()
            };
            Fact::ApiPermissionsReordered {
                api: self.api_name(draft, &api),
                before: keys(&before),
                after: keys(&after),
            }
        })
    }

    pub(crate) fn api_deleted(self, api: &str) -> Happened {
        let api = api.to_owned();
        Happened::fact(move |draft| {
            let (_, slot) = draft.api(self.0, &api).unwrap().unwrap();
            let (id, name) = (slot.row.id.clone(), slot.row.name.clone());
            let api = self.api_name(draft, &api);
            Fact::ApiDeleted { api, id, name }
        })
    }

    pub(crate) fn defined(
        self,
        api: &str,
        (name, description): (&str, Option<&str>),
        ordinal: u32,
    ) -> Happened {
        let (api, name) = (api.to_owned(), name.to_owned());
        let description = description.map(str::to_owned);
        Happened::fact(move |draft| {
            let ApiName {
                key: namespace,
                realm,
                identifier: api,
            } = self.api_name(draft, &api);
            let key = PermissionKey::minted(draft.at(), draft.mint()).unwrap();
            let (name, description) = (name.clone(), description.clone());
            Fact::PermissionDefined {
                permission: PermissionName {
                    key,
                    realm,
                    api,
                    name,
                    id: None,
                },
                namespace,
                description,
                ordinal,
                category: None,
            }
        })
    }

    pub(crate) fn described(
        self,
        (api, name): (&str, &str),
        before: Option<&str>,
        after: Option<&str>,
    ) -> Happened {
        let (api, name) = (api.to_owned(), name.to_owned());
        let (before, after) = (before.map(str::to_owned), after.map(str::to_owned));
        Happened::fact(move |draft| Fact::PermissionDescribed {
            permission: self.permission_name(draft, &api, &name),
            before: before.clone(),
            after: after.clone(),
        })
    }

    pub(crate) fn removed(self, api: &str, name: &str) -> Happened {
        let (api, name) = (api.to_owned(), name.to_owned());
        Happened::fact(move |draft| {
            let permission = self.permission_name(draft, &api, &name);
            let namespace = self.api_name(draft, &api).key;
            let wanted = PermissionRef {
                api: permission.api.clone(),
                name: name.clone(),
            };
            let (_, slot) = draft
                .permission(self.0, namespace, &wanted)
                .unwrap()
                .unwrap();
            let description = slot.row.description.clone();
            Fact::PermissionRemoved {
                permission,
                namespace,
                description,
                category: None,
            }
        })
    }

    pub(crate) fn role_named(self, id: &str, name: &str) -> Happened {
        let (realm, id, name) = (self.0, id.to_owned(), name.to_owned());
        Happened::fact(move |draft| Fact::RoleCreated {
            key: RoleKey::minted(draft.at(), draft.mint()).unwrap(),
            realm,
            id: id.clone(),
            name: name.clone(),
            description: None,
            guarded: None,
        })
    }

    /// A role was made. Its name is its id in capitals.
    pub(crate) fn role(self, id: &str) -> Happened {
        self.role_named(id, &id.to_uppercase())
    }

    pub(crate) fn role_renamed(self, role: &str, before: &str, after: &str) -> Happened {
        let (role, before, after) = (role.to_owned(), before.to_owned(), after.to_owned());
        Happened::fact(move |draft| Fact::RoleRenamed {
            role: self.role_name(draft, &role),
            before: before.clone(),
            after: after.clone(),
        })
    }

    pub(crate) fn role_described(self, role: &str, before: Option<&str>, after: &str) -> Happened {
        let (role, before) = (role.to_owned(), before.map(str::to_owned));
        let after = Some(after.to_owned());
        Happened::fact(move |draft| Fact::RoleDescribed {
            role: self.role_name(draft, &role),
            before: before.clone(),
            after: after.clone(),
        })
    }

    pub(crate) fn role_deleted(self, role: &str) -> Happened {
        let role = role.to_owned();
        Happened::fact(move |draft| {
            let (_, slot) = draft.role(self.0, &role).unwrap().unwrap();
            let (name, description) = (slot.row.name.clone(), slot.row.description.clone());
            let role = self.role_name(draft, &role);
            Fact::RoleDeleted {
                role,
                name,
                description,
                guarded: None,
            }
        })
    }

    pub(crate) fn user_with(self, id: &str, profile: &[(&str, &str)]) -> Happened {
        let (realm, id, profile) = (self.0, id.to_owned(), settings(profile));
        Happened::fact(move |draft| Fact::UserRegistered {
            key: UserKey::minted(draft.at(), draft.mint()).unwrap(),
            realm,
            id: id.clone(),
            profile: profile.clone(),
        })
    }

    pub(crate) fn user(self, id: &str) -> Happened {
        self.user_with(id, &[])
    }

    pub(crate) fn user_set(
        self,
        (user, field): (&str, &str),
        before: Option<&str>,
        after: Option<&str>,
    ) -> Happened {
        let (user, field) = (user.to_owned(), field.to_owned());
        let (before, after) = (json(before), json(after));
        Happened::fact(move |draft| Fact::UserProfileChanged {
            user: self.user_name(draft, &user),
            field: field.clone(),
            before: before.clone(),
            after: after.clone(),
        })
    }

    pub(crate) fn user_deleted(self, user: &str) -> Happened {
        let user = user.to_owned();
        Happened::fact(move |draft| {
            let (_, slot) = draft.user(self.0, &user).unwrap().unwrap();
            let profile = slot.row.profile.clone();
            let user = self.user_name(draft, &user);
            Fact::UserDeleted { user, profile }
        })
    }
}
