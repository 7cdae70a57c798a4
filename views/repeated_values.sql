-- What several runs of one commit gave for a metric, where they can be told apart from the noise between commits.
-- grain: one row per value × commit × metric of which there are several
-- units: value in the metric's own unit, finite
-- kind: step
with

repeated as (

    select
        repository,
        commit_sha
    from run_attempts
    where nullif(commit_sha, '') is not null
    group by repository, commit_sha
    having count(*) > 1

),

objects as (

    select repository, commit_sha, unnest(['ml', 'ci']) as kind, unnest([metrics, ci_metrics]) as named_numbers
    from run_attempts
    inner join repeated using (repository, commit_sha)

),

entries as (

    select
        * exclude (named_numbers),
        unnest(json_keys(named_numbers)) as metric,
        unnest(json_extract_string(named_numbers, '$.*')) as text
    from objects

)

select
    repository,
    commit_sha,
    kind,
    metric,
    try_cast(text as double) as value
from entries
where isfinite(try_cast(text as double))
