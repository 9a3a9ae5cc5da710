//! The examples, sent in an order in which they make sense.

use std::collections::BTreeSet;

use super::Contract;
use super::rehearsal::{Rehearsal, Spoilt};

/// Operations in order. With a status where that is not the success that is told of first.
const SCENE: &[(&str, u16)] = &[
    ("getHealth", 0),
    ("getReadiness", 0),
    ("getMetrics", 0),
    ("getOpenApi", 0),
    ("getDocs", 0),
    ("getDocsScript", 0),
    ("getDocsStyle", 0),
    ("listProblems", 0),
    ("getProblem", 0),
    ("getSchema", 0),
    ("getKeys", 0),
    ("getIssuer", 0),
    ("issueToken", 0),
    ("auth0.createResourceServer", 0),
    ("auth0.listResourceServers", 0),
    ("auth0.getResourceServer", 0),
    ("auth0.updateResourceServer", 0),
    ("auth0.createRole", 0),
    ("auth0.listRoles", 0),
    ("auth0.getRole", 0),
    ("auth0.updateRole", 0),
    ("auth0.addRolePermissions", 0),
    ("auth0.listRolePermissions", 0),
    ("auth0.createUser", 0),
    ("auth0.listUsers", 0),
    ("auth0.getUser", 0),
    ("auth0.updateUser", 0),
    ("auth0.assignRoleUsers", 0),
    ("auth0.listRoleUsers", 0),
    ("auth0.addUserPermissions", 0),
    ("auth0.listUserPermissions", 0),
    ("auth0.assignUserRoles", 0),
    ("auth0.listUserRoles", 0),
    ("auth0.listEffectivePermissions", 0),
    ("auth0.listEffectivePermissionRoles", 0),
    ("auth0.listEffectiveRoles", 0),
    ("auth0.listClients", 0),
    ("listGrants", 0),
    ("check", 0),
    ("explain", 0),
    ("submitCommand", 0),
    ("getCommand", 0),
    // It is decided already.
    ("cancelCommand", 409),
    ("listChanges", 0),
    ("auth0.removeRolePermissions", 0),
    ("explain", 0),
    ("listHistory", 0),
    ("getEntry", 0),
    ("listEffects", 0),
    ("auth0.removeUserPermissions", 0),
    ("auth0.unassignUserRoles", 0),
    ("auth0.deleteUser", 0),
    ("auth0.deleteRole", 0),
    ("auth0.deleteResourceServer", 0),
    ("camunda.listEngines", 0),
    ("camunda.createUser", 0),
    ("camunda.getProfile", 0),
    ("camunda.updateProfile", 0),
    ("camunda.setPassword", 0),
    ("camunda.createGroup", 0),
    ("camunda.getGroup", 0),
    ("camunda.listGroups", 0),
    ("camunda.updateGroup", 0),
    ("camunda.addMember", 0),
    ("camunda.createAuthorization", 0),
    ("camunda.getAuthorization", 0),
    ("camunda.listAuthorizations", 0),
    ("camunda.countAuthorizations", 0),
    ("camunda.checkAuthorization", 0),
    ("camunda.authorizationLinks", 0),
    ("camunda.oneAuthorizationLinks", 0),
    ("camunda.updateAuthorization", 0),
    ("camunda.deleteAuthorization", 0),
    ("camunda.removeMember", 0),
    ("camunda.deleteGroup", 0),
    ("camunda.deleteUser", 0),
    ("nestauth.getConfig", 0),
    // The server made an admin at its start.
    ("nestauth.signUp", 403),
    ("nestauth.logIn", 0),
    ("nestauth.getAdmin", 0),
    ("nestauth.createPermission", 0),
    ("nestauth.listPermissions", 0),
    ("nestauth.listGuards", 0),
    ("nestauth.searchPermissions", 0),
    ("nestauth.listCategories", 0),
    ("nestauth.getPermission", 0),
    ("nestauth.updatePermission", 0),
    ("nestauth.createRole", 0),
    ("nestauth.listRoles", 0),
    ("nestauth.updateRole", 0),
    ("nestauth.deleteRole", 0),
    ("nestauth.deletePermission", 0),
    ("nestauth.logOut", 0),
];

/// Its answer has no end: it is read by events.
const STREAM: &str = "streamChanges";

#[tokio::test]
async fn documented_requests_are_answered_as_documented() {
    let contract = Contract::committed();
    let mut rehearsal = Rehearsal::start(&contract).await;
    let mut played = BTreeSet::from([STREAM.to_owned()]);
    for (id, status) in SCENE {
        let route = contract.route(id);
        let expected = if *status == 0 {
            route.success()
        } else {
            *status
        };
        for answer in rehearsal.play(&route, Spoilt::No).await {
            assert_eq!(answer.status, expected, "{id}: {}", answer.text());
        }
        played.insert((*id).to_owned());
    }
    let told: BTreeSet<String> = contract
        .routes()
        .iter()
        .map(|route| route.id().to_owned())
        .collect();
    assert_eq!(played, told, "each operation has its place in the scene");

    let stream = contract.route(STREAM);
    let request = rehearsal.request(&stream, None, Spoilt::No);
    let event = request.events().await.next().await.expect("an event");
    assert_eq!(event.name, "change");
    assert_eq!(contract.misfit("FeedChange", &event.data), None);
}
