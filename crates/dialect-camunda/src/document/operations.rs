//! Each route.

use serde_json::json;
use writ_domain::{AuthorizationProblem, NounKind, Rejection};
use writ_http::document::{Content, HttpMethod, Operation, Parameter};

use super::{AUTHORIZATION, AUTHORIZATIONS, GROUP, GROUPS, Told, USER, USERS, shapes};
use crate::failure::{About, Failure};

pub(super) fn all() -> Vec<Operation> {
    let mut all = vec![engines()];
    all.extend(authorizations());
    all.extend(authorization());
    all.extend(users());
    all.extend(groups());
    all.extend(members());
    all
}

fn engines() -> Operation {
    let engines =
        Content::json("CamundaEngines").example("the one there is", json!([{ "name": "default" }]));
    Operation::get("/engine-rest/engine", "camunda.listEngines", "List engines")
        .tag(AUTHORIZATIONS)
        .headers(&["X-Request-Id"])
        .answers(200, "The one engine", engines)
        .edge()
}

fn told(method: HttpMethod, path: &'static str, id: &str, summary: &str) -> Told {
    let tag = match path.split('/').nth(2) {
        Some("user") => USERS,
        Some("group") => GROUPS,
        _ => AUTHORIZATIONS,
    };
    Told::new(Operation::new(method, path, format!("camunda.{id}"), summary).tag(tag))
}

impl Told {
    fn parameter(self, parameter: Parameter) -> Self {
        Self(self.0.parameter(parameter))
    }

    fn window(self) -> Self {
        self.parameter(Parameter::query("firstResult", "How many rows to leave out.").integer())
            .parameter(Parameter::query("maxResults", "How many rows to show.").integer())
            .refuses("a number that is none", &|_| Failure::bad_query())
    }

    fn filters(self) -> Self {
        let list = |name, what| Parameter::query(name, what).with_commas();
        self.parameter(Parameter::query("id", "Its id."))
            .parameter(Parameter::query("type", "0 GLOBAL, 1 GRANT, 2 REVOKE.").integer())
            .parameter(list("userIdIn", "Held by one of these users."))
            .parameter(list("groupIdIn", "Held by one of these groups."))
            .parameter(Parameter::query("resourceType", "The number of a resource type.").integer())
            .parameter(Parameter::query(
                "resourceId",
                "Of this resource; `*` of all.",
            ))
            .parameter(
                Parameter::query("sortBy", "With `sortOrder`.")
                    .one_of(["resourceType", "resourceId"]),
            )
            .parameter(Parameter::query("sortOrder", "With `sortBy`.").one_of(["asc", "desc"]))
            .refuses("users and groups", &Failure::users_and_groups)
            .refuses("a parameter that cannot be read", &|_| {
                let message = "Cannot set query parameter 'sortBy' to value 'id'";
                Failure::invalid(axum::http::StatusCode::BAD_REQUEST, message)
            })
    }
}

fn authorizations() -> Vec<Operation> {
    const PATH: &str = "/engine-rest/authorization";
    let list = told(
        HttpMethod::Get,
        PATH,
        "listAuthorizations",
        "List authorizations",
    )
    .filters()
    .window()
    .shows("CamundaAuthorizations", json!([shapes::authorization()]));
    let links = told(
        HttpMethod::Options,
        PATH,
        "authorizationLinks",
        "Say what the caller may do",
    )
    .shows(
        "CamundaLinks",
        shapes::links(&[("GET", "", "list"), ("GET", "/count", "count")]),
    );
    let count = "/engine-rest/authorization/count";
    let count = told(
        HttpMethod::Get,
        count,
        "countAuthorizations",
        "Count authorizations",
    )
    .filters()
    .shows("CamundaCount", json!({ "count": 1 }));
    let create = "/engine-rest/authorization/create";
    let create = told(
        HttpMethod::Post,
        create,
        "createAuthorization",
        "Create an authorization",
    )
    .takes("CamundaNewAuthorization", shapes::new_authorization())
    .shows("CamundaAuthorization", shapes::authorization())
    .writes(About::NewAuthorization)
    .denies("CREATE", AUTHORIZATION, None);
    let create = unfit(create, About::NewAuthorization).rejects(
        "there is one already",
        About::NewAuthorization,
        &Rejection::AuthorizationExists {
            authorization: "65f6447e".to_owned(),
        },
    );
    vec![
        list.done(),
        links.done(),
        count.done(),
        check(),
        create.done(),
    ]
}

