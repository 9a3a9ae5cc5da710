//! Commands, facts, outcomes and rejections of Camunda's realm.

use writ_domain::{
    Authorization, AuthorizationKey, AuthorizationKind, AuthorizationName, AuthorizationProblem,
    AuthorizationTerms, Command, Denial, Fact, GroupKey, GroupName, Holder, JsonText, NounKind,
    Realm, Rejection, RevokeMode, TenantSeq, UserKey, UserName,
};

use super::odd;

const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g";

fn demo() -> String {
    "demo".to_owned()
}

fn sales() -> String {
    "sales".to_owned()
}

#[expect(clippy::too_many_lines, reason = "flat: a command each")]
pub(super) fn commands() -> Vec<Command> {
    let by = Some("admin".to_owned());
    let profile = [("firstName".to_owned(), JsonText("\"Ann\"".to_owned()))];
    vec![
        Command::ConfigureCamunda {
            revoke_mode: RevokeMode::Never,
        },
        Command::InstallCamundaAdmin {
            user: "admin".to_owned(),
            password_hash: HASH.to_owned(),
        },
        Command::CreateCamundaUser {
            by: by.clone(),
            id: demo(),
            profile: profile.into(),
            password_hash: Some(HASH.to_owned()),
        },
        Command::UpdateCamundaUser {
            by: by.clone(),
            user: demo(),
            profile: vec![("email".to_owned(), None)],
        },
        Command::SetCamundaPassword {
            by: by.clone(),
            user: demo(),
            password_hash: HASH.to_owned(),
        },
        Command::DeleteCamundaUser {
            by: None,
            user: demo(),
        },
        Command::CreateGroup {
            by: by.clone(),
            id: sales(),
            name: Some("Sales".to_owned()),
            kind: Some("WORKFLOW".to_owned()),
        },
        Command::UpdateGroup {
            by: by.clone(),
            group: sales(),
            name: None,
            kind: Some(odd()),
        },
        Command::DeleteGroup {
            by: by.clone(),
            group: sales(),
        },
        Command::AddGroupMember {
            by: by.clone(),
            group: sales(),
            user: demo(),
        },
        Command::RemoveGroupMember {
            by: by.clone(),
            group: sales(),
            user: demo(),
        },
        Command::CreateAuthorization {
            by: by.clone(),
            id: "5b1d5bd4-6b4e-11f0-9d3a-0242ac110002".to_owned(),
            kind: 1,
            user: Some("demo".to_owned()),
            group: None,
            resource_type: Some(6),
            resource_id: Some("*".to_owned()),
            permissions: Some(vec!["READ".to_owned(), "CREATE_INSTANCE".to_owned()]),
        },
        Command::UpdateAuthorization {
            by,
            authorization: "5b1d5bd4-6b4e-11f0-9d3a-0242ac110002".to_owned(),
            user: None,
            group: Some("sales".to_owned()),
            resource_type: Some(-1),
            resource_id: None,
            permissions: None,
        },
        Command::DeleteAuthorization {
            by: None,
            authorization: "12".to_owned(),
        },
    ]
}

fn terms(holder: Holder, resource_id: Option<String>) -> AuthorizationTerms {
    AuthorizationTerms {
        holder,
        resource_type: 6,
        resource_id,
        permissions: 258,
    }
}

