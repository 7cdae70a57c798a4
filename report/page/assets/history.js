"use strict";

// Every commit in a table, to be searched, sorted and narrowed.

async function showHistory(main) {
  const { asked } = readAddress();
  const count = element("p", { class: "quiet", role: "status" });
  const place = element("div", { id: "commits" });
  const search = element("input", {
    type: "search", name: "q", value: asked.get("q") ?? "", placeholder: "Subject, hash, author", "aria-label": "Search",
  });
  main.append(section("History", element("div", { class: "controls" }, search, historyFilters(() => narrow())), count, place));
  await library("tabulator");
  if (!place.isConnected) return;
  await styleTables();
  const rows = historyRows();
  const grid = new Tabulator(place, {
    data: rows,
    index: "commit",
    columns: historyColumns(),
    height: "70vh",
    layout: "fitDataStretch",
    initialSort: [sortAsked()],
    placeholder: "No commit is like this.",
    rowHeader: false,
  });
  grid.on("rowClick", (event, row) => {
    if (!event.target.closest("a")) location.hash = commitLink(row.getData().commit).hash;
  });
  grid.on("dataFiltered", (_, found) => {
    count.textContent = `${plural(found.length, "commit")} of ${rows.length.toLocaleString("en")}`;
  });
  grid.on("dataSorted", ([sorter]) => {
    if (!sorter || !place.isConnected) return;
    ask({ sort: sorter.field === "commit" && sorter.dir === "desc" ? "" : `${sorter.field}.${sorter.dir}` });
  });
  let waiting;
  const narrow = () => {
    clearTimeout(waiting);
    grid.setFilter(historyFilter());
  };
  search.addEventListener("input", () => {
    ask({ q: search.value });
    clearTimeout(waiting);
    waiting = setTimeout(narrow, 80);
  });
  page.narrow = narrow;
  await new Promise((ready) => grid.on("tableBuilt", ready));
  // A grid holds groups of rows, and nothing between.
  place.removeAttribute("aria-owns");
  place.querySelector(".tabulator-tableholder").setAttribute("role", "rowgroup");
  place.querySelector(".tabulator-table").setAttribute("role", "presentation");
  narrow();
}

/** The column that the address sorts by, else the newest commits first. */
function sortAsked() {
  const [column, dir] = (readAddress().asked.get("sort") ?? "").split(".");
  const isKnown = historyColumns().some(({ field }) => field === column) && ["asc", "desc"].includes(dir);
  return isKnown ? { column, dir } : { column: "commit", dir: "desc" };
}

let areTablesStyled = false;

async function styleTables() {
  if (areTablesStyled) return;
  areTablesStyled = true;
  // Before the page's own style, which goes on from it.
  document.head.prepend(element("style", {}, await unpacked("tabulator-style")));
}

function historyRows() {
  const columns = page.commits;
  const rows = [];
  for (let commit = 0; commit < page.count; commit++) {
    const series = highlightOf(commit), index = series?.placeOf(commit), look = lookOf(commit);
    rows.push({
      commit,
      verdict: look?.verdict ?? "",
      words: look?.words ?? "not measured",
      kind: look?.kind ?? "quiet",
      sha: columns.commit_sha[commit],
      message: columns.commit_message[commit] ?? "",
      branch: columns.branch[commit] ?? "",
      report: columns.report[commit] ?? "",
      repository: columns.repository[commit] ?? "",
      author: columns.author[commit] ?? "",
      when: columns.committed_at[commit] ?? columns.recorded_at[commit],
      value: index === undefined ? null : series.values[index],
      level: index === undefined ? null : series.levels[index],
      status: columns.workflow_status[commit] ?? "",
      training: columns.training[commit] ?? "",
      cause: columns.cause[commit] ?? "",
    });
    const row = rows.at(-1);
    row.searched = `${row.message}\n${row.sha}\n${row.author}\n${row.branch}`.toLowerCase();
  }
  return rows;
}

function historyColumns() {
  const shown = (make) => (cell) => make(cell.getData());
  // `plaintext` escapes what it shows; the others make elements.
  const text = { formatter: "plaintext" };
  return [
    { title: "Verdict", field: "words", formatter: shown((row) => verdict(lookOf(row.commit))) },
    { title: "Commit", field: "commit", formatter: shown((row) => commitLink(row.commit)), sorter: "number" },
    { title: "Subject", field: "message", ...text, widthGrow: 3, minWidth: 160, maxWidth: 460 },
    ...(page.highlight ? [
      { title: "Value", field: "value", hozAlign: "right", sorter: "number", formatter: shown((row) => document.createTextNode(number(row.value))) },
      { title: "Usual", field: "level", hozAlign: "right", sorter: "number", formatter: shown((row) => document.createTextNode(number(row.level))) },
    ] : []),
    { title: "CI", field: "status", ...text },
    { title: "Training", field: "training", ...text },
    { title: "Cause", field: "cause", ...text },
    { title: "Branch", field: "branch", ...text, maxWidth: 220 },
    ...(different("report").length ? [{ title: "Report", field: "report", ...text }] : []),
    ...(manyRepositories() ? [{ title: "Repository", field: "repository", ...text }] : []),
    { title: "Author", field: "author", ...text, maxWidth: 200 },
    { title: "When", field: "when", sorter: "number", formatter: shown((row) => document.createTextNode(time(row.when))) },
  ];
}

/** The choices beside the search; branch and report are chosen in the page's head. */
function historyFilters(changed) {
  const { asked } = readAddress();
  const options = (name) => [["", "any"], ...different(name).map((text) => [text, text])];
  const verdicts = [...new Map(page.looks.map((look) => [look.words, look])).keys()].sort();
  const chosen = (label, name, values) =>
    choice(label, name, values, asked.get(name) ?? "", (value) => { ask({ [name]: value }); changed(); });
  const day = (label, name) => element("label", {}, `${label} `, element("input", {
    type: "date", name, value: asked.get(name) ?? "", onchange: (event) => { ask({ [name]: event.target.value }); changed(); },
  }));
  return [
    chosen("Verdict", "verdict", [["", "any"], ...verdicts.map((text) => [text, text])]),
    chosen("Author", "author", options("author")),
    chosen("CI", "status", options("workflow_status")),
    chosen("Cause", "cause", options("cause")),
    day("From", "from"),
    day("To", "to"),
  ];
}

/** What of the table's rows the address asks for. */
function historyFilter() {
  const { asked } = readAddress();
  const words = (asked.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const from = asked.get("from") ? Date.parse(asked.get("from")) / 1000 : -Infinity;
  const to = asked.get("to") ? Date.parse(asked.get("to")) / 1000 + 86400 : Infinity;
  const exact = [["words", "verdict"], ["author", "author"], ["status", "status"], ["cause", "cause"], ["branch", "branch"], ["report", "report"]]
    .filter(([, name]) => asked.get(name)).map(([field, name]) => [field, asked.get(name)]);
  return (row) => {
    if (row.when < from || row.when >= to) return false;
    for (const [field, value] of exact) if (row[field] !== value) return false;
    if (!words.length) return true;
    return words.every((word) => row.searched.includes(word));
  };
}
