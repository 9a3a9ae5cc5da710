//! Every situation that has a code, and what its page says.

use axum::http::StatusCode;

/// One situation: what it means and what the caller can do.
///
/// Only this module makes pages, so each one is in the [`CATALOGUE`].
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The stable name, in kebab case.
    pub code: &'static str,
    /// The status that it is answered with.
    pub status: StatusCode,
    /// The situation in a few words.
    pub title: &'static str,
    /// What it means.
    pub description: &'static str,
    /// What the caller can do.
    pub remedy: &'static str,
}

impl Page {
    /// The page as it stands in `schemas/problems/<code>.md`.
    #[must_use]
    pub fn markdown(&self) -> String {
        format!(
            "# {}\n\n`{}`, status {}.\n\n{}\n\n## What you can do\n\n{}\n",
            self.title, self.code, self.status, self.description, self.remedy
        )
    }
}

/// The files that the catalogue makes: path under `schemas/`, contents.
#[must_use]
pub fn documents() -> Vec<(String, String)> {
    CATALOGUE
        .iter()
        .map(|page| (format!("problems/{}.md", page.code), page.markdown()))
        .collect()
}

/// Declares the pages, and the catalogue of all of them.
macro_rules! catalogue {
    ($($name:ident: $code:literal, $status:ident, $title:literal, $description:literal, $remedy:literal;)+) => {
        /// The situations, by name.
        pub mod pages {
            use axum::http::StatusCode;

            use super::Page;

            $(
                #[doc = concat!($title, ".")]
                pub const $name: Page = Page {
                    code: $code,
                    status: StatusCode::$status,
                    title: $title,
                    description: $description,
                    remedy: $remedy,
                };
            )+
        }

        /// Every situation that has a code.
        pub const CATALOGUE: &[Page] = &[$(pages::$name),+];
    };
}

