//! The bodies of requests, from Auth0's OpenAPI document with the corrections of recordings.

use super::Node;
use super::format::{E164, EMAIL, NO_ANGLE_BRACKETS, NO_SPACE, STRICT_URI};
use crate::json::Type;

const RESOURCE_SERVER_NAME: Node = Node::string()
    .described("Friendly name for this resource server. Can not contain `<` or `>` characters")
    .max_length(200)
    .pattern(NO_ANGLE_BRACKETS);

static SCOPE: Node = Node::closed(&[
    (
        "value",
        Node::string()
            .described("Value of this scope")
            .length(1, 280),
    ),
    (
        "description",
        Node::string()
            .described("User-friendly description of this scope")
            .max_length(500),
    ),
])
.required(&["value"]);

const SCOPES: Node =
    Node::array(&SCOPE).described("List of permissions (scopes) that this API uses.");

const SIGNING_ALG: Node = Node::string()
    .described(
        "Algorithm used to sign JWTs. Can be `HS256` (default) or `RS256`. \
         `PS256` available via addon",
    )
    .one_of(&[Some("HS256"), Some("RS256"), Some("RS512"), Some("PS256")]);

const SIGNING_SECRET: Node = Node::string()
    .described("Secret used to sign tokens when using symmetric algorithms (HS256)")
    .min_length(16);

const ALLOW_OFFLINE_ACCESS: Node = Node::boolean()
    .described("Whether refresh tokens can be issued for this API (true) or not (false)");

const ALLOW_ONLINE_ACCESS: Node = Node::boolean()
    .described("Whether Online Refresh Tokens can be issued for this API (true) or not (false)");

const ALLOW_ONLINE_ACCESS_EPHEMERAL: Node = Node::boolean().described(
    "Whether Online Refresh Tokens can be issued even when sessions are configured as ephemeral \
     (true) or not (false)",
);

const SKIP_CONSENT: Node = Node::boolean().described(
    "Whether to skip user consent for applications flagged as first party (true) or not (false)",
);

const TOKEN_LIFETIME: Node = Node::integer()
    .described(
        "Expiration value (in seconds) for access tokens issued for this API from the token \
         endpoint",
    )
    .range(0, 2_592_000);

/// Not in Auth0's document, but sent by its Go SDK, accepted and stored.
const TOKEN_LIFETIME_FOR_WEB: Node = Node::integer()
    .described(
        "Expiration value (in seconds) for access tokens issued for this API via Implicit or \
         Hybrid Flows. Cannot be greater than the `token_lifetime` value",
    )
    .range(0, 2_592_000);

const TOKEN_DIALECT: Node = Node::string()
    .described(
        "Dialect of issued access token. `access_token` is a JWT containing standard Auth0 \
         claims; `rfc9068_profile` is a JWT conforming to the IETF JWT Access Token Profile. \
         `access_token_authz` and `rfc9068_profile_authz` additionally include RBAC permissions \
         claims",
    )
    .one_of(&[
        Some("access_token"),
        Some("access_token_authz"),
        Some("rfc9068_profile"),
        Some("rfc9068_profile_authz"),
    ]);

const CONSENT_POLICY: Node = Node::of(&[Type::String, Type::Null])
    .one_of(&[Some("transactional-authorization-with-mfa"), None]);

const AUTHORIZATION_DETAILS: Node = Node::of(&[Type::Array, Type::Null]);

const ENCRYPTION_KEY: Node = Node::closed(&[
    (
        "name",
        Node::string()
            .described("Name of the encryption key")
            .length(1, 128),
    ),
    (
        "alg",
        Node::string()
            .described("Algorithm used to encrypt the token")
            .one_of(&[
                Some("RSA-OAEP-256"),
                Some("RSA-OAEP-384"),
                Some("RSA-OAEP-512"),
            ]),
    ),
    ("kid", Node::string().described("Key ID").length(1, 128)),
    (
        "pem",
        Node::string()
            .described("PEM-formatted public key. Must be JSON escaped")
            .length(1, 4096),
    ),
])
.required(&["alg", "pem"]);

const TOKEN_ENCRYPTION: Node = Node::closed(&[
    (
        "format",
        Node::string()
            .described("Format of the encrypted JWT payload")
            .one_of(&[Some("compact-nested-jwe")]),
    ),
    ("encryption_key", ENCRYPTION_KEY),
])
.types(&[Type::Object, Type::Null])
.required(&["format", "encryption_key"]);

