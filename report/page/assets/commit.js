"use strict";

// One commit: what a summary of it says, and all that is recorded of it.

function showCommit(main, [sha, report]) {
  const commit = (page.numbers.get(sha) ?? []).findLast((each) => !report || page.commits.report[each] === report) ?? byPrefix(sha);
  if (commit === undefined) {
    main.append(section("Not found", element("p", {}, `No commit ${shortHash(sha)} was reported.`)));
    return;
  }
  const columns = page.commits;
  const previous = previousOn(commit);
  main.append(element("section", {},
    element("h2", {}, columns.commit_message[commit] || "Commit ", " ", element("span", { class: "hash" }, shortHash(columns.commit_sha[commit]))),
    element("p", { class: "value" }, firstWords(commit)),
    element("p", { class: "quiet" }, [columns.author[commit], columns.branch[commit], time(columns.committed_at[commit] ?? columns.recorded_at[commit]),
      columns.report[commit] ? `report ${columns.report[commit]}` : "", columns.repository[commit]].filter(Boolean).join(" · ")),
    element("p", { class: "links" }, commitLinks(commit, previous))));
  main.append(...[metricsOf(commit), inputsOf(commit, previous), runsOf(commit), environmentOf(commit, previous)].filter(Boolean));
}

function byPrefix(sha) {
  const found = sha?.length >= 7 ? page.commits.commit_sha.findLastIndex((each) => each.startsWith(sha)) : -1;
  return found < 0 ? undefined : found;
}

/** The commit before on the same branch, of the same repository and report. */
function previousOn(commit) {
  const { branch, report, repository } = page.commits;
  for (let at = commit - 1; at >= 0; at--)
    if (branch[at] === branch[commit] && report[at] === report[commit] && repository[at] === repository[commit]) return at;
  return undefined;
}

function nextOn(commit) {
  const { branch, report, repository } = page.commits;
  for (let at = commit + 1; at < page.count; at++)
    if (branch[at] === branch[commit] && report[at] === report[commit] && repository[at] === repository[commit]) return at;
  return undefined;
}

function firstWords(commit) {
  const told = lastMeasured(commit);
  if (!told) return `CI ${page.commits.workflow_status[commit] ?? "unknown"}`;
  const { series, index } = told, measured = series.commits[index];
  const parts = [measured === commit ? verdict(told.look) : element("span", {}, "measured at ", commitLink(measured), ": ", verdict(told.look)),
    ` ${series.metric} `, element("strong", {}, valueText(series, index))];
  if (series.levels[index] !== null) parts.push(`, usually ${number(series.levels[index])}`);
  if (told.since) parts.push(", worse since ", hashLink(told.since[0]), told.since[1] === null ? "" : `, before that ${number(told.since[1])}`);
  return parts;
}

function commitLinks(commit, previous) {
  const { commit_sha, parent, pull_request } = page.commits;
  const next = nextOn(commit);
  const parentSha = typeof parent[commit] === "number" ? commit_sha[parent[commit]] : parent[commit];
  const to = (other, text) => other === undefined ? null
    : element("a", { href: address("compare", [commit_sha[other], commit_sha[commit]]) }, text);
  return [
    outward(commit, `commit/${commit_sha[commit]}`, "commit"),
    parentSha ? outward(commit, `compare/${parentSha}...${commit_sha[commit]}`, "changes") : null,
    pull_request[commit] ? outward(commit, `${page.is_gitlab ? "merge_requests" : "pull"}/${pull_request[commit]}`, `pull request ${pull_request[commit]}`) : null,
    to(previous, "compare with the one before"),
    previous === undefined ? null : commitLink(previous, "← before"),
    next === undefined ? null : commitLink(next, "after →"),
  ].filter(Boolean).flatMap((each, at) => at ? [" · ", each] : [each]);
}

function metricsOf(commit) {
  const rows = page.series.filter((series) => series.placeOf(commit) !== undefined).map((series) => {
    const index = series.placeOf(commit), look = page.looks[series.looks[index]];
    return { series, index, look };
  });
  if (!rows.length) return null;
  const rank = ({ series, look }) => (series.is_highlight ? 0 : look.is_worse ? 1 : ["quiet", "new"].includes(look.kind) ? 3 : 2);
  rows.sort((one, other) => rank(one) - rank(other));
  return section("Metrics", table("Each metric against its usual level",
    ["Metric", "Verdict", "Value", "Usual", "Against it", "Why"],
    rows.map(({ series, index, look }) => {
      const value = series.values[index], level = series.levels[index];
      return [
        element("a", { href: address("metrics", [], { metrics: String(page.series.indexOf(series)) }) }, series.name),
        verdict(look), valueText(series, index), number(level),
        value === null || level === null ? "–" : `${signed(value - level)} (${percent(value - level, level)})`,
        series.reasons[commit] ?? "",
      ];
    }), [2, 3, 4]));
}