#[expect(clippy::too_many_lines, reason = "flat: a fact each")]
pub(super) fn facts() -> Vec<Fact> {
    let group = || GroupName {
        key: GroupKey::from_stored(2 << 20),
        realm: Realm::Camunda,
        id: sales(),
    };
    let user = || UserName {
        key: UserKey::from_stored(3 << 20),
        realm: Realm::Camunda,
        id: demo(),
    };
    let authorization = || AuthorizationName {
        key: AuthorizationKey::from_stored((4 << 20) + 1),
        id: "4194305".to_owned(),
    };
    let on_all = || terms(Holder::user("demo"), Some("*".to_owned()));
    vec![
        Fact::CamundaConfigured {
            before: RevokeMode::Auto,
            after: RevokeMode::Always,
        },
        Fact::UserPasswordSet {
            user: user(),
            hash: HASH.to_owned(),
            before_set_at: Some(TenantSeq(1)),
        },
        Fact::GroupCreated {
            key: group().key,
            realm: Realm::Camunda,
            id: sales(),
            name: Some("Sales".to_owned()),
            kind: None,
        },
        Fact::GroupRenamed {
            group: group(),
            before: Some("Sales".to_owned()),
            after: Some(odd()),
        },
        Fact::GroupKindChanged {
            group: group(),
            before: None,
            after: Some("WORKFLOW".to_owned()),
        },
        Fact::GroupDeleted {
            group: group(),
            name: None,
            kind: Some("WORKFLOW".to_owned()),
        },
        Fact::GroupMemberAdded {
            group: group(),
            user: user(),
        },
        Fact::GroupMemberRemoved {
            group: group(),
            user: user(),
            added_at: TenantSeq(1),
        },
        Fact::AuthorizationCreated {
            key: authorization().key,
            authorization: Authorization {
                id: authorization().id,
                kind: AuthorizationKind::Grant,
                terms: on_all(),
            },
        },
        Fact::AuthorizationChanged {
            authorization: authorization(),
            kind: AuthorizationKind::Revoke,
            before: on_all(),
            after: terms(Holder::group("sales"), None),
        },
        Fact::AuthorizationDeleted {
            authorization: authorization(),
            kind: AuthorizationKind::Global,
            terms: on_all(),
        },
    ]
}

pub(super) fn denial() -> Denial {
    Denial::MissingPermission {
        user: demo(),
        permission: "UPDATE".to_owned(),
        resource_type: 4,
        resource_id: Some("4194305".to_owned()),
    }
}

pub(super) fn rejections() -> Vec<Rejection> {
    vec![
        Rejection::NoSuchGroup { group: sales() },
        Rejection::NoSuchAuthorization {
            authorization: "12".to_owned(),
        },
        Rejection::GroupExists { group: sales() },
        Rejection::MemberExists {
            group: sales(),
            user: demo(),
        },
        Rejection::AuthorizationExists {
            authorization: "12".to_owned(),
        },
        Rejection::InvalidId {
            kind: NounKind::Group,
            id: "a b".to_owned(),
        },
        Rejection::BadAuthorization {
            problem: AuthorizationProblem::NotOneHolder,
        },
    ]
}

/// The other ways in which something is no authorization.
pub(super) fn problems() -> Vec<(&'static str, Rejection)> {
    let problems = [
        (
            "BadAuthorization-UnknownKind",
            AuthorizationProblem::UnknownKind { kind: -5 },
        ),
        (
            "BadAuthorization-GroupOfGlobal",
            AuthorizationProblem::GroupOfGlobal,
        ),
        (
            "BadAuthorization-UserOfGlobal",
            AuthorizationProblem::UserOfGlobal { user: demo() },
        ),
        (
            "BadAuthorization-NoResourceType",
            AuthorizationProblem::NoResourceType,
        ),
        (
            "BadAuthorization-NoPermissions",
            AuthorizationProblem::NoPermissions,
        ),
        (
            "BadAuthorization-UnknownPermission",
            AuthorizationProblem::UnknownPermission {
                permission: "TASK_WORK".to_owned(),
                resource_type: 8,
            },
        ),
        (
            "BadAuthorization-PermissionElsewhere",
            AuthorizationProblem::PermissionElsewhere {
                permission: "ACCESS".to_owned(),
                resource_type: 1,
            },
        ),
    ];
    let rejection = |(name, problem)| (name, Rejection::BadAuthorization { problem });
    problems.into_iter().map(rejection).collect()
}