const PROOF_OF_POSSESSION: Node = Node::closed(&[
    (
        "mechanism",
        Node::string()
            .described("Intended mechanism for Proof-of-Possession")
            .one_of(&[Some("mtls"), Some("dpop")]),
    ),
    (
        "required",
        Node::boolean().described(
            "Whether the use of Proof-of-Possession is required for the resource server",
        ),
    ),
    (
        "required_for",
        Node::string()
            .described("Specifies which client types require Proof-of-Possession")
            .one_of(&[Some("public_clients"), Some("all_clients")]),
    ),
])
.types(&[Type::Object, Type::Null])
.described("Proof-of-Possession configuration for access tokens")
.required(&["mechanism", "required"]);

const SUBJECT_TYPE_AUTHORIZATION: Node = Node::closed(&[
    (
        "user",
        Node::open(&[(
            "policy",
            Node::string()
                .described("Defines the user flows policy for the resource server")
                .one_of(&[
                    Some("allow_all"),
                    Some("deny_all"),
                    Some("require_client_grant"),
                ]),
        )])
        .described("Access Permissions for user flows"),
    ),
    (
        "client",
        Node::open(&[(
            "policy",
            Node::string()
                .described("Defines the client flows policy for the resource server")
                .one_of(&[Some("deny_all"), Some("require_client_grant")]),
        )])
        .described("Access Permissions for client flows"),
    ),
])
.described("Defines application access permission for a resource server");

const AUTHORIZATION_POLICY: Node = Node::closed(&[(
    "policy_id",
    Node::string()
        .described("The ID of the authorization policy to apply")
        .length(1, 1024),
)])
.types(&[Type::Object, Type::Null])
.described("Authorization policy for the resource server")
.required(&["policy_id"]);

const CLIENT_ID: Node =
    Node::string().described("The client ID of the client that this resource server is linked to");

pub(crate) static CREATE_RESOURCE_SERVER: Node = Node::closed(&[
    ("name", RESOURCE_SERVER_NAME),
    (
        "identifier",
        Node::string()
            .described(
                "Unique identifier for the API used as the audience parameter on authorization \
                 calls. Can not be changed once set",
            )
            .length(1, 600),
    ),
    ("scopes", SCOPES),
    ("signing_alg", SIGNING_ALG),
    ("signing_secret", SIGNING_SECRET),
    ("allow_offline_access", ALLOW_OFFLINE_ACCESS),
    ("allow_online_access", ALLOW_ONLINE_ACCESS),
    (
        "allow_online_access_with_ephemeral_sessions",
        ALLOW_ONLINE_ACCESS_EPHEMERAL,
    ),
    ("token_lifetime", TOKEN_LIFETIME),
    ("token_lifetime_for_web", TOKEN_LIFETIME_FOR_WEB),
    (
        "token_lifetime_for_anonymous_access_tokens",
        Node::integer().range(0, 2_592_000),
    ),
    ("token_dialect", TOKEN_DIALECT),
    (
        "skip_consent_for_verifiable_first_party_clients",
        SKIP_CONSENT,
    ),
    (
        "enforce_policies",
        Node::boolean().described(
            "Whether to enforce authorization policies (true) or to ignore them (false)",
        ),
    ),
    ("token_encryption", TOKEN_ENCRYPTION),
    ("consent_policy", CONSENT_POLICY),
    ("authorization_details", AUTHORIZATION_DETAILS),
    ("proof_of_possession", PROOF_OF_POSSESSION),
    ("subject_type_authorization", SUBJECT_TYPE_AUTHORIZATION),
    ("authorization_policy", AUTHORIZATION_POLICY),
    ("access_token", Node::of(&[Type::Object, Type::Null])),
    (
        "require_consent_non_repudiation",
        Node::of(&[Type::Boolean, Type::Null]),
    ),
    (
        "verificationLocation",
        Node::of(&[Type::String, Type::Null]),
    ),
    ("options", Node::of(&[Type::Object, Type::Null])),
    ("client_id", CLIENT_ID),
])
.required(&["identifier"]);

