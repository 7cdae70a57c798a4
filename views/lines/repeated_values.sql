-- What was measured several times in one run, the values in the order in which they were measured.
-- grain: one row per run attempt × metric that was measured several times
-- units: values in the metric's own unit, finite ones alone, two at least; recorded_order as in `run_attempts`
with

entries as (

    select
        recorded_order,
        unnest(json_keys(commits.repeats)) as metric,
        unnest(json_extract(commits.repeats, '$.*')) as listed
    from run_attempts
    inner join commits on commits.rowid = run_attempts.row_number
    where commits.repeats is not null

),

numbers as (

    select
        recorded_order,
        metric,
        list_filter(
            list_transform(json_extract_string(listed, '$[*]'), lambda text: try_cast(text as double)),
            lambda value: isfinite(value)
        ) as repeats
    from entries

)

select recorded_order, metric, repeats
from numbers
where len(repeats) > 1
