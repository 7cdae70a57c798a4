-- What the data themselves told of a metric: its unit, and which way is better.
-- grain: one row per repository × metric that something was told of
-- units: unit as its source spells it; goal as in `metric_rules`
with

entries as (

    select
        repository,
        recorded_order,
        unnest(json_keys(metric_facts)) as metric,
        unnest(json_extract(metric_facts, '$.*')) as fact
    from run_attempts
    where metric_facts is not null

),

facts as (

    select
        repository,
        recorded_order,
        metric,
        nullif(json_extract_string(fact, '$.unit'), '') as unit,
        json_extract_string(fact, '$.goal') as goal
    from entries

)

-- The newest that was told holds for the whole line, as a rule of the config does.
select
    repository,
    metric,
    arg_max(unit, recorded_order) as unit,
    arg_max(goal, recorded_order) filter (goal in ('minimize', 'maximize')) as goal
from facts
group by repository, metric