catalogue! {
    MALFORMED: "malformed", BAD_REQUEST,
        "The request is malformed",
        "The request could not be understood: its body is not JSON, a value has the wrong type or is out of its range, or a member is missing or not known. Nothing was recorded.",
        "Correct the request as `detail` says. Sent again as it is, it will fail again.";
    BAD_HEADER: "bad-header", BAD_REQUEST,
        "A header is malformed",
        "The header that `header` names is empty, too long, repeated or not in its syntax. Nothing was recorded.",
        "Correct that header, or leave it away: none of the headers that describe a request is required.";
    BAD_PATH: "bad-path", BAD_REQUEST,
        "The path is malformed",
        "A segment of the path is not percent-encoded UTF-8, or holds U+0000. Nothing was recorded.",
        "Encode each segment of the path by itself: every byte of its UTF-8 that is not a letter, a digit or one of `-._~` as `%XX`.";
    EMPTY_BODY: "empty-body", BAD_REQUEST,
        "The body is missing",
        "The request needs a body and has none. Nothing was recorded.",
        "Send the body that the route's documentation shows.";
    TOO_DEEP: "too-deep", BAD_REQUEST,
        "The body is nested too deeply",
        "The arrays and objects of the body are nested deeper than `limit` levels. Nothing was recorded.",
        "Send a flatter body.";
    BODY_INTERRUPTED: "body-interrupted", BAD_REQUEST,
        "The body ended early",
        "The connection failed before the whole body had arrived, or the body was framed wrongly. Nothing was recorded.",
        "Send the request again.";
    UNAUTHENTICATED: "unauthenticated", UNAUTHORIZED,
        "Who is calling is not known",
        "The request has no credential, or one that is not valid: expired, not signed by the issuer, or made for another audience. Nothing was recorded.",
        "Get a new token from the issuer, for this audience, and send it as `Authorization: Bearer …`.";
    FORBIDDEN: "forbidden", FORBIDDEN,
        "The caller may not do this",
        "The credential is valid, but the rights that it carries do not suffice. If the request was a write, the refusal is in the ledger. Where `scopes` is given, any one of those would have done.",
        "Ask for a credential that carries the right, or let somebody who has one do it.";
    NOT_FOUND: "not-found", NOT_FOUND,
        "There is nothing here",
        "There is no such route or thing, or the caller must not know that there is.",
        "Check the path, and that the credential belongs to the tenant that holds the thing.";
    METHOD_NOT_ALLOWED: "method-not-allowed", METHOD_NOT_ALLOWED,
        "The route does not take this method",
        "The path exists, but not with this method. The header `Allow` names those that it takes.",
        "Use a method that the route takes.";
    BODY_TIMED_OUT: "timed-out", REQUEST_TIMEOUT,
        "The request did not arrive in time",
        "The body was still arriving when the time for it was over. Nothing was recorded.",
        "Send the request again, over a connection that is fast enough for its size.";
    CONFLICT: "conflict", CONFLICT,
        "The request conflicts with the ledger",
        "What is asked contradicts what the ledger holds. The refusal is in the ledger.",
        "Read the present state and decide again.";
    HISTORY_FORKED: "history-forked", CONFLICT,
        "The revision is not of this history",
        "The revision given names an entry whose hash is not the one that the ledger holds: it comes from another ledger, or from a history that was lost.",
        "Drop what was remembered under that revision, and read again without it. Tell the operator: answers already acted upon may be of a history that is gone.";
    STALE: "stale", PRECONDITION_FAILED,
        "The thing has changed since it was read",
        "The precondition, an `If-Match` or `expected`, no longer holds. Nothing was changed; the refusal is in the ledger.",
        "Read the thing again, apply the change to what is there now, and send it with the new etag or revision.";
    TOO_LARGE: "too-large", PAYLOAD_TOO_LARGE,
        "The body is too large",
        "The body has more than `limit` bytes. Nothing was recorded.",
        "Split the request.";
    UNSUPPORTED_MEDIA_TYPE: "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE,
        "The body is in a format that is not read here",
        "The body is not JSON by its `Content-Type`, or is compressed by its `Content-Encoding`. Nothing was recorded.",
        "Send the body uncompressed, as `Content-Type: application/json`.";
    IDEMPOTENCY_KEY_REUSED: "idempotency-key-reused", UNPROCESSABLE_ENTITY,
        "The idempotency key was used for another request",
        "The same caller sent the same `Idempotency-Key` with another method, path, query or body in the last 7 days. Nothing was changed.",
        "Send a new request under a new key. To repeat the earlier one, send it byte for byte as it was.";
    TOO_MANY_REQUESTS: "too-many-requests", TOO_MANY_REQUESTS,
        "Too many requests",
        "The caller sent more requests than its rate allows. Nothing was recorded.",
        "Wait as long as `Retry-After` says, and send fewer.";
    INTERNAL: "internal", INTERNAL_SERVER_ERROR,
        "The server failed",
        "Something happened that should not: a mistake of the server's, which has written it to its log under the request's id.",
        "Tell the operator the `X-Request-Id` of the answer. A write may or may not have been made: send it again with the same `Idempotency-Key` to learn which.";
    UNAVAILABLE: "unavailable", SERVICE_UNAVAILABLE,
        "The service is not available now",
        "A part that the request needs is not ready, out of reach or behind.",
        "Send the request again after `Retry-After`; a write with the same `Idempotency-Key`, so that it is not made twice.";
    HALTED: "halted", SERVICE_UNAVAILABLE,
        "The ledger takes no writes now",
        "Deciding has stopped where this tenant's entries are, because its log or store is not as it must be; `/readyz` of the projectors says why. Nothing was recorded. Reads go on.",
        "Tell the operator, who must mend it, and send the request again later.";
    OVERLOADED: "overloaded", SERVICE_UNAVAILABLE,
        "The server is busy",
        "As many requests are being answered as the server takes at a time. This one was not looked at.",
        "Send the request again after `Retry-After`.";
    DEADLINE_PASSED: "deadline-passed", SERVICE_UNAVAILABLE,
        "The answer was not ready in time",
        "The server gave up waiting for its own answer. A write may or may not have been made, or may still be.",
        "Send the request again after `Retry-After`; a write with the same `Idempotency-Key`: the answer is that of the first, if it was made.";
    NO_SUCH_API: "no-such-api", NOT_FOUND,
        "There is no such API",
        "No API of this tenant has the id or identifier that `api` gives. The refusal is in the ledger.",
        "Check the identifier, its trailing slash included, or create the API first.";
    NO_SUCH_PERMISSION: "no-such-permission", NOT_FOUND,
        "There is no such permission",
        "The API that `api` names has no permission of the name that `permission` gives. The refusal is in the ledger.",
        "Check the name, or define the permission on the API first.";
    NO_SUCH_ROLE: "no-such-role", NOT_FOUND,
        "There is no such role",
        "No role of this tenant has the id that `role` gives. The refusal is in the ledger.",
        "Check the id, or create the role first.";
    NO_SUCH_USER: "no-such-user", NOT_FOUND,
        "There is no such user",
        "No user of this tenant has the id that `user` gives. The refusal is in the ledger.",
        "Check the id, or register the user first.";
    NO_SUCH_GROUP: "no-such-group", NOT_FOUND,
        "There is no such group",
        "No group of this tenant has the id that `group` gives. The refusal is in the ledger.",
        "Check the id, or create the group first.";
    NO_SUCH_AUTHORIZATION: "no-such-authorization", NOT_FOUND,
        "There is no such authorization",
        "No authorization of this tenant has the id that `authorization` gives. The refusal is in the ledger.",
        "Check the id, or create the authorization first.";
    NO_SUCH_ADMIN: "no-such-admin", NOT_FOUND,
        "There is no such admin",
        "No admin of Nest Auth's console in this tenant has the id that `admin` gives. The refusal is in the ledger.",
        "Check the id, or create the admin first.";
    LAST_ADMIN: "last-admin", CONFLICT,
        "It is the only admin",
        "Nobody could use Nest Auth's console any more. The refusal is in the ledger.",
        "Create another admin first.";
    NOT_IN_REALM: "not-in-realm", CONFLICT,
        "The realm has no such thing",
        "What the command makes or changes does not exist in the realm that `realm` gives: there are ids of permissions, guards and admins in `nestauth` alone, and APIs and direct grants elsewhere. The refusal is in the ledger.",
        "Name another realm, or use the command that this one has.";
    NO_SUCH_COMMAND: "no-such-command", NOT_FOUND,
        "There is no such command",
        "No command of this tenant has that id, or none has been read back from the log yet.",
        "Check the id. If the command was sent a moment ago, ask again.";
    EXISTS: "exists", CONFLICT,
        "It exists already",
        "There is already one of that name or id; `kind` says of what. The refusal is in the ledger.",
        "Change the one that is there, or choose another name.";
    IS_SYSTEM: "is-system", CONFLICT,
        "It belongs to the product",
        "The thing is part of the product and cannot be changed like this. The refusal is in the ledger.",
        "Make one of your own.";
    PERMISSION_TWICE: "permission-twice", CONFLICT,
        "A permission is named twice",
        "The list names the permission that `permission` gives more than once. The refusal is in the ledger.",
        "Name each permission once.";
    PERMISSION_RESERVED: "permission-reserved", CONFLICT,
        "The name is reserved",
        "Permissions of the name that `permission` gives are not for callers to define. The refusal is in the ledger.",
        "Choose another name.";
    LIMIT_REACHED: "limit-reached", CONFLICT,
        "There would be too many",
        "With this request there would be more than `limit` of what `what` names. The refusal is in the ledger.",
        "Remove some that are not needed, or send fewer in one command.";
    BAD_TEXT: "bad-text", CONFLICT,
        "The ledger cannot keep this text",
        "The text of the field that `field` names is empty, too long, not JSON where it must be, or holds U+0000. The refusal is in the ledger.",
        "Correct that text.";
    INVALID_ID: "invalid-id", CONFLICT,
        "Nothing can have this id",
        "The realm has rules for the ids of what `kind` names, and this one breaks them. The refusal is in the ledger.",
        "Choose another id.";
    BAD_AUTHORIZATION: "bad-authorization", CONFLICT,
        "This is no authorization",
        "What is asked makes no authorization of Camunda's: `detail` says why. The refusal is in the ledger.",
        "Correct what `detail` names.";
    NOT_IN_BATCH: "not-in-batch", CONFLICT,
        "This command cannot be part of a batch",
        "A batch holds a batch, a cancel or a record of a denial. The refusal is in the ledger.",
        "Send that command by itself.";
    CANCELLED: "cancelled", CONFLICT,
        "The command was cancelled",
        "A cancel of this command came before it in the log, so it had no effect.",
        "Nothing, or send the command again under a new id.";
    ALREADY_DECIDED: "already-decided", CONFLICT,
        "The command is decided already",
        "The command to cancel came before its cancel in the log. Its outcome stands.",
        "Read the command's outcome; undo it by a new command where it had effects.";
    EXPIRED: "expired", SERVICE_UNAVAILABLE,
        "The command came too late",
        "The command reached its place in the log after its deadline, and had no effect. Its idempotency key is free again.",
        "Send the command again, with more time if it had little.";
}
