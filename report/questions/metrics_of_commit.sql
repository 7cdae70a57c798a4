-- Every metric of one commit with what it is compared with and its verdict, the highlight metric first.
-- Asks for: $repository, $commit_sha.
select
    deltas.*,
    regressions.verdict,
    regressions.reason,
    regressions.threshold,
    regressions.is_sharp,
    coalesce(metric_rules.on_regression, 'report') as on_regression,
    deltas.metric is not distinct from settings.highlight_metric
    and deltas.kind = max(deltas.kind) over (partition by deltas.metric) as is_highlight
from deltas
inner join regressions using (repository, commit_sha, kind, metric)
cross join settings
left join metric_rules using (metric)
where deltas.repository = $repository and deltas.commit_sha = $commit_sha
order by is_highlight desc, deltas.kind desc, deltas.metric
