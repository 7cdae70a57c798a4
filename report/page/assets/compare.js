"use strict";

// Two commits side by side: metrics, params, environment, and the host's page of what changed in files.

function showCompare(main, [one, other]) {
  const { commit_sha, commit_message } = page.commits;
  const known = (sha) => page.numbers.get(sha)?.at(-1) ?? (sha ? byPrefix(sha) : undefined);
  const newest = shownCommits();
  const [base, head] = [known(one) ?? newest.at(-2), known(other) ?? newest.at(-1)];
  const options = newest.slice(-500).reverse().map((commit) => element("option", { value: commit_sha[commit] }, `${shortHash(commit_sha[commit])} ${commit_message[commit] ?? ""}`));
  const pick = (label, commit, rest) => element("label", {}, `${label} `, element("input", {
    list: "known-commits", value: shortHash(commit_sha[commit]), size: 12,
    onchange: (event) => {
      const found = known(event.target.value) ?? commit;
      location.hash = address("compare", rest(commit_sha[found]));
    },
  }));
  if (base === undefined || head === undefined) {
    main.append(section("Compare", element("p", {}, "Two reported commits are needed.")));
    return;
  }
  const unknown = [one, other].filter((sha) => sha && known(sha) === undefined).map(shortHash);
  main.append(section("Compare",
    unknown.length ? element("p", { role: "alert" }, `No commit ${unknown.join(" and ")} was reported; these are the newest ones.`) : null,
    element("datalist", { id: "known-commits" }, options),
    element("div", { class: "controls" },
      pick("From", base, (sha) => [sha, commit_sha[head]]), pick("to", head, (sha) => [commit_sha[base], sha]),
      element("a", { href: address("compare", [commit_sha[head], commit_sha[base]]) }, "swap"),
      outward(head, `compare/${commit_sha[base]}...${commit_sha[head]}`, "changed files")),
    element("p", {}, commitLink(base), ` ${commit_message[base] ?? ""} → `, commitLink(head), ` ${commit_message[head] ?? ""}`)));
  main.append(comparedMetrics(base, head), comparedTexts("Params", "params", base, head), comparedTexts("Environment", "environment", base, head));
}

/** The series of one metric that each of two commits was measured in: reports and workflows may differ. */
function comparedMetrics(base, head) {
  const rows = page.series.filter((series) => series.placeOf(base) !== undefined || series.placeOf(head) !== undefined).map((series) => {
    const [before, now] = [base, head].map((commit) => series.placeOf(commit) !== undefined ? series.values[series.placeOf(commit)] : null);
    const change = before === null || now === null ? null : now - before;
    const better = { maximize: 1, minimize: -1 }[series.goal] ?? 0;
    const kind = !change || !better ? "" : Math.sign(change) === better ? "good" : "bad";
    return [series.name, withUnit(before, series.unit), withUnit(now, series.unit),
      element("span", { class: kind }, signed(change)), change === null ? "–" : percent(change, before)];
  });
  if (!rows.length) return section("Metrics", element("p", {}, "Neither was measured."));
  return section("Metrics", table("Each metric at both commits", ["Metric", "From", "To", "Change", "%"], rows, [1, 2, 3, 4]),
    element("p", { class: "quiet" }, "Which way a number went, not whether that is more than noise: that is what the verdicts say."));
}

function comparedTexts(title, column, base, head) {
  const [before, now] = [base, head].map((commit) => parsed(page.commits[column][commit]) ?? {});
  const rows = differences(now, before).filter(([, text]) => text instanceof Element);
  return section(title, rows.length
    ? table("What differs", ["Name", "From", "To"], rows.map(([name, to, from]) => [name, from, to]))
    : element("p", {}, "Nothing differs, as far as it was recorded."));
}
