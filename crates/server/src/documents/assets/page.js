// Shows /openapi.json. Everything of the document is put in as text, never as markup.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete", "options", "head"];

/** An element with attributes and children; texts are texts. */
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return element;
}

/** A text in which backticks stand for code. */
function prose(text) {
  return (text || "").split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));
}

function paragraphs(text) {
  return (text || "").split("\n\n").filter(Boolean).map((part) => make("p", {}, prose(part)));
}

function resolved(whole, value) {
  if (!value || !value.$ref) return value;
  return value.$ref.slice(2).split("/").reduce((at, step) => at[step], whole);
}

function schemaName(schema) {
  return schema && schema.$ref ? schema.$ref.split("/").pop() : undefined;
}

function schemaLink(schema) {
  const name = schemaName(schema);
  if (name) return make("a", { href: "#schema-" + name }, name);
  return make("code", {}, shortType(schema || {}));
}

function shortType(schema) {
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "array") return "list of " + shortType(schema.items || {});
  const bounds = [];
  if (schema.minimum !== undefined) bounds.push("from " + schema.minimum);
  if (schema.maximum !== undefined) bounds.push("to " + schema.maximum);
  return [[].concat(schema.type || "any").join(" or "), ...bounds].join(" ");
}

function shown(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return make("pre", { tabindex: "0" }, make("code", {}, text));
}

function examples(content) {
  const all = Object.entries(content.examples || {});
  return all.map(([key, example]) =>
    make("details", {}, make("summary", {}, "Example: " + (example.summary || key)), shown(example.value)),
  );
}

function bodies(contents) {
  return Object.entries(contents || {}).map(([mediaType, content]) =>
    make(
      "div",
      { class: "body" },
      make("p", {}, make("code", {}, mediaType), " ", schemaLink(content.schema)),
      examples(content),
    ),
  );
}

function parameters(whole, operation) {
  const all = (operation.parameters || []).map((parameter) => resolved(whole, parameter));
  if (!all.length) return [];
  const rows = all.map((one) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, make("code", {}, one.name), one.required ? " (needed)" : ""),
      make("td", {}, one.in),
      make("td", {}, shortType(one.schema || {})),
      make(
        "td",
        {},
        prose(one.description),
        one.example === undefined ? undefined : [" For example ", make("code", {}, String(one.example))],
      ),
    ),
  );
  const heads = ["Name", "In", "Type", "Meaning"].map((name) => make("th", { scope: "col" }, name));
  return [
    make("h3", {}, "Parameters"),
    make("table", {}, make("thead", {}, make("tr", {}, heads)), make("tbody", {}, rows)),
  ];
}

function rights(operation) {
  const all = operation.security || [];
  if (!all.length) return make("p", {}, "Nobody signs in.");
  const sets = all.map((set) => {
    const [scheme, scopes] = Object.entries(set)[0];
    return scopes.length ? scheme + " with " + scopes.join(" and ") : scheme;
  });
  return make("p", {}, "Needs ", make("code", {}, sets.join(" or ")), ".");
}

/** A command line that asks it, from the examples. */
function curl(whole, method, path, operation) {
  const all = (operation.parameters || []).map((parameter) => resolved(whole, parameter));
  const query = new URLSearchParams();
  let target = path;
  for (const one of all) {
    if (one.example === undefined) continue;
    if (one.in === "path") target = target.replace(`{${one.name}}`, encodeURIComponent(one.example));
    if (one.in === "query") query.append(one.name, one.example);
  }
  const asked = query.toString();
  const quoted = (text) => "'" + text.replaceAll("'", "'\\''") + "'";
  const parts = ["curl"];
  if (method !== "get") parts.push("-X " + method.toUpperCase());
  const scheme = Object.keys((operation.security || [{}])[0] || {})[0];
  if (scheme === "bearer") parts.push('-H "Authorization: Bearer $TOKEN"');
  if (scheme === "camunda") parts.push('-u "$CAMUNDA_USER:$CAMUNDA_PASSWORD"');
  if (scheme === "nestauth") parts.push("-b cookies.txt");
  const content = ((operation.requestBody || {}).content || {})["application/json"];
  const example = content && Object.values(content.examples || {})[0];
  if (example) {
    parts.push("-H 'Content-Type: application/json'");
    parts.push("-d " + quoted(JSON.stringify(example.value)));
  }
  parts.push(quoted(location.origin + target + (asked ? "?" + asked : "")));
  return make("details", {}, make("summary", {}, "As a command line"), shown(parts.join(" \\\n  ")));
}

