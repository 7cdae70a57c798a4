-- Measurements in the order in which one follows the other, along HEAD's ancestors and along every branch.
-- grain: one row per measurement × line that it stands in
-- units: line_id is that of a metric's line; place counts its points from 1, count_earlier the finite ones before;
--        distance in commits behind HEAD; speaks_for_itself marks the one row that answers for the measurement
-- kind: step, materialized
with

series as (

    select
        kind,
        metric,
        row_number() over (order by kind, metric) as series
    from measurements
    group by kind, metric

),

standing as (

    select
        measurements.*,
        case when isfinite(measurements.value) then measurements.value end as finite_value,
        -- A number is quicker to join and to sort by than five texts.
        line_id_of(commit_lines.line_number, series.series) as line_id,
        series.series,
        commit_lines.line,
        commit_lines.line_branch,
        commit_lines.line_order,
        commit_lines.first_order,
        commit_lines.distance,
        commit_lines.is_on_default_branch
    from measurements
    inner join commit_lines using (repository, commit_sha)
    inner join series using (kind, metric)

),

oldest_ancestors as (

    select
        repository,
        series,
        max(distance) as oldest_distance
    from standing
    where line = 'ancestry' and finite_value is not null
    group by repository, series

),

-- HEAD's line answers for a measurement that has an ancestor to be compared with. Others, as every commit in a
-- clone of depth 1, are answered for by the branch.
led as (

    select
        standing.*,
        coalesce(standing.distance < oldest_distance, false) as has_ancestor
    from standing
    left join oldest_ancestors using (repository, series)

)

select
    line_id,
    repository,
    line,
    line_branch,
    kind,
    metric,
    row_number() over along as place,
    count(finite_value) over (along rows between unbounded preceding and 1 preceding) as count_earlier,
    case line
        when 'ancestry' then has_ancestor
        else line_branch = branch and not has_ancestor
    end as speaks_for_itself,
    branch,
    commit_sha,
    recorded_at,
    recorded_order,
    line_order,
    first_order,
    distance,
    is_on_default_branch,
    goal,
    value,
    finite_value
from led
window along as (partition by line_id order by line_order, first_order)
