-- Metrics with what they are compared with and their verdicts, by commit, the highlight metric first.
-- Asks for: $repository, $commit_sha, $branch, $metric; each may be NULL, for all.
select
    deltas.*,
    regressions.verdict,
    regressions.reason,
    regressions.threshold,
    regressions.score,
    regressions.confidence,
    regressions.method,
    regressions.is_sharp,
    regressions.is_confirmation,
    regressions.since_commit_sha,
    regressions.withdrawn_commit_sha,
    regressions.level_mean,
    regressions.drift_per_commit,
    regressions.direction,
    regressions.standing,
    regressions.worse_since_commit_sha,
    regressions.reference_level,
    -- A confirmation, where the commit at which the new level began was suspected as it arrived.
    regressions.is_confirmation and coalesce(first_of_level.verdict = 'suspected', false) as is_suspicion_confirmed,
    -- Without a goal either way may be the worse one.
    regressions.verdict = 'suspected' and regressions.direction is distinct from 'better' as is_suspected_worse,
    regressions.verdict = 'improved'
    or (
        regressions.verdict = 'recovered'
        and abs(deltas.value - standings.recovered_level) >= smallest_effect(standings.recovered_level, judged_lines)
        and sign(deltas.value - standings.recovered_level) = -judged_lines.worse_sign
    ) is true as is_improvement,
    -- A point that may be the beginning of a regression is no proof that there is none.
    regressions.standing <> 'worse' and not is_suspected_worse as is_no_regression,
    deltas.metric is not distinct from settings.highlight_metric
    and deltas.kind = max(deltas.kind) over (partition by deltas.metric) as is_highlight
from deltas
inner join regressions on regressions.line_id = deltas.line_id and regressions.place = deltas.place
inner join standings on standings.line_id = deltas.line_id and standings.place = deltas.place
left join judged_lines on judged_lines.line_id = deltas.line_id
cross join settings
left join regressions as first_of_level
    on
        first_of_level.repository = regressions.repository
        and first_of_level.commit_sha = regressions.since_commit_sha
        and first_of_level.report = regressions.report
        and first_of_level.workflow = regressions.workflow
        and first_of_level.kind = regressions.kind
        and first_of_level.metric = regressions.metric
where
    deltas.repository = coalesce($repository::varchar, deltas.repository)
    and deltas.commit_sha = coalesce($commit_sha::varchar, deltas.commit_sha)
    and deltas.branch = coalesce($branch::varchar, deltas.branch)
    and deltas.metric = coalesce($metric::varchar, deltas.metric)
order by deltas.recorded_order, is_highlight desc, deltas.kind desc, deltas.metric
