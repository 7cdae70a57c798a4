"use strict";

// What the page knows, and what is looked at: the data, unpacked, and the address behind the `#`.

const looks = JSON.parse(document.getElementById("looks").textContent);
const page = {};

/** The text that an element of the page holds packed (gzip, in base64). */
async function unpacked(id) {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

const running = {};

/** A library of the page, run once, when it is needed. The content security policy knows its hash. */
function library(id) {
  running[id] ??= unpacked(id).then((text) => {
    const script = document.createElement("script");
    script.textContent = text;
    document.head.append(script);
    document.getElementById(id).remove();
  });
  return running[id];
}

/** The data as the other scripts use them: columns by name, series with what is asked of them often. */
async function readData() {
  const { told, columns: plain, points } = JSON.parse(await unpacked("data"));
  Object.assign(page, told);
  Object.assign(page.commits, plain);
  page.series.forEach((series, at) => Object.assign(series, points[at]));
  document.getElementById("data").remove();
  const columns = page.commits;
  page.count = (columns.commit_sha ?? []).length;
  for (const [name, column] of Object.entries(columns)) {
    if (!Array.isArray(column)) columns[name] = column.codes.map((code) => column.texts[code]);
  }
  page.numbers = new Map();
  for (let at = 0; at < page.count; at++) {
    const sha = columns.commit_sha[at];
    page.numbers.set(sha, [...(page.numbers.get(sha) ?? []), at]);
  }
  for (const series of page.series) {
    series.name = [series.metric, series.workflow, series.report, manyRepositories() ? series.repository : ""]
      .filter(Boolean).join(" · ");
    series.placeOf = (commit) => placeIn(series.commits, commit);
  }
}

/** Where a number stands among others in rising order; undefined where it does not. */
function placeIn(numbers, wanted) {
  let low = 0, high = numbers.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return numbers[low] === wanted ? low : undefined;
}

/** Different texts of a column of the commits, in the order of the alphabet. */
function different(name) {
  return [...new Set(page.commits[name] ?? [])].filter((text) => text !== null && text !== "").sort();
}

function manyRepositories() {
  return different("repository").length > 1;
}

/** The highlight metric's series that a commit belongs to. */
function highlightOf(commit) {
  const { repository, report } = page.commits;
  page.highlights ??= page.series.filter((series) => series.is_highlight);
  return page.highlights.find((series) => series.repository === repository[commit] && series.report === report[commit]);
}

/** How a commit's highlight metric stands: the look of its point; undefined where it was not measured. */
function lookOf(commit) {
  const series = highlightOf(commit);
  const index = series?.placeOf(commit);
  return index === undefined ? undefined : page.looks[series.looks[index]];
}

/** What the address says: the place (`history`, `commit`, …), its arguments, and what is asked for (`branch`, …). */
function readAddress() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [place, ...rest] = path.split("/").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return { place: place || "home", rest, asked: new URLSearchParams(query ?? "") };
}

/** An address within the page; the branch and the report that are looked at go along. */
function address(place, rest = [], asked = {}) {
  const now = readAddress().asked;
  const query = new URLSearchParams();
  for (const name of ["branch", "report"]) if (now.get(name)) query.set(name, now.get(name));
  for (const [name, value] of Object.entries(asked)) value ? query.set(name, value) : query.delete(name);
  const path = [place, ...rest].map(encodeURIComponent).join("/");
  return `#/${path}${query.size ? `?${query}` : ""}`;
}

/** Change what is asked for and keep the rest of the address; without an entry of its own among those to go back to. */
function ask(changes) {
  const { place, rest, asked } = readAddress();
  for (const [name, value] of Object.entries(changes)) value ? asked.set(name, value) : asked.delete(name);
  const path = [place, ...rest].map(encodeURIComponent).join("/");
  history.replaceState(null, "", `#/${path}${asked.size ? `?${asked}` : ""}`);
}

/** Numbers of the commits of the branch and the report that are looked at, oldest first. */
function shownCommits() {
  const { asked } = readAddress();
  const { branch, report } = page.commits;
  const found = [];
  for (let at = 0; at < page.count; at++) {
    if (asked.get("branch") && branch[at] !== asked.get("branch")) continue;
    if (asked.get("report") && report[at] !== asked.get("report")) continue;
    found.push(at);
  }
  return found;
}
