"use strict";

// Charts, by Vega-Lite. A specification holds nothing from the history but data, titles and values of parameters.

const darkness = matchMedia("(prefers-color-scheme: dark)");
const drawn = [];

/** One of the palette's colours, on the page as it is. */
function colour(name) {
  return looks.colours[name][darkness.matches ? 1 : 0];
}

/** Draw into an element; a click on a point opens its commit. Draws nothing where the reader has gone on. `whole`: the
 * points of long lines and levels, by data set, and how they are thinned; where one zooms in they are drawn in full. */
async function draw(place, specification, label, whole) {
  await library("vega");
  if (!place.isConnected) return;
  // By its interpreter Vega evaluates its own expressions without making scripts of them.
  const result = await vegaEmbed(place, specification, { ast: true, actions: false, renderer: "canvas", logger: errorsAlone });
  drawn.push(result);
  // Vega has words of its own for what it draws. The wider ones are moved by the arrow keys.
  place.removeAttribute("aria-roledescription");
  for (const [name, text] of [["role", "img"], ["aria-label", label], ["tabindex", "0"]]) place.setAttribute(name, text);
  if (whole) detailAsZoomed(result.view, whole);
  result.view.addEventListener("click", (_, item) => {
    if (item?.datum?.commit !== undefined) location.hash = commitLink(item.datum.commit).hash;
  });
}

/** Let go of the charts that are not looked at any more. */
function forgetCharts() {
  for (const result of drawn.splice(0)) result.finalize();
}

/** The summary's own chart, on a page that may be dark. */
function summaryChart(specification) {
  if (!darkness.matches) return specification;
  const text = JSON.stringify(specification);
  return JSON.parse(text.replace(/"#[0-9a-f]{6}"/g, (each) => `"${looks.dark_of[each.slice(1, -1)] ?? each.slice(1, -1)}"`));
}

function configuration() {
  return {
    background: "transparent",
    font: "system-ui, sans-serif",
    aria: false,
    view: { stroke: null },
    axis: {
      labelColor: colour("quiet_ink"), titleColor: colour("quiet_ink"), domainColor: colour("axis"),
      tickColor: colour("axis"), gridColor: colour("grid"), labelFontSize: 12, titleFontWeight: "normal",
    },
    title: { color: colour("ink"), subtitleColor: colour("quiet_ink"), anchor: "start", fontSize: 15 },
    legend: { labelColor: colour("ink"), titleColor: colour("quiet_ink") },
  };
}

const SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json";
const MOST_POINTS = 400;
const MOST_LEVELS = 800;
const MOST_DRAWN = 2400;
const PAUSE = 120;
/** Vega's remarks on a specification are for its author; its errors are for the page's reader. */
const errorsAlone = Object.fromEntries(["level", "warn", "info", "debug"].map((name) => [name, () => errorsAlone]));
errorsAlone.error = (...told) => { console.error(...told); return errorsAlone; };


/** The points of a series among some commits, oldest first. */
function pointsOf(series, commits, byTime) {
  const { branch, committed_at, recorded_at, commit_sha, commit_message } = page.commits;
  const own = readAddress().asked.get("branch") ?? page.default_branch;
  const hasOwn = commits.some((commit) => branch[commit] === own && series.placeOf(commit) !== undefined);
  const points = [];
  commits.forEach((commit, position) => {
    const index = series.placeOf(commit);
    if (index === undefined) return;
    const level = series.levels[index], threshold = series.thresholds[index];
    const look = page.looks[series.looks[index]];
    const elsewhere = hasOwn && branch[commit] !== own;
    points.push({
      commit,
      x: byTime ? 1000 * (committed_at[commit] ?? recorded_at[commit]) : position + 1,
      value: series.values[index],
      run: series.lines[index],
      // One line's level is read; those of many branches hide one another.
      level: elsewhere ? null : level,
      low: level - (threshold ?? 0),
      high: level + (threshold ?? 0),
      elsewhere,
      worse: look.is_worse,
      mark: series.marks[commit] ?? null,
      Commit: shortHash(commit_sha[commit]),
      Subject: commit_message[commit] ?? "",
      Branch: branch[commit] ?? "",
      Verdict: look.words,
      "Usual level": number(level),
    });
  });
  return points;
}

/** The points at which a level is drawn: all of a short line, every n-th of a long one, and each end of a run. */
function levelsOf(points) {
  const step = Math.ceil(points.length / MOST_LEVELS);
  return points.filter((point, at) =>
    at % step === 0 || points[at - 1]?.run !== point.run || points[at + 1]?.run !== point.run || point.mark !== null);
}

