// A tour with the real SDK: token, API, role, grant, list, revoke.
// In the environment: WRIT_ADDRESS (host:port), WRIT_CLIENT_ID, WRIT_CLIENT_SECRET.
import assert from "node:assert/strict";
import { ManagementClient, ManagementError } from "auth0";

const { WRIT_ADDRESS: domain, WRIT_CLIENT_ID: clientId, WRIT_CLIENT_SECRET: clientSecret } = process.env;

// The SDK knows https alone; its `fetch` option is the way to plain HTTP.
const overHttp = (url, init) => fetch(String(url).replace(/^https:/, "http:"), init);
const auth0 = new ManagementClient({ domain, clientId, clientSecret, fetch: overHttp, maxRetries: 0 });

const all = async (page) => {
  const items = [];
  for await (const item of await page) items.push(item);
  return items;
};
const names = (items) => items.map((item) => item.permission_name);
const statusOf = async (call) => {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof ManagementError, String(error));
    return [error.statusCode, error.body?.message];
  }
  assert.fail("the call succeeded");
};

const identifier = "https://tour.example/";
const can = (...permissions) => ({
  permissions: permissions.map((permission_name) => ({
    resource_server_identifier: identifier,
    permission_name,
  })),
});

// An API with three scopes.
const api = await auth0.resourceServers.create({
  name: "Tour",
  identifier,
  scopes: [{ value: "read:a", description: "Read a" }, { value: "read:b" }, { value: "write:a" }],
});
assert.match(api.id, /^[0-9a-f]{24}$/);
assert.equal(api.signing_alg, "RS256");
assert.equal((await auth0.resourceServers.get(identifier)).id, api.id);
assert.ok((await all(auth0.resourceServers.list())).some((one) => one.id === api.id));

// A role that grants two of them.
const role = await auth0.roles.create({ name: "Reader", description: "Reads" });
assert.match(role.id, /^rol_[0-9A-Za-z]{16}$/);
await auth0.roles.permissions.add(role.id, can("read:b", "read:a"));
assert.deepEqual(await all(auth0.roles.permissions.list(role.id)), [
  {
    permission_name: "read:a",
    description: "Read a",
    resource_server_name: "Tour",
    resource_server_identifier: identifier,
  },
  {
    permission_name: "read:b",
    description: "",
    resource_server_name: "Tour",
    resource_server_identifier: identifier,
  },
]);

// A user who has the role, and one permission directly.
const user = await auth0.users.create({
  connection: "Username-Password-Authentication",
  user_id: "tour",
  email: "tour@writ.example",
  password: "correct horse battery staple",
});
assert.equal(user.user_id, "auth0|tour");
await auth0.users.roles.assign(user.user_id, { roles: [role.id] });
await auth0.users.permissions.create(user.user_id, can("write:a"));
const held = await all(auth0.users.permissions.list(user.user_id));
assert.deepEqual(names(held), ["read:a", "read:b", "write:a"]);
assert.deepEqual((await all(auth0.users.roles.list(user.user_id))).map((one) => one.id), [role.id]);
assert.deepEqual((await all(auth0.roles.users.list(role.id))).map((one) => one.user_id), [user.user_id]);

// Revoked from the role; once more changes nothing.
await auth0.roles.permissions.delete(role.id, can("read:b"));
await auth0.roles.permissions.delete(role.id, can("read:b"));
assert.deepEqual(names(await all(auth0.roles.permissions.list(role.id))), ["read:a"]);

// Revoked from the user.
await auth0.users.permissions.delete(user.user_id, can("write:a"));
assert.ok(!names(await all(auth0.users.permissions.list(user.user_id))).includes("write:a"));

// A scope that the API loses is lost to whoever held it.
const patched = await auth0.resourceServers.update(identifier, { scopes: [{ value: "write:a" }] });
assert.deepEqual(patched.scopes, [{ value: "write:a" }]);
assert.deepEqual(await all(auth0.roles.permissions.list(role.id)), []);

// Errors come as the SDK's own, with Auth0's words.
assert.deepEqual(await statusOf(auth0.roles.get("rol_0000000000000000")), [404, "The role does not exist."]);
assert.deepEqual(await statusOf(auth0.users.permissions.list("auth0|nobody")), [404, "The user does not exist."]);

// Gone.
await auth0.users.roles.delete(user.user_id, { roles: [role.id] });
assert.deepEqual(await all(auth0.users.roles.list(user.user_id)), []);
await auth0.users.delete(user.user_id);
await auth0.roles.delete(role.id);
await auth0.resourceServers.delete(identifier);
assert.ok(!(await all(auth0.resourceServers.list())).some((one) => one.id === api.id));

console.log("tour done");
