//! Commands of the realms whose nouns have tables of their own, for the repeatable history.

use writ_domain::{Command, Realm, RevokeMode, Settings, SubjectRef};

use super::dice::Dice;

const REALM: Realm = Realm::NestAuth;

impl Dice {
    pub(super) fn about_camunda(&mut self) -> Command {
        match self.roll(3) {
            0 => self.about_people(),
            1 => self.about_groups(),
            _ => self.about_authorizations(),
        }
    }

    fn about_people(&mut self) -> Command {
        let (by, user) = (self.by(), self.person());
        match self.roll(8) {
            0 => Command::ConfigureCamunda {
                revoke_mode: [RevokeMode::Auto, RevokeMode::Never, RevokeMode::Always]
                    [self.index(3)],
            },
            1 if self.one_in(3) => Command::InstallCamundaAdmin {
                user: "u0".to_owned(),
                password_hash: "hash of the admin".to_owned(),
            },
            2 => Command::DeleteCamundaUser { by, user },
            3 => Command::UpdateCamundaUser {
                by,
                user,
                profile: self
                    .settings()
                    .into_iter()
                    .map(|(k, v)| (k, Some(v)))
                    .collect(),
            },
            4 => Command::SetCamundaPassword {
                by,
                user,
                password_hash: format!("hash {}", self.roll(4)),
            },
            _ => Command::CreateCamundaUser {
                by,
                id: user,
                profile: self.settings(),
                password_hash: self.one_in(2).then(|| "hash".to_owned()),
            },
        }
    }

    fn about_groups(&mut self) -> Command {
        let (by, group, user) = (self.by(), self.group(), self.person());
        let name = self.one_in(2).then(|| format!("Group {}", self.roll(5)));
        let kind = self.one_in(2).then(|| "WORKFLOW".to_owned());
        match self.roll(8) {
            0 | 1 => Command::CreateGroup {
                by,
                id: group,
                name,
                kind,
            },
            2 => Command::UpdateGroup {
                by,
                group,
                name,
                kind,
            },
            3 if self.one_in(2) => Command::DeleteGroup { by, group },
            4 => Command::RemoveGroupMember { by, group, user },
            _ => Command::AddGroupMember { by, group, user },
        }
    }

    fn about_authorizations(&mut self) -> Command {
        let by = self.by();
        let id = format!("00000000-0000-4000-8000-{:012}", self.roll(12));
        let (user, group) = if self.one_in(2) {
            (Some(self.person()), None)
        } else {
            (None, Some(self.group()))
        };
        // On users, groups, authorizations and process definitions.
        let resource_type = Some([1, 2, 4, 6][self.index(4)]);
        let resource_id = match self.roll(4) {
            0 => Some("*".to_owned()),
            1 => Some(id.clone()),
            2 => Some(self.person()),
            _ => Some(self.group()),
        };
        let permissions = Some(vec![
            ["READ", "UPDATE", "DELETE", "ALL"][self.index(4)].to_owned(),
        ]);
        match self.roll(6) {
            0 => Command::DeleteAuthorization {
                by,
                authorization: id,
            },
            1 | 2 => Command::UpdateAuthorization {
                by,
                authorization: id,
                user,
                group,
                resource_type: None,
                resource_id,
                permissions,
            },
            _ => Command::CreateAuthorization {
                by,
                id,
                kind: [1, 1, 2][self.index(3)],
                user,
                group,
                resource_type,
                resource_id,
                permissions,
            },
        }
    }

    pub(super) fn about_nestauth(&mut self) -> Command {
        match self.roll(3) {
            0 => self.about_guards(),
            1 => self.about_guarded_roles(),
            _ => self.about_admins(),
        }
    }

    fn about_guards(&mut self) -> Command {
        let permission = format!("permission {}", self.roll(6));
        let name = format!("p{}", self.roll(6));
        let description = self.one_in(2).then(|| "what it is for".to_owned());
        let category = self.one_in(2).then(|| format!("c{}", self.roll(3)));
        match self.roll(8) {
            0 => Command::ConfigureNestAuth {
                guards: [vec!["web", "api"], vec!["api"], vec!["api", "web", "cli"]][self.index(3)]
                    .iter()
                    .map(|guard| (*guard).to_owned())
                    .collect(),
            },
            1 => Command::DeletePermission {
                realm: REALM,
                permission,
            },
            2 | 3 => Command::UpdatePermission {
                realm: REALM,
                permission,
                name: self.one_in(2).then_some(name),
                description,
                category,
            },
            _ => Command::CreatePermission {
                realm: REALM,
                id: permission,
                api: self.guard(),
                name,
                description,
                category,
            },
        }
    }

    fn about_guarded_roles(&mut self) -> Command {
        let role = format!("guarded {}", self.roll(5));
        let permissions: Vec<String> = (0..self.roll(3)).map(|n| format!("p{n}")).collect();
        match self.roll(6) {
            0 => Command::DeleteRole { realm: REALM, role },
            1 | 2 => Command::UpdateGuardedRole {
                realm: REALM,
                role,
                name: self.one_in(3).then(|| format!("role {}", self.roll(9))),
                active: self.one_in(2).then(|| self.roll(2) == 0),
                permissions: self.one_in(2).then_some(permissions),
            },
            _ => Command::CreateGuardedRole {
                realm: REALM,
                id: role,
                name: format!("role {}", self.roll(9)),
                guard: self.guard(),
                system: self.one_in(4),
                active: self.roll(3) > 0,
                permissions,
            },
        }
    }

    fn about_admins(&mut self) -> Command {
        let admin = format!("admin {}", self.roll(4));
        match self.roll(6) {
            0 => Command::DeleteAdmin { admin },
            1 => Command::EndAdminSessions { admin },
            2 => Command::ChangeAdminPassword {
                admin,
                password: format!("hash {}", self.roll(3)),
            },
            _ => Command::CreateAdmin {
                email: format!("{}@console.example", admin.replace(' ', "-")),
                id: admin,
                name: self.one_in(2).then(|| "Admin".to_owned()),
                password: "hash".to_owned(),
                metadata: Settings::new(),
                first: self.one_in(3),
            },
        }
    }

    pub(super) fn about_subjects(&mut self) -> Command {
        let subject = self.subject();
        if self.one_in(4) {
            return Command::UnlinkSubject { subject };
        }
        let with = self.subject();
        Command::LinkSubject { subject, with }
    }

    fn subject(&mut self) -> SubjectRef {
        let realm = [Realm::Auth0, Realm::Camunda, Realm::Native][self.index(3)];
        let id = match realm {
            Realm::Camunda => self.person(),
            Realm::Auth0 | Realm::NestAuth | Realm::Native => self.user(),
        };
        SubjectRef { realm, id }
    }

    /// Mostly nobody's rights decide, seldom those of somebody who may have none.
    fn by(&mut self) -> Option<String> {
        self.one_in(5).then(|| self.person())
    }

    fn person(&mut self) -> String {
        format!("u{}", self.roll(5))
    }

    fn group(&mut self) -> String {
        format!("g{}", self.roll(4))
    }

    fn guard(&mut self) -> String {
        ["web", "api", "cli"][self.index(3)].to_owned()
    }

    fn index(&mut self, length: u64) -> usize {
        usize::try_from(self.roll(length)).unwrap()
    }
}