/** A line that looks as all of its points do: of a long one, the least and the greatest of each few neighbours. */
function thinned(points) {
  if (points.length <= MOST_DRAWN) return points;
  const few = Math.ceil((2 * points.length) / MOST_DRAWN);
  const runs = Map.groupBy ? Map.groupBy(points, (point) => point.run) : grouped(points);
  const kept = [];
  for (const run of runs.values()) {
    for (let from = 0; from < run.length; from += few) {
      const part = run.slice(from, from + few);
      let least, greatest;
      for (const point of part) {
        if (point.value === null) continue;
        if (!least || point.value < least.value) least = point;
        if (!greatest || point.value > greatest.value) greatest = point;
      }
      // One that has no value cuts the line.
      for (const point of part) if (point === least || point === greatest || point.value === null) kept.push(point);
    }
  }
  return kept;
}

function grouped(points) {
  const runs = new Map();
  for (const point of points) runs.get(point.run)?.push(point) ?? runs.set(point.run, [point]);
  return runs;
}

/** Once zooming pauses, draw the points that are looked at, and as many beside them, in full as far as they are few. */
function detailAsZoomed(view, whole) {
  if (!Object.keys(whole).length) return;
  let waiting;
  view.addSignalListener("zoom", (_, { x }) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (!drawn.some((result) => result.view === view)) return;
      const [low, high] = (x ?? [-Infinity, Infinity]).map(Number);
      const room = x ? high - low : 0;
      for (const [name, { points, thin }] of Object.entries(whole)) {
        const seen = points.filter((point) => point.x >= low - room && point.x <= high + room);
        view.data(name, thin(seen));
      }
      view.runAsync();
    }, PAUSE);
  });
}

/** The bands, cut where they would make the values flat: a level that is hardly known has a very wide one. */
function bandsWithin(levels, points) {
  const drawn = [...points.map((point) => point.value), ...levels.map((point) => point.level)].filter((value) => value !== null);
  const [low, high] = drawn.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  const room = 0.6 * (high - low) || Math.abs(high) * 0.05 || 1;
  return levels.map((point) => ({ ...point, low: Math.max(point.low, low - room), high: Math.min(point.high, high + room) }));
}

/** Where the metric was worse: from the first such point to the last of each stretch. */
function worseStretches(points) {
  const stretches = [];
  let open;
  for (const point of points) {
    if (point.worse) {
      open ??= (stretches.push({ from: point.x, to: point.x }), stretches.at(-1));
      open.to = point.x;
    } else open = undefined;
  }
  return stretches;
}

/** Charts of several series above one another, on one axis of commits or of time that is zoomed and moved as one; and the
 * points of those lines that are drawn by fewer. */
