"use strict";

// The first page: where each branch is, what is worse and since when, and the highlight metric's chart.

const MOST_BRANCHES = 12;

function showHome(main) {
  const worse = openRegressions();
  // What needs a person comes first.
  const parts = worse ? [worse, branchCards()] : [branchCards(), nothingWorse()];
  main.append(...[...parts, highlightCharts(), ...ownPanels(), pipelines()].filter(Boolean));
}

/** The newest commit of each branch and report, with where it leaves the highlight metric. */
function branchCards() {
  const { branch, report, repository, recorded_at, commit_message, workflow_status } = page.commits;
  const newest = new Map();
  for (const commit of shownCommits()) newest.set(JSON.stringify([repository[commit], report[commit], branch[commit]]), commit);
  const commits = [...newest.values()].sort((one, other) =>
    (branch[other] === page.default_branch) - (branch[one] === page.default_branch) || recorded_at[other] - recorded_at[one]);
  if (!commits.length) return section("Branches", element("p", {}, "Nothing was reported yet."));
  const cards = commits.slice(0, MOST_BRANCHES).map((commit) => {
    const told = lastMeasured(commit);
    const named = [manyRepositories() ? repository[commit] : "", branch[commit] || "no branch", report[commit]].filter(Boolean);
    return element("article", { class: "card" },
      element("h3", {}, element("a", { href: address("history", [], { branch: branch[commit] }) }, named.join(" · "))),
      told ? element("p", { class: "value" }, verdict(told.look), " ",
        element("strong", {}, valueText(told.series, told.index)), ` ${told.series.metric}`) : null,
      told && told.since ? element("p", {}, "worse since ", hashLink(told.since[0]), `, before that ${number(told.since[1])}`) : null,
      element("p", { class: "quiet" }, commitLink(commit), ` ${commit_message[commit] ?? ""}`),
      element("p", { class: "quiet" }, `${time(recorded_at[commit])} · CI ${workflow_status[commit] ?? "unknown"}`));
  });
  const more = commits.length - cards.length;
  return section("Branches", element("div", { class: "cards" }, cards),
    more > 0 ? element("p", {}, `and ${plural(more, "branch", "branches")} more, in the history`) : null);
}

/** The newest measurement of the highlight metric on a commit's branch, up to that commit. */
function lastMeasured(commit) {
  const { branch } = page.commits;
  const series = highlightOf(commit);
  if (!series) return null;
  for (let index = series.commits.length - 1; index >= 0; index--) {
    const measured = series.commits[index];
    if (measured > commit || branch[measured] !== branch[commit]) continue;
    return { series, index, look: page.looks[series.looks[index]], since: series.worse[measured] };
  }
  return null;
}

function valueText(series, index) {
  return series.odd_values[series.commits[index]] ?? withUnit(series.values[index], series.unit);
}

function openRegressions() {
  const { asked } = readAddress();
  const rows = page.open.filter((each) =>
    (!asked.get("branch") || each.branch === asked.get("branch")) && (!asked.get("report") || each.report === asked.get("report")));
  if (!rows.length) return null;
  return section("Worse now", table("What is worse and neither recovered nor accepted",
    ["Metric", manyRepositories() ? "Where" : "Branch", "Is", "Was", "Change", "Since", "By", "For"],
    rows.map((each) => [
      element("strong", {}, each.metric),
      [manyRepositories() ? each.repository : "", each.branch].filter(Boolean).join(" · "), number(each.level ?? each.value), number(each.reference_level),
      each.change_percent === null ? "–" : percent(each.change_percent, 100),
      element("span", {}, hashLink(each.worse_since_commit_sha), ` ${each.worse_since_message ?? ""}`),
      each.worse_since_author ?? "", plural(each.count_commits ?? 0, "commit"),
    ]), [2, 3, 4]));
}

function nothingWorse() {
  return section("Worse now", element("p", {}, "Nothing is worse than it was, as far as it was measured."));
}

function highlightCharts() {
  const { asked } = readAddress();
  const charts = page.charts.filter((each) => !asked.get("report") || each.report === asked.get("report")).slice(0, MOST_BRANCHES);
  if (!charts.length) return null;
  const places = charts.map((chart) => {
    const place = element("div", { class: "chart" });
    const fitted = summaryChart({ ...chart.specification });
    queueMicrotask(() => draw(place, fitted, `${page.highlight}, as the summary shows it`));
    return element("figure", {}, charts.length > 1
      ? element("figcaption", {}, [chart.repository, chart.report].filter(Boolean).join(" · ")) : null, place);
  });
  return section(`Trend of ${page.highlight}`, places,
    element("p", {}, element("a", { href: address("metrics") }, "Every metric, to zoom into")));
}

/** What the repository asks of its history besides (`report.panels`). */
function ownPanels() {
  return page.panels.map((panel) => {
    if (panel.problem) return section(panel.title, element("p", {}, `There is no answer: ${panel.problem.replaceAll("`", "")}`));
    if (!panel.rows.length) return section(panel.title, element("p", {}, "No rows."));
    const right = panel.names.map((_, at) => at).filter((at) => panel.rows.every((row) => typeof row[at] === "number"));
    const shown = table(panel.title, panel.names, panel.rows.map((row) => row.map((cell) => typeof cell === "number" ? number(cell) : cell ?? "")), right);
    const more = panel.has_more ? element("p", { class: "quiet" }, "and more rows") : null;
    const drawn = right.filter((at) => at > 0);
    if (panel.kind === "table" || !drawn.length) return section(panel.title, shown, more);
    const place = element("div", { class: "chart" });
    queueMicrotask(() => draw(place, panelChart(panel, drawn, roomIn(place)), panel.title));
    return section(panel.title, place, element("details", {}, element("summary", {}, "As a table"), shown, more));
  });
}

function pipelines() {
  if (!page.pipelines.length) return null;
  return section("Pipelines", table("The workflows of each branch, those that ran last first",
    ["Workflow", ...(manyRepositories() ? ["Repository"] : []), "Branch", "Runs", "Succeeded", "In a row", "Takes", "Last run"],
    page.pipelines.slice(0, 20).map((each) => [
      each.workflow || "–", ...(manyRepositories() ? [each.repository] : []), each.branch, number(each.count_runs),
      each.success_rate === null ? "–" : `${Math.round(100 * each.success_rate)} %`,
      each.current_streak === 0 ? "–" : each.current_streak < 0 ? plural(-each.current_streak, "failure") : plural(each.current_streak, "success", "successes"),
      duration(each.median_duration_seconds), time(each.latest_recorded_at),
    ]), manyRepositories() ? [3, 4] : [2, 3]));
}