function operationElement(whole, method, path, operation) {
  const body = resolved(whole, operation.requestBody);
  const answers = Object.entries(operation.responses).map(([status, answer]) => {
    const response = resolved(whole, answer);
    const headers = Object.keys(response.headers || {});
    return make(
      "details",
      { class: "answer" },
      make("summary", {}, make("strong", {}, status), " ", prose(response.description)),
      headers.length ? make("p", {}, "Headers: ", make("code", {}, headers.join(", "))) : undefined,
      bodies(response.content),
    );
  });
  const inside = make("div", { class: "inside" });
  const element = make(
    "details",
    { class: "operation", id: operation.operationId },
    make(
      "summary",
      {},
      make("span", { class: "method " + method }, method.toUpperCase()),
      " ",
      make("code", {}, path),
      " ",
      make("span", { class: "title" }, operation.summary),
    ),
    inside,
  );
  // What nobody looks at is not built.
  element.addEventListener("toggle", () => {
    if (!element.open || inside.firstChild) return;
    inside.append(
      ...paragraphs(operation.description),
      rights(operation),
      ...parameters(whole, operation),
      ...(body ? [make("h3", {}, "Body"), ...bodies(body.content)] : []),
      make("h3", {}, "Answers"),
      ...answers,
      curl(whole, method, path, operation),
      make("p", {}, make("a", { href: "#" + operation.operationId }, "Link to this route")),
    );
  });
  element.dataset.words = [method, path, operation.summary, operation.operationId].join(" ").toLowerCase();
  return element;
}

function schemas(whole) {
  const all = Object.entries(whole.components.schemas).map(([name, schema]) =>
    make(
      "details",
      { class: "schema", id: "schema-" + name },
      make("summary", {}, make("code", {}, name), " ", prose(schema.description)),
      shown(schema),
    ),
  );
  return make("section", { "aria-labelledby": "group-schemas" }, make("h2", { id: "group-schemas" }, "Schemas"), all);
}

function groups(whole) {
  const found = new Map(whole.tags.map((tag) => [tag.name, { tag, operations: [] }]));
  for (const [path, item] of Object.entries(whole.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      const group = found.get((operation.tags || [])[0]);
      if (group) group.operations.push(operationElement(whole, method, path, operation));
    }
  }
  return [...found.values()];
}

function show(whole) {
  document.getElementById("about").append(...paragraphs(whole.info.description));
  const main = document.getElementById("routes");
  const list = document.getElementById("groups");
  groups(whole).forEach(({ tag, operations }, index) => {
    const id = "group-" + index;
    list.append(make("li", {}, make("a", { href: "#" + id }, tag.name)));
    main.append(
      make("section", { "aria-labelledby": id }, make("h2", { id }, tag.name), paragraphs(tag.description), operations),
    );
  });
  list.append(make("li", {}, make("a", { href: "#group-schemas" }, "Schemas")));
  main.append(schemas(whole));
}

/** Opens what the address points to. */
function open() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.tagName === "DETAILS") target.open = true;
  target.scrollIntoView();
}

function filter() {
  const words = document.getElementById("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const element of document.querySelectorAll(".operation")) {
    element.hidden = !words.every((word) => element.dataset.words.includes(word));
    if (!element.hidden) count += 1;
  }
  for (const section of document.querySelectorAll("main > section")) {
    const operations = [...section.querySelectorAll(".operation")];
    section.hidden = operations.length > 0 && operations.every((one) => one.hidden);
  }
  document.getElementById("status").textContent = count + (count === 1 ? " route" : " routes");
}

async function start() {
  const status = document.getElementById("status");
  try {
    const response = await fetch("/openapi.json");
    if (!response.ok) throw new Error("status " + response.status);
    show(await response.json());
  } catch (error) {
    status.textContent = "The document could not be loaded: " + error.message;
    return;
  }
  document.getElementById("filter").addEventListener("input", filter);
  window.addEventListener("hashchange", open);
  filter();
  open();
}

start();
