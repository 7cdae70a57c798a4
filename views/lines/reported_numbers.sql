-- Every number that a run attempt reported: the JSON objects of the rows, taken apart.
-- grain: one row per run attempt × kind × metric
-- units: value in the metric's own unit, NaN and infinities included; recorded_order as in `run_attempts`; workflow of
--        CI metrics alone, as a training's are the commit's, whichever workflow reports them
-- table: JSON is slow to take apart, and several views read it
with

objects as (

    select repository, report, '' as workflow, commit_sha, recorded_order, 'ml' as kind, metrics as named_numbers
    from run_attempts
    where metrics is not null
    union all
    select repository, report, coalesce(workflow, ''), commit_sha, recorded_order, 'ci', ci_metrics
    from run_attempts
    where ci_metrics is not null

),

-- Names and values side by side: ten times as fast as `json_each`.
entries as (

    select
        * exclude (named_numbers),
        unnest(json_keys(named_numbers)) as metric,
        unnest(json_extract_string(named_numbers, '$.*')) as text,
        generate_subscripts(json_keys(named_numbers), 1) as place
    from objects

)

select
    any_value(repository) as repository,
    any_value(report) as report,
    any_value(workflow) as workflow,
    any_value(commit_sha) as commit_sha,
    recorded_order,
    kind,
    metric,
    -- Where an object names a metric twice, the later one holds, as in every JSON reader.
    arg_max(try_cast(text as double), place) as value
from entries
where try_cast(text as double) is not null
group by recorded_order, kind, metric
