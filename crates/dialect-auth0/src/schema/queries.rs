//! The query strings of requests. Keys that Auth0 does not know are tolerated.

use super::Node;

const PAGE: Node = Node::integer()
    .described("Page index of the results to return. First page is 0")
    .minimum(0);

const PER_PAGE: Node = Node::integer()
    .described("Number of results per page. Defaults to 50")
    .range(1, 100);

const PER_PAGE_PLAIN: Node = Node::integer()
    .described("Number of results per page")
    .range(1, 100);

const INCLUDE_TOTALS: Node = Node::boolean().described(
    "Return results inside an object that contains the total result count (true) or as a direct \
     array of results (false, default)",
);

const FROM: Node = Node::string().described("Optional Id from which to start selection");

const TAKE: Node = Node::integer()
    .described("Number of results per page. Defaults to 50")
    .range(1, 100);

const TAKE_ANY: Node = Node::integer()
    .described("Number of results per page. Defaults to 50")
    .minimum(1);

const FIELDS: Node = Node::string().described(
    "Comma-separated list of fields to include or exclude (based on value provided for \
     include_fields) in the result. Leave empty to retrieve all fields",
);

const INCLUDE_FIELDS: Node = Node::boolean()
    .described("Whether specified fields are to be included (true) or excluded (false)");

static IDENTIFIER: Node = Node::string().min_length(1);

pub(crate) static NONE: Node = Node::open(&[]);

pub(crate) static RESOURCE_SERVERS: Node = Node::open(&[
    (
        "identifiers",
        Node::array(&IDENTIFIER)
            .described(
                "An optional filter on the resource server identifier. Must be URL encoded and \
                 may be specified multiple times (max 10).<br /><b>e.g.</b> \
                 <i>../resource-servers?identifiers=id1&identifiers=id2</i>",
            )
            .max_items(10),
    ),
    ("page", PAGE),
    ("per_page", PER_PAGE_PLAIN),
    ("include_totals", INCLUDE_TOTALS),
    ("fields", FIELDS),
    ("include_fields", INCLUDE_FIELDS),
]);

/// One noun: its fields.
pub(crate) static ONE: Node = Node::open(&[("fields", FIELDS), ("include_fields", INCLUDE_FIELDS)]);

pub(crate) static ROLES: Node = Node::open(&[
    ("per_page", PER_PAGE),
    ("page", PAGE),
    ("include_totals", INCLUDE_TOTALS),
    (
        "name_filter",
        Node::string().described("Optional filter on name (case-insensitive)"),
    ),
]);

pub(crate) static ROLE_PERMISSIONS: Node = Node::open(&[
    ("per_page", PER_PAGE),
    ("page", PAGE),
    ("include_totals", INCLUDE_TOTALS),
]);

pub(crate) static ROLE_USERS: Node = Node::open(&[
    ("per_page", PER_PAGE),
    ("page", PAGE),
    ("include_totals", INCLUDE_TOTALS),
    ("from", FROM),
    ("take", TAKE),
]);

/// What a user holds: its permissions or its roles.
pub(crate) static HELD_BY_USER: Node = Node::open(&[
    ("per_page", PER_PAGE_PLAIN),
    ("page", PAGE),
    ("include_totals", INCLUDE_TOTALS),
]);

pub(crate) static USERS: Node = Node::open(&[
    ("page", PAGE),
    ("per_page", PER_PAGE_PLAIN),
    ("include_totals", INCLUDE_TOTALS),
    ("fields", FIELDS),
    ("include_fields", INCLUDE_FIELDS),
]);

pub(crate) static CLIENTS: Node = Node::open(&[
    ("per_page", PER_PAGE),
    ("page", PAGE),
    ("include_totals", INCLUDE_TOTALS),
]);

const EFFECTIVE_API: Node = Node::string()
    .described("The identifier of the resource server for which to calculate user permissions");

pub(crate) static EFFECTIVE_PERMISSIONS: Node = Node::open(&[
    ("from", FROM),
    ("take", TAKE_ANY),
    ("resource_server_identifier", EFFECTIVE_API),
])
.required(&["resource_server_identifier"]);

pub(crate) static EFFECTIVE_PERMISSION_ROLES: Node = Node::open(&[
    ("from", FROM),
    ("take", TAKE_ANY),
    ("resource_server_identifier", EFFECTIVE_API),
    (
        "permission_name",
        Node::string().described("Name of this permission"),
    ),
])
.required(&["resource_server_identifier", "permission_name"]);

pub(crate) static EFFECTIVE_ROLES: Node = Node::open(&[("from", FROM), ("take", TAKE_ANY)]);
