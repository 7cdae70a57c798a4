"use strict";

// DuckDB in a worker, asked one query at a time; what it answers is shown as text. Answers come as CSV, which DuckDB
// itself writes: values look as in its shell, and nothing has to be decoded here.

const told = JSON.parse(document.getElementById("told").textContent);
const MOST_ROWS = 1000;
const [field, runs, stops, state, answer] = ["query", "run", "stop", "state", "answer"].map((id) => document.getElementById(id));

/** A worker with DuckDB in it; `call` answers as its protocol does. */
class Database {
  constructor(code) {
    this.waiting = new Map();
    this.count = 0;
    this.worker = new Worker(code);
    this.worker.addEventListener("message", ({ data }) => this.hear(data));
    this.worker.addEventListener("error", (event) => this.end(new Error(event.message || "the worker could not be run")));
  }

  call(type, data) {
    return new Promise((resolve, reject) => {
      this.count += 1;
      this.waiting.set(this.count, { resolve, reject });
      this.worker.postMessage({ messageId: this.count, type, data });
    });
  }

  hear({ requestId, type, data }) {
    if (type === "LOG" || type === "INSTANTIATE_PROGRESS" || type === "PROGRESS_UPDATE") return;
    const waiting = this.waiting.get(requestId);
    this.waiting.delete(requestId);
    if (type === "ERROR") waiting?.reject(new Error(data.message));
    else waiting?.resolve(data);
  }

