"use strict";

// Charts of the metrics on one axis, and params against a metric.

const MOST_CHARTS = 8;

function showMetrics(main) {
  if (!page.series.length) {
    main.append(section("Metrics", element("p", {}, "No metric was measured.")));
    return;
  }
  const { asked } = readAddress();
  const chosen = chosenSeries(asked);
  const byTime = asked.get("x") === "time";
  const again = () => show();
  const boxes = element("details", { class: "pick", open: page.series.length <= 12 },
    element("summary", {}, `${plural(chosen.length, "metric")} of ${page.series.length} shown`),
    element("div", { class: "boxes" }, page.series.map((series, at) => element("label", {},
      element("input", {
        type: "checkbox", checked: chosen.includes(series),
        onchange: (event) => {
          const kept = chosen.filter((each) => each !== series);
          if (event.target.checked) kept.push(series);
          ask({ metrics: kept.map((each) => page.series.indexOf(each)).join(",") || "none" });
          again();
        },
      }), ` ${series.name}`))));
  const place = element("div", { class: "chart" });
  main.append(section("Metrics",
    element("div", { class: "controls" },
      choice("Along", "x", [["", "commits"], ["time", "time"]], byTime ? "time" : "", (value) => { ask({ x: value }); again(); }),
      element("span", { class: "quiet" }, "The wheel zooms, dragging moves, a double click shows all; a click on a point opens its commit.")),
    boxes, place));
  if (!chosen.length) return;
  const shown = chosen.slice(0, MOST_CHARTS);
  if (chosen.length > shown.length) place.before(element("p", {}, `The first ${MOST_CHARTS} are drawn.`));
  const commits = shownCommits().filter((commit) => shown.some((series) => series.placeOf(commit) !== undefined));
  const { specification, whole } = metricCharts(shown, commits, { byTime, width: roomIn(place), height: shown.length > 2 ? 130 : 220 });
  draw(place, specification, shown.map((series) => series.name).join(", "), whole);
}

function chosenSeries(asked) {
  const told = asked.get("metrics");
  if (told === "none") return [];
  if (told) return told.split(",").map((at) => page.series[at]).filter(Boolean);
  const highlight = page.series.filter((series) => series.is_highlight);
  return (highlight.length ? highlight : page.series).slice(0, highlight.length ? 4 : 3);
}

const MOST_LINES = 500;
const MOST_AXES = 7;
const MOST_TICKS = 12;

function showParams(main) {
  const { asked } = readAddress();
  const metrics = page.series.filter((series) => series.kind !== "ci");
  const trained = shownCommits().filter((commit) => parsed(page.commits.params[commit]));
  if (!metrics.length || !trained.length) {
    main.append(section("Params", element("p", {}, "No commit has both params and a metric.")));
    return;
  }
  const series = page.series[asked.get("metric")] ?? metrics.find((each) => each.is_highlight) ?? metrics[0];
  const points = trained.filter((commit) => series.values[series.placeOf(commit)] != null).slice(-MOST_LINES)
    .map((commit) => ({ commit, value: series.values[series.placeOf(commit)], params: parsed(page.commits.params[commit]) }));
  const varying = varyingParams(points);
  const param = varying.find((each) => each.name === asked.get("param")) ?? varying[0];
  const scatter = element("div", { class: "chart" }), lines = element("div", { class: "chart" });
  main.append(section("Params against a metric",
    element("div", { class: "controls" },
      choice("Metric", "metric", metrics.map((each) => [String(page.series.indexOf(each)), each.name]), String(page.series.indexOf(series)),
        (value) => { ask({ metric: value }); show(); }),
      param ? choice("Param", "param", varying.map((each) => [each.name, each.name]), param.name, (value) => { ask({ param: value }); show(); }) : null),
    param ? element("p", { class: "quiet" }, "What goes together need not be a cause: other things changed between these commits, too.")
      : element("p", {}, "No param has more than one value among these commits."),
    scatter, lines));
  if (!param) return;
  draw(scatter, scatterChart(points, series, param, roomIn(scatter)), `${series.metric} by ${param.name}`);
  draw(lines, parallelChart(points, series, varying.slice(0, MOST_AXES), roomIn(lines)), `${series.metric} and its params`);
}