pub(crate) static UPDATE_RESOURCE_SERVER: Node = Node::closed(&[
    ("name", RESOURCE_SERVER_NAME),
    ("scopes", SCOPES),
    ("signing_alg", SIGNING_ALG),
    ("signing_secret", SIGNING_SECRET),
    (
        "skip_consent_for_verifiable_first_party_clients",
        SKIP_CONSENT,
    ),
    ("allow_offline_access", ALLOW_OFFLINE_ACCESS),
    ("allow_online_access", ALLOW_ONLINE_ACCESS),
    (
        "allow_online_access_with_ephemeral_sessions",
        ALLOW_ONLINE_ACCESS_EPHEMERAL,
    ),
    ("token_lifetime", TOKEN_LIFETIME),
    ("token_lifetime_for_web", TOKEN_LIFETIME_FOR_WEB),
    (
        "token_lifetime_for_anonymous_access_tokens",
        Node::integer().range(0, 2_592_000),
    ),
    ("token_dialect", TOKEN_DIALECT),
    (
        "enforce_policies",
        Node::boolean().described(
            "Whether authorization policies are enforced (true) or not enforced (false)",
        ),
    ),
    ("token_encryption", TOKEN_ENCRYPTION),
    ("consent_policy", CONSENT_POLICY),
    ("authorization_details", AUTHORIZATION_DETAILS),
    ("proof_of_possession", PROOF_OF_POSSESSION),
    ("subject_type_authorization", SUBJECT_TYPE_AUTHORIZATION),
    ("authorization_policy", AUTHORIZATION_POLICY),
    ("access_token", Node::of(&[Type::Object, Type::Null])),
    (
        "require_consent_non_repudiation",
        Node::of(&[Type::Boolean, Type::Null]),
    ),
    (
        "verificationLocation",
        Node::of(&[Type::String, Type::Null]),
    ),
    ("options", Node::of(&[Type::Object, Type::Null])),
    ("client_id", CLIENT_ID),
]);

/// `description` may be null: older clients send that.
pub(crate) static CREATE_ROLE: Node = Node::closed(&[
    ("name", Node::string().described("Name of the role")),
    (
        "description",
        Node::of(&[Type::String, Type::Null]).described("Description of the role"),
    ),
])
.required(&["name"]);

pub(crate) static UPDATE_ROLE: Node = Node::closed(&[
    ("name", Node::string().described("Name of this role")),
    (
        "description",
        Node::of(&[Type::String, Type::Null]).described("Description of this role"),
    ),
]);

static PERMISSION: Node = Node::closed(&[
    (
        "resource_server_identifier",
        Node::string().described("Resource server (API) identifier that this permission is for"),
    ),
    (
        "permission_name",
        Node::string().described("Name of this permission"),
    ),
])
.required(&["resource_server_identifier", "permission_name"]);

/// Adds permissions to a role or takes them from it.
pub(crate) static ROLE_PERMISSIONS: Node = Node::closed(&[(
    "permissions",
    Node::array(&PERMISSION)
        .described("array of resource_server_identifier, permission_name pairs")
        .min_items(1),
)])
.required(&["permissions"]);

pub(crate) static ADD_USER_PERMISSIONS: Node = Node::closed(&[(
    "permissions",
    Node::array(&PERMISSION)
        .described("List of permissions to add to this user")
        .min_items(1),
)])
.required(&["permissions"]);

pub(crate) static REMOVE_USER_PERMISSIONS: Node = Node::closed(&[(
    "permissions",
    Node::array(&PERMISSION)
        .described("List of permissions to remove from this user")
        .min_items(1),
)])
.required(&["permissions"]);

static NAME: Node = Node::string().min_length(1);

pub(crate) static ROLE_USERS: Node = Node::closed(&[(
    "users",
    Node::array(&NAME)
        .described("user_id's of the users to assign the role to")
        .min_items(1),
)])
.required(&["users"]);

pub(crate) static ADD_USER_ROLES: Node = Node::closed(&[(
    "roles",
    Node::array(&NAME)
        .described("List of roles IDs to associated with the user")
        .min_items(1),
)])
.required(&["roles"]);

pub(crate) static REMOVE_USER_ROLES: Node = Node::closed(&[(
    "roles",
    Node::array(&NAME)
        .described("List of roles IDs to remove from the user")
        .min_items(1),
)])
.required(&["roles"]);

const USER_METADATA: Node = Node::open(&[]).described(
    "Data related to the user that does not affect the application's core functionality",
);

const APP_METADATA: Node = Node::open(&[])
    .described("Data related to the user that does affect the application's core functionality");