  end(error) {
    this.worker.terminate();
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

let files, database, connection;

/** One file beside this page, unpacked; what is not the file that this page was made with is refused by the browser. */
async function fetched(name, type) {
  const answered = await fetch(`sql/${name}`, { integrity: told.files[name].integrity });
  if (!answered.ok) throw new Error(`sql/${name}: the server answers ${answered.status}`);
  const plain = answered.body.pipeThrough(new DecompressionStream("gzip"));
  return new Response(plain, { headers: { "content-type": type } }).blob();
}

/** DuckDB, started over the history: read-only, without files and network, its settings locked. */
async function start() {
  if (database) return;
  say("Loading DuckDB and the history …");
  files ??= await Promise.all([
    fetched("duckdb.wasm.packed", "application/wasm"),
    fetched("worker.js.packed", "text/javascript"),
    fetched("history.duckdb.packed", "application/octet-stream"),
  ]);
  const [wasm, worker, history] = files;
  const started = new Database(URL.createObjectURL(worker));
  try {
    await started.call("INSTANTIATE", [URL.createObjectURL(wasm), null]);
    await started.call("REGISTER_FILE_BUFFER", ["history.duckdb", new Uint8Array(await history.arrayBuffer())]);
    await started.call("OPEN", { path: "history.duckdb", accessMode: 2 });
    connection = await started.call("CONNECT", null);
    for (const setting of [
      "autoinstall_known_extensions = false", "autoload_known_extensions = false", "allowed_directories = ['/answers/']",
      "enable_external_access = false", "lock_configuration = true",
    ]) await started.call("RUN_QUERY", [connection, `set ${setting}`]);
  } catch (error) {
    started.end(error);
    throw error;
  }
  database = started;
  sized.textContent = `Loaded: DuckDB ${size(whole - ofHistory)}, the history ${size(ofHistory)}. Queries run in this browser, and nothing is sent.`;
}

/** The rows of a query, one more than are shown; the first one has the names. */
async function ask(query) {
  const file = `/answers/${database.count}.csv`;
  const rows = `select * from (\n${query.trim().replace(/[;\s]+$/, "")}\n) limit ${MOST_ROWS + 1}`;
  await database.call("RUN_QUERY", [connection, `copy (${rows}) to '${file}' (format csv, header, force_quote *, nullstr '')`]);
  const written = await database.call("COPY_FILE_TO_BUFFER", file);
  await database.call("DROP_FILE", file);
  return parsed(new TextDecoder().decode(written));
}

/** The cells of a CSV in which every text is quoted: what is not is NULL. */
function parsed(text) {
  const rows = [];
  let row = [];
  for (const [, quoted, end] of text.matchAll(/(?:"((?:[^"]|"")*)")?(,|\r?\n|$)/g)) {
    if (end === "" && quoted === undefined && !row.length) break;
    row.push(quoted === undefined ? null : quoted.replaceAll('""', '"'));
    if (end !== ",") { rows.push(row); row = []; }
  }
  return rows;
}

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

function say(text) {
  state.textContent = text;
}

function size(bytes) {
  return bytes < 1e5 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function showRows([names, ...rows], milliseconds) {
  const shown = rows.slice(0, MOST_ROWS);
  const numeric = names.map((_, at) => shown.some((row) => row[at] !== null) && shown.every((row) => row[at] === null || /^-?[\d.]+(e[+-]?\d+)?$/i.test(row[at])));
  const kind = (at) => (numeric[at] ? { class: "right" } : {});
  const count = `${rows.length > MOST_ROWS ? `The first ${MOST_ROWS.toLocaleString("en")} rows` : shown.length === 1 ? "1 row" : `${shown.length.toLocaleString("en")} rows`}, ${Math.round(milliseconds)} ms`;
  const cell = (text, at) => element("td", kind(at), text === null ? element("span", { class: "quiet" }, "NULL") : text);
  const table = element("table", {},
    element("thead", {}, element("tr", {}, ...names.map((name, at) => element("th", { scope: "col", ...kind(at) }, name)))),
    element("tbody", {}, ...shown.map((row) => element("tr", {}, ...row.map(cell)))));
  answer.replaceChildren(element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Answer" }, table));
  say(count);
}

/** What DuckDB says, its lines counted as the query's are. */
function showProblem(error) {
  const text = error.message.trim().replace(/LINE (\d+):/g, (_, line) => `LINE ${line - 1}:`);
  // It tells where a fault is twice.
  const parts = [...new Set(text.split(/\n\n/).map((part) => part.trimEnd()))];
  answer.replaceChildren(element("pre", { role: "alert" }, parts.join("\n\n")));
  say("The query was not answered.");
}

let isRunning = false;

async function run() {
  if (isRunning || !field.value.trim()) return;
  history.replaceState(null, "", `#q=${encodeURIComponent(field.value)}`);
  isRunning = runs.disabled = true;
  stops.disabled = false;
  answer.replaceChildren();
  try {
    await start();
    runs.textContent = "Run";
    say("Asking …");
    const begun = performance.now();
    const rows = await ask(field.value);
    showRows(rows, performance.now() - begun);
  } catch (error) {
    showProblem(error);
  }
  isRunning = runs.disabled = false;
  stops.disabled = true;
}

/** End what runs. DuckDB begins anew with the next query, without being loaded again. */
function stop() {
  database?.end(new Error("Stopped."));
  database = undefined;
}

function readAddress() {
  const found = /^#q=(.*)$/s.exec(location.hash);
  if (!found) return false;
  try {
    field.value = decodeURIComponent(found[1]);
  } catch {
    return false;
  }
  return true;
}

function put(query) {
  field.value = query;
  field.focus();
  if (database) run();
}

const sizes = Object.entries(told.files);
const ofHistory = told.files["history.duckdb.packed"].bytes;
const whole = sizes.reduce((sum, [, file]) => sum + file.bytes, 0);
const isServed = location.protocol !== "file:";
const sized = document.getElementById("size");
sized.textContent = isServed
  ? `Nothing is loaded yet. The first query loads ${size(whole)} from where this page is: DuckDB ${size(whole - ofHistory)}, the history ${size(ofHistory)} (${size(told.database_bytes)} unpacked). Queries run in this browser, and nothing is sent.`
  : "This page fetches files from beside it, which browsers do over http alone: serve its folder, such as by `python3 -m http.server`, and open it there.";
runs.textContent = `Load ${size(whole)} and run`;
runs.disabled = !isServed;
runs.addEventListener("click", run);
stops.addEventListener("click", stop);
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && isServed) { event.preventDefault(); run(); }
});
addEventListener("hashchange", readAddress);
document.getElementById("examples").append(...told.examples.map(({ title, query }) => element("button", { type: "button", onclick: () => put(query) }, title)));
document.getElementById("tables").append(...Object.entries(told.tables).flatMap(([name, comment]) => [element("dt", {}, element("code", {}, name)), element("dd", { class: "quiet" }, comment)]));
document.getElementById("by").textContent = `Answered by DuckDB (${told.duckdb}), which is told no address and reads no file.`;
if (!readAddress()) field.value = told.examples[0].query;