/** What a commit says of something against another one: its entries, and those that differ marked. */
function differences(now, before) {
  const names = [...new Set([...Object.keys(now ?? {}), ...Object.keys(before ?? {})])].sort();
  return names.map((name) => {
    const [one, other] = [before?.[name], now?.[name]].map((value) =>
      value === undefined || value === null ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value));
    const isChanged = before && one !== other;
    return [name, isChanged ? element("mark", {}, other) : other, before ? one : ""];
  });
}

function inputsOf(commit, previous) {
  const { params, changed_inputs, training, cause, model_name, model_version, mlflow_run_id, training_seconds } = page.commits;
  const facts = [
    training[commit] && training[commit] !== "none" ? `Training: ${training[commit]}${cause[commit] ? `, cause ${cause[commit]}` : ""}` : "",
    training_seconds[commit] !== null ? `took ${duration(training_seconds[commit])}` : "",
    model_version[commit] ? `model ${model_name[commit] ?? ""} version ${model_version[commit]}` : "",
    mlflow_run_id[commit] ? `MLflow run ${mlflow_run_id[commit].slice(0, 8)}` : "",
  ].filter(Boolean);
  const changed = parsed(changed_inputs[commit]) ?? [];
  const now = parsed(params[commit]);
  if (!facts.length && !changed.length && !now) return null;
  return section("Training", facts.length ? element("p", {}, facts.join(" · ")) : null,
    changed.length ? element("p", {}, "Changed inputs: ", element("code", {}, changed.slice(0, 20).join(", ")),
      changed.length > 20 ? ` and ${changed.length - 20} more` : "") : null,
    now ? table("Parameters", ["Parameter", "Here", "The commit before"],
      differences(now, previous === undefined ? null : parsed(params[previous]))) : null);
}

/** The run's page, where its ID tells that: GitHub's. */
function runLink(commit, id, title) {
  const base = page.repository_urls[page.commits.repository[commit]] ?? "";
  return base.startsWith("https://github.com/") && /^\d+$/.test(id ?? "") ? outward(commit, `actions/runs/${id}`, title) : title;
}

function runsOf(commit) {
  const runs = (parsed(page.commits.runs[commit]) ?? []).map((run, at) => ({
    ...run, run: page.commits.run_ids[commit][at], seconds: page.commits.job_seconds[commit][at],
  }));
  const parts = runs.flatMap((run) => {
    const title = `${run.workflow || "Run"}${run.attempt > 1 ? `, attempt ${run.attempt}` : ""}: ${run.status ?? "unknown"}${run.event ? `, on ${run.event}` : ""}`;
    const jobs = parsedJson(run.jobs) ?? [], failed = parsedJson(run.failed_tests) ?? [];
    return [
      element("h3", {}, runLink(commit, run.run, title)),
      jobs.length ? table("Jobs", ["Job", "Conclusion", "Took"], jobs.map((job, at) => [job.name ?? "", job.conclusion ?? "", duration(run.seconds[at])]), [2]) : null,
      failed.length ? element("div", {}, element("p", {}, plural(failed.length, "failed test")),
        element("ul", {}, failed.slice(0, 50).map((name) => element("li", {}, element("code", {}, String(name))))),
        failed.length > 50 ? element("p", {}, `and ${failed.length - 50} more`) : null) : null,
    ];
  });
  return parts.some(Boolean) ? section("What ran", ...parts) : null;
}

/** JSON within JSON is there as a text or as a value. */
function parsedJson(value) {
  return typeof value === "string" ? parsed(value) : value;
}

function environmentOf(commit, previous) {
  const now = parsed(page.commits.environment[commit]);
  if (!now) return null;
  return section("Environment", table("Where it ran", ["Part", "Here", "The commit before"],
    differences(now, previous === undefined ? null : parsed(page.commits.environment[previous]))));
}