pub(crate) static CREATE_USER: Node = Node::closed(&[
    (
        "email",
        Node::string().described("The user's email").format(EMAIL),
    ),
    (
        "phone_number",
        Node::string()
            .described("The user's phone number (following the E.164 recommendation)")
            .pattern(E164),
    ),
    ("user_metadata", USER_METADATA),
    (
        "blocked",
        Node::boolean()
            .described("Whether this user was blocked by an administrator (true) or not (false)"),
    ),
    (
        "email_verified",
        Node::boolean().described(
            "Whether this email address is verified (true) or unverified (false). User will \
             receive a verification email after creation if `email_verified` is false or not \
             specified",
        ),
    ),
    (
        "phone_verified",
        Node::boolean()
            .described("Whether this phone number has been verified (true) or not (false)"),
    ),
    ("app_metadata", APP_METADATA),
    (
        "given_name",
        Node::string()
            .described("The user's given name(s)")
            .length(1, 150),
    ),
    (
        "family_name",
        Node::string()
            .described("The user's family name(s)")
            .length(1, 150),
    ),
    (
        "name",
        Node::string()
            .described("The user's full name")
            .length(1, 300),
    ),
    (
        "nickname",
        Node::string()
            .described("The user's nickname")
            .length(1, 300),
    ),
    (
        "picture",
        Node::string()
            .described("A URI pointing to the user's picture")
            .format(STRICT_URI),
    ),
    (
        "user_id",
        Node::string()
            .described("The external user's id provided by the identity provider")
            .length(0, 255)
            .pattern(NO_SPACE),
    ),
    (
        "connection",
        Node::string()
            .described("Name of the connection this user should be created in")
            .min_length(1),
    ),
    (
        "password",
        Node::string()
            .described("Initial password for this user. Only valid for auth0 connection strategy")
            .min_length(1),
    ),
    (
        "verify_email",
        Node::boolean().described(
            "Whether the user will receive a verification email after creation (true) or no \
             email (false). Overrides behavior of `email_verified` parameter",
        ),
    ),
    (
        "username",
        Node::string()
            .described("The user's username. Only valid if the connection requires a username")
            .length(1, 128),
    ),
])
.required(&["connection"]);

const TEXT_OR_NULL: Node = Node::of(&[Type::String, Type::Null]);

pub(crate) static UPDATE_USER: Node = Node::closed(&[
    (
        "blocked",
        Node::boolean()
            .described("Whether this user was blocked by an administrator (true) or not (false)"),
    ),
    (
        "email_verified",
        Node::boolean().described(
            "Whether this email address is verified (true) or unverified (false). If set to \
             false the user will not receive a verification email unless `verify_email` is set \
             to true",
        ),
    ),
    (
        "email",
        TEXT_OR_NULL
            .described("Email address of this user")
            .format(EMAIL),
    ),
    (
        "phone_number",
        TEXT_OR_NULL
            .described("The user's phone number (following the E.164 recommendation)")
            .pattern(E164),
    ),
    (
        "phone_verified",
        Node::boolean()
            .described("Whether this phone number has been verified (true) or not (false)"),
    ),
    (
        "user_metadata",
        Node::open(&[]).described("User metadata to which this user has read/write access"),
    ),
    (
        "app_metadata",
        Node::open(&[]).described("User metadata to which this user has read-only access"),
    ),
    (
        "given_name",
        TEXT_OR_NULL
            .described("Given name/first name/forename of this user")
            .length(1, 150),
    ),
    (
        "family_name",
        TEXT_OR_NULL
            .described("Family name/last name/surname of this user")
            .length(1, 150),
    ),
    (
        "name",
        TEXT_OR_NULL.described("Name of this user").length(1, 300),
    ),
    (
        "nickname",
        TEXT_OR_NULL
            .described("Preferred nickname or alias of this user")
            .length(1, 300),
    ),
    (
        "picture",
        TEXT_OR_NULL
            .described("URL to picture, photo, or avatar of this user")
            .format(STRICT_URI),
    ),
    (
        "verify_email",
        Node::boolean().described(
            "Whether this user will receive a verification email after creation (true) or no \
             email (false). Overrides behavior of `email_verified` parameter",
        ),
    ),
    (
        "verify_phone_number",
        Node::boolean().described(
            "Whether this user will receive a text after changing the phone number (true) or no \
             text (false). Only valid when changing phone number for SMS connections",
        ),
    ),
    (
        "password",
        TEXT_OR_NULL
            .described("New password for this user. Only valid for database connections")
            .min_length(1),
    ),
    (
        "connection",
        Node::string()
            .described("Name of the connection to target for this user update")
            .min_length(1),
    ),
    (
        "client_id",
        Node::string()
            .described("Auth0 client ID. Only valid when updating email address")
            .min_length(1),
    ),
    (
        "username",
        TEXT_OR_NULL
            .described("The user's username. Only valid if the connection requires a username")
            .length(1, 128),
    ),
]);
