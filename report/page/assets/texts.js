"use strict";

// Elements of text, and numbers as people read them. Nothing from the history is ever taken for HTML.

/** An element with attributes, and children that are elements or texts. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

function section(title, ...children) {
  return element("section", {}, element("h2", {}, title), children);
}

/** A number in as many digits as are read at a glance. */
function number(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return value.toLocaleString("en").replace("-", "−");
  const text = size >= 1e-4 && size < 1e7
    ? value.toLocaleString("en", { maximumSignificantDigits: 4, useGrouping: size >= 1000 })
    : value.toExponential(3).replace(/\.?0+e/, "e");
  return text.replace("-", "−");
}

function withUnit(value, unit) {
  const text = number(value);
  return unit && value !== null && value !== undefined ? `${text} ${unit}` : text;
}

function signed(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return value > 0 ? `+${number(value)}` : value === 0 ? "±0" : number(value);
}

function percent(change, base) {
  const value = base ? (100 * change) / Math.abs(base) : NaN;
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const text = size >= 1000 ? Math.round(size).toLocaleString("en") : size.toPrecision(size < 1 ? 2 : 3).replace(/\.0+$/, "");
  return `${value < 0 ? "−" : value > 0 ? "+" : "±"}${text} %`;
}

/** Seconds since 1970 as a time where the reader of the reports is. */
function time(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  page.clock ??= new Intl.DateTimeFormat("en-CA", {
    dateStyle: "short", timeStyle: "short", hourCycle: "h23", timeZone: page.timezone,
  });
  return page.clock.format(new Date(seconds * 1000)).replace(",", "");
}

function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 60) return `${number(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function shortHash(sha) {
  return (sha ?? "").slice(0, 7);
}

function plural(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** A verdict: its sign, which a screen reader passes over, and its words. */
function verdict(look) {
  if (!look) return element("span", { class: "verdict quiet" }, "not measured");
  return element("span", { class: `verdict ${look.kind}` }, element("span", { "aria-hidden": "true" }, `${look.sign} `), look.words);
}

function commitLink(commit, text) {
  const { commit_sha, report } = page.commits;
  const rest = report[commit] ? [commit_sha[commit], report[commit]] : [commit_sha[commit]];
  return element("a", { href: address("commit", rest), class: text ? null : "hash" }, text ?? shortHash(commit_sha[commit]));
}

/** A commit by its hash: a link where it was reported. */
function hashLink(sha) {
  const known = page.numbers.get(sha);
  return known ? commitLink(known.at(-1)) : element("span", { class: "hash" }, shortHash(sha));
}

/** A link out of the page, to the repository's host; nothing where there is none. */
function outward(commit, path, text) {
  const base = page.repository_urls[page.commits.repository[commit]];
  if (!base || !/^https?:\/\//.test(base)) return null;
  return element("a", { href: `${base}/${page.is_gitlab ? "-/" : ""}${path}`, rel: "noopener noreferrer" }, text);
}

/** A table: header cells, and rows of cells that are texts or elements; `right` names the columns of numbers. */
function table(caption, header, rows, right = []) {
  const cell = (tag, content, at) =>
    element(tag, { class: right.includes(at) ? "right" : null, scope: tag === "th" ? "col" : null }, content);
  return element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption }, element("table", {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, header.map((each, at) => cell("th", each, at)))),
    element("tbody", {}, rows.map((row) => element("tr", {}, row.map((each, at) => cell("td", each, at)))))));
}

/** A choice that stands in the address by its name. */
function choice(label, name, options, chosen, changed) {
  const select = element("select", { name, onchange: (event) => changed(event.target.value) },
    options.map(([value, text]) => element("option", { value, selected: value === chosen }, text)));
  return element("label", {}, `${label} `, select);
}

function parsed(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