/** The params that differ among the points, with whether all their values are numbers. */
function varyingParams(points) {
  const values = new Map();
  for (const { params } of points)
    for (const [name, value] of Object.entries(params)) values.set(name, (values.get(name) ?? new Set()).add(String(value)));
  return [...values].filter(([, texts]) => texts.size > 1)
    .map(([name, texts]) => ({
      name,
      texts: [...texts].sort((one, other) => Number(one) - Number(other) || one.localeCompare(other)),
      isNumber: [...texts].every((text) => text.trim() !== "" && Number.isFinite(Number(text))),
    }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

function scatterChart(points, series, param, width) {
  return {
    $schema: SCHEMA,
    config: configuration(),
    width,
    height: 240,
    title: { text: `${series.metric} by ${param.name}` },
    data: {
      values: points.filter(({ params }) => params[param.name] !== undefined).map(({ commit, value, params }) => ({
        commit, value, param: param.isNumber ? Number(params[param.name]) : String(params[param.name]),
        Commit: shortHash(page.commits.commit_sha[commit]), Param: String(params[param.name]),
      })),
    },
    mark: { type: "circle", size: 60, opacity: 0.6, color: colour("value"), cursor: "pointer" },
    encoding: {
      x: { field: "param", type: param.isNumber ? "quantitative" : "nominal", scale: { zero: false }, axis: { title: param.name, labelAngle: 0, labelLimit: 120, ...(param.isNumber && param.texts.length <= MOST_TICKS ? { values: param.texts.map(Number) } : {}) } },
      y: { field: "value", type: "quantitative", scale: { zero: false }, axis: { title: series.unit || null } },
      tooltip: [{ field: "Commit" }, { field: "Param" }, { field: "value" }],
    },
  };
}

/** One line a training across an axis for each param, coloured by the metric. */
function parallelChart(points, series, params, width) {
  const values = points.flatMap(({ commit, value, params: told }) => params.filter(({ name }) => told[name] !== undefined)
    .map((param) => ({ commit, metric: value, axis: param.name, place: placeOn(param, String(told[param.name])), Value: String(told[param.name]) })));
  return {
    $schema: SCHEMA,
    config: configuration(),
    width,
    height: 220,
    title: { text: `Trainings, coloured by ${series.metric}` },
    encoding: {
      x: { field: "axis", type: "nominal", scale: { type: "point", padding: 0.2 }, axis: { title: null, labelAngle: 0, labelLimit: 110, grid: true, orient: "top", domain: false } },
      y: { field: "place", type: "quantitative", axis: null },
    },
    layer: [
      {
        data: { values },
        mark: { type: "line", opacity: 0.4, point: { size: 30, opacity: 0.5 } },
        encoding: {
          detail: { field: "commit" },
          color: { field: "metric", type: "quantitative", scale: { scheme: "viridis", zero: false }, legend: { title: series.metric, orient: "bottom" } },
          tooltip: [{ field: "axis", title: "Param" }, { field: "Value" }, { field: "metric", title: series.metric }],
        },
      },
      {
        data: { values: params.flatMap((param) => ticksOn(param).map((text) => ({ axis: param.name, place: placeOn(param, text), text }))) },
        mark: { type: "text", align: "left", dx: 10, color: colour("quiet_ink"), limit: 120 },
        encoding: { text: { field: "text" } },
      },
    ],
  };
}

/** The values that are written beside an axis: all of a few, else both ends. */
function ticksOn(param) {
  return param.texts.length <= MOST_TICKS ? param.texts : [param.texts[0], param.texts.at(-1)];
}

/** Where a value stands on its axis, from 0 to 1. */
function placeOn(param, text) {
  if (!param.isNumber) return param.texts.indexOf(text) / (param.texts.length - 1);
  const [low, high] = [Number(param.texts[0]), Number(param.texts.at(-1))];
  return (Number(text) - low) / (high - low);
}