function metricCharts(chosen, commits, { byTime, width, height }) {
  const datasets = {}, whole = {};
  const x = (field, more = {}) => ({
    field,
    type: byTime ? "temporal" : "quantitative",
    scale: { zero: false, nice: false },
    axis: { title: byTime ? null : "commits, oldest first", grid: false, tickMinStep: 1, labelOverlap: true },
    ...more,
  });
  const names = Object.keys(looks.marks);
  // A layer for each opacity, and no question for what is not there: Vega asks them of each point, at each step.
  const line = (data, opacity, y) => ({
    data: { name: data },
    mark: {
      type: "line", color: colour("value"), strokeWidth: 1.6, opacity,
      ...(datasets[data].every((point) => point.value !== null) ? { invalid: null } : {}),
    },
    encoding: { x: x("x"), y: y("value"), detail: { field: "run" } },
  });
  const charts = chosen.map((series, at) => {
    const points = pointsOf(series, commits, byTime);
    datasets[`points${at}`] = points;
    datasets[`own${at}`] = points.filter((point) => !point.elsewhere);
    datasets[`others${at}`] = points.filter((point) => point.elsewhere);
    datasets[`levels${at}`] = bandsWithin(datasets[`own${at}`].filter((point) => point.level !== null), points);
    for (const [name, most, thin] of [[`own${at}`, MOST_DRAWN, thinned], [`others${at}`, MOST_DRAWN, thinned], [`levels${at}`, MOST_LEVELS, levelsOf]]) {
      if (datasets[name].length > most) whole[name] = { points: datasets[name], thin };
      datasets[name] = thin(datasets[name]);
    }
    if (points.length > MOST_POINTS) delete datasets[`points${at}`];
    datasets[`marks${at}`] = points.filter((point) => point.mark !== null && point.value !== null);
    datasets[`worse${at}`] = worseStretches(points);
    const y = (field) => ({ field, type: "quantitative", scale: { zero: false }, axis: { title: series.unit || null, tickCount: 5 } });
    const tooltip = ["Commit", "Subject", "Branch", "value", "Usual level", "Verdict"].map((field) => ({ field }));
    return {
      width,
      height,
      title: { text: series.name, subtitle: { maximize: "higher is better", minimize: "lower is better" }[series.goal] ?? "" },
      layer: [
        ...(datasets[`worse${at}`].length ? [{
          data: { name: `worse${at}` },
          mark: { type: "rect", color: colour("worse_stretch"), opacity: 1, strokeWidth: 4, stroke: colour("worse_stretch") },
          encoding: { x: x("from"), x2: { field: "to" } },
        }] : []),
        {
          data: { name: `levels${at}` },
          mark: { type: "area", interpolate: "step", invalid: null, color: colour("band"), opacity: 1 },
          encoding: { x: x("x"), y: y("low"), y2: { field: "high" }, detail: { field: "run" } },
        },
        {
          data: { name: `levels${at}` },
          mark: { type: "line", interpolate: "step", invalid: null, color: colour("level"), strokeDash: [6, 3], strokeWidth: 1.4 },
          encoding: { x: x("x"), y: y("level"), detail: { field: "run" } },
        },
        ...(datasets[`others${at}`].length ? [line(`others${at}`, 0.45, y)] : []),
        { name: `values${at}`, ...line(`own${at}`, 1, y) },
        ...(points.length <= MOST_POINTS ? [{
          data: { name: `points${at}` },
          mark: { type: "circle", color: colour("value"), opacity: 1, size: 34, cursor: "pointer" },
          encoding: { x: x("x"), y: y("value"), tooltip, opacity: { condition: { test: "datum.elsewhere", value: 0.45 }, value: 1 } },
        }] : []),
        ...(datasets[`marks${at}`].length ? [{
          data: { name: `marks${at}` },
          mark: { type: "point", filled: true, opacity: 1, size: 130, cursor: "pointer" },
          encoding: {
            x: x("x"), y: y("value"), tooltip,
            shape: { field: "mark", scale: { domain: names, range: names.map((name) => looks.marks[name].shape) }, legend: null },
            color: {
              field: "mark",
              scale: { domain: names, range: names.map((name) => inTheme(looks.marks[name].fill)) },
              legend: null,
            },
          },
        }] : []),
      ],
    };
  });
  const specification = {
    $schema: SCHEMA,
    config: configuration(),
    datasets,
    params: [{
      name: "zoom", select: { type: "interval", encodings: ["x"] }, bind: "scales", views: chosen.map((_, at) => `values${at}`),
    }],
    vconcat: charts,
    resolve: { scale: { x: "shared" } },
  };
  return { specification, whole };
}

/** An answer drawn: its columns of numbers along its first column. */
function panelChart(panel, columns, width) {
  const values = panel.rows.flatMap((row, position) => columns.map((at) => ({
    position, along: String(row[0] ?? ""), value: row[at], series: panel.names[at],
  })));
  return {
    $schema: SCHEMA,
    config: configuration(),
    width,
    height: 220,
    data: { values },
    mark: panel.kind === "bar" ? { type: "bar" } : { type: "line", point: values.length <= MOST_POINTS },
    encoding: {
      // By position: what is named alike stays apart, in the order of the answer.
      x: {
        field: "along", type: "nominal", sort: { field: "position" },
        axis: { title: panel.names[0], labelOverlap: true, labelLimit: 120, labelAngle: values.length > 12 ? -40 : 0 },
      },
      y: { field: "value", type: "quantitative", scale: { zero: panel.kind === "bar" }, axis: { title: null } },
      ...(panel.kind === "bar" && columns.length > 1 ? { xOffset: { field: "series" } } : {}),
      color: {
        field: "series", type: "nominal",
        scale: { range: ["value", "level", "better", "suspected", "worse"].map(colour) },
        legend: columns.length > 1 ? { title: null, orient: "top" } : null,
      },
      tooltip: [{ field: "along", title: panel.names[0] }, { field: "series" }, { field: "value" }],
    },
  };
}

function inTheme(light) {
  return darkness.matches ? looks.dark_of[light] ?? light : light;
}

/** The room for a chart in an element: what axes and their labels leave. */
function roomIn(place) {
  return Math.max(220, place.clientWidth - 90);
}