/// What is no authorization.
fn unfit(told: Told, about: About) -> Told {
    let unknown = AuthorizationProblem::UnknownPermission {
        permission: "FLY".to_owned(),
        resource_type: 6,
    };
    let bad = |problem| Rejection::BadAuthorization { problem };
    told.rejects("a permission that is unknown", about, &bad(unknown))
        .rejects(
            "nobody holds it",
            about,
            &bad(AuthorizationProblem::NotOneHolder),
        )
}

fn check() -> Operation {
    let path = "/engine-rest/authorization/check";
    let needed =
        |name, what, example: &str| Parameter::query(name, what).required().example(example);
    told(
        HttpMethod::Get,
        path,
        "checkAuthorization",
        "Ask whether a user may do something",
    )
    .parameter(needed("permissionName", "The permission's name.", "READ"))
    .parameter(needed(
        "resourceName",
        "The resource type's name.",
        "PROCESS_DEFINITION",
    ))
    .parameter(
        Parameter::query("resourceType", "The resource type's number.")
            .integer()
            .required()
            .example(6),
    )
    .parameter(Parameter::query("resourceId", "The resource's id.").example("invoice"))
    .parameter(Parameter::query(
        "userId",
        "Whom it is about; the caller if absent. For others the caller must see every \
             authorization.",
    ))
    .shows(
        "CamundaCheck",
        json!({
            "permissionName": "READ",
            "resourceName": "PROCESS_DEFINITION",
            "resourceId": "invoice",
            "authorized": true,
        }),
    )
    .refuses("a permission that is unknown", &|_| {
        Failure::unknown_permission("FLY", 6)
    })
    .refuses("about somebody else", &|_| {
        let message = "You must have READ permission for Authorization resource.";
        Failure::invalid(axum::http::StatusCode::FORBIDDEN, message)
    })
    .done()
}

fn authorization() -> Vec<Operation> {
    const PATH: &str = "/engine-rest/authorization/{id}";
    let about = |method, id: &str, summary: &str| {
        told(method, PATH, id, summary).parameter(Parameter::path(
            "id",
            "The authorization's id.",
            shapes::ID,
        ))
    };
    let missing = |told: Told| {
        told.refuses("not there, or not to be seen", &|_| {
            Failure::no_such_authorization(shapes::ID)
        })
    };
    let get = missing(about(
        HttpMethod::Get,
        "getAuthorization",
        "Show an authorization",
    ))
    .shows("CamundaAuthorization", shapes::authorization());
    let links = about(
        HttpMethod::Options,
        "oneAuthorizationLinks",
        "Say what the caller may do",
    )
    .shows(
        "CamundaLinks",
        shapes::links(&[("GET", "/1", "self"), ("PUT", "/1", "update")]),
    );
    let update = missing(about(
        HttpMethod::Put,
        "updateAuthorization",
        "Replace an authorization",
    ))
    .takes("CamundaAuthorizationUpdate", shapes::update())
    .does()
    .writes(About::ById)
    .denies("UPDATE", AUTHORIZATION, Some(shapes::ID));
    let delete = missing(about(
        HttpMethod::Delete,
        "deleteAuthorization",
        "Delete an authorization",
    ))
    .does()
    .writes(About::ById)
    .denies("DELETE", AUTHORIZATION, Some(shapes::ID));
    vec![
        Told::new(get.0.carries(200, &["ETag"])).done(),
        links.done(),
        unfit(update, About::ById).done(),
        delete.done(),
    ]
}

fn users() -> Vec<Operation> {
    let id = || Parameter::path("id", "The user's id.", "demo");
    let create = told(
        HttpMethod::Post,
        "/engine-rest/user/create",
        "createUser",
        "Create a user",
    )
    .takes("CamundaNewUser", shapes::new_user())
    .does()
    .writes(About::NewUser)
    .denies("CREATE", USER, None)
    .rejects(
        "there is one already",
        About::NewUser,
        &Rejection::UserExists {
            user: "demo".to_owned(),
        },
    )
    .rejects(
        "an id that none may have",
        About::NewUser,
        &bad_id(NounKind::User),
    );
    let delete = told(
        HttpMethod::Delete,
        "/engine-rest/user/{id}",
        "deleteUser",
        "Delete a user",
    )
    .parameter(id())
    .does()
    .writes(About::Removal)
    .denies("DELETE", USER, Some("demo"));
    let mut all = vec![create.done(), delete.done()];
    all.extend(profile());
    all
}

