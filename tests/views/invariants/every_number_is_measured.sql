-- Each number of each run attempt with a commit is a measurement of that commit, with that or a later value.
with named as (
    select
        repository, report, '' as workflow, commit_sha, recorded_order, 'ml' as kind, unnest(json_keys(metrics)) as metric, metrics as numbers
    from run_attempts
    union all
    select
        repository, report, coalesce(workflow, ''), commit_sha, recorded_order, 'ci', unnest(json_keys(ci_metrics)), ci_metrics
    from run_attempts
)

select named.*
from named
left join measurements using (repository, report, workflow, commit_sha, kind, metric)
where
    nullif(named.commit_sha, '') is not null
    and try_cast(named.numbers ->> ('/' || named.metric) as double) is not null
    and (measurements.metric is null or measurements.recorded_order < named.recorded_order)