fn profile() -> Vec<Operation> {
    let missing = |told: Told| {
        told.parameter(Parameter::path("id", "The user's id.", "demo"))
            .refuses("not there, or not to be seen", &|_| {
                Failure::no_such_user("demo")
            })
    };
    let path = "/engine-rest/user/{id}/profile";
    let profile = missing(told(
        HttpMethod::Get,
        path,
        "getProfile",
        "Show a user's profile",
    ))
    .shows("CamundaProfile", shapes::profile());
    let update = missing(told(
        HttpMethod::Put,
        path,
        "updateProfile",
        "Replace a user's profile",
    ))
    .takes("CamundaProfileUpdate", shapes::profile())
    .does()
    .writes(About::ById)
    .denies("UPDATE", USER, Some("demo"));
    let path = "/engine-rest/user/{id}/credentials";
    let password = missing(told(
        HttpMethod::Put,
        path,
        "setPassword",
        "Set a user's password",
    ))
    .takes("CamundaCredentials", shapes::credentials())
    .does()
    .writes(About::ById)
    .denies("UPDATE", USER, Some("demo"))
    .refuses("the caller's own password is wrong", &|_| {
        let message = "The given authenticated user password is not valid.";
        Failure::invalid(axum::http::StatusCode::BAD_REQUEST, message)
    });
    vec![profile.done(), update.done(), password.done()]
}

fn bad_id(kind: NounKind) -> Rejection {
    Rejection::InvalidId {
        kind,
        id: "de mo".to_owned(),
    }
}

fn groups() -> Vec<Operation> {
    const PATH: &str = "/engine-rest/group/{id}";
    let id = || Parameter::path("id", "The group's id.", "accounting");
    let missing = |told: Told| {
        told.parameter(id())
            .refuses("not there, or not to be seen", &|_| {
                Failure::no_such_group("accounting")
            })
    };
    let list = told(
        HttpMethod::Get,
        "/engine-rest/group",
        "listGroups",
        "List groups",
    )
    .parameter(Parameter::query("id", "Its id."))
    .parameter(Parameter::query("idIn", "One of these ids.").with_commas())
    .parameter(Parameter::query("name", "Its name."))
    .parameter(Parameter::query("type", "Its type."))
    .parameter(Parameter::query("member", "With this user."))
    .window()
    .shows("CamundaGroups", json!([shapes::group()]));
    let create = told(
        HttpMethod::Post,
        "/engine-rest/group/create",
        "createGroup",
        "Create a group",
    )
    .takes("CamundaNewGroup", shapes::group())
    .does()
    .writes(About::NewGroup)
    .denies("CREATE", GROUP, None)
    .refuses("no id", &Failure::null_group)
    .rejects(
        "there is one already",
        About::NewGroup,
        &Rejection::GroupExists {
            group: "accounting".to_owned(),
        },
    )
    .rejects(
        "an id that none may have",
        About::NewGroup,
        &bad_id(NounKind::Group),
    );
    let get = missing(told(HttpMethod::Get, PATH, "getGroup", "Show a group"))
        .shows("CamundaGroup", shapes::group());
    let update = missing(told(
        HttpMethod::Put,
        PATH,
        "updateGroup",
        "Replace a group",
    ))
    .takes("CamundaGroupUpdate", shapes::group())
    .does()
    .writes(About::ById)
    .denies("UPDATE", GROUP, Some("accounting"));
    let delete = told(HttpMethod::Delete, PATH, "deleteGroup", "Delete a group")
        .parameter(id())
        .does()
        .writes(About::Removal)
        .denies("DELETE", GROUP, Some("accounting"));
    vec![
        list.done(),
        create.done(),
        get.done(),
        update.done(),
        delete.done(),
    ]
}

fn members() -> Vec<Operation> {
    const PATH: &str = "/engine-rest/group/{id}/members/{userId}";
    /// The resource type of memberships.
    const MEMBERSHIP: i32 = 3;
    let of = |method, name: &str, summary: &str, right: &str| {
        told(method, PATH, name, summary)
            .parameter(Parameter::path("id", "The group's id.", "accounting"))
            .parameter(Parameter::path("userId", "The user's id.", "demo"))
            .does()
            .writes(About::Membership)
            .denies(right, MEMBERSHIP, Some("accounting"))
    };
    let add = of(
        HttpMethod::Put,
        "addMember",
        "Put a user into a group",
        "CREATE",
    )
    .rejects(
        "no such group",
        About::Membership,
        &Rejection::NoSuchGroup {
            group: "accounting".to_owned(),
        },
    )
    .rejects(
        "it is a member",
        About::Membership,
        &Rejection::MemberExists {
            group: "accounting".to_owned(),
            user: "demo".to_owned(),
        },
    );
    let remove = of(
        HttpMethod::Delete,
        "removeMember",
        "Take a user from a group",
        "DELETE",
    );
    vec![add.done(), remove.done()]
}
