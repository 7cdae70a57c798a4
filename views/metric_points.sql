-- Measurements in the order in which one follows the other, along HEAD's ancestors and along every branch.
-- grain: one row per measurement × line that it stands in
-- units: place counts the line's points from 1; distance in commits behind HEAD; speaks_for_itself marks the one
--        row that answers for the measurement
-- kind: step, materialized
with

standing as (

    select
        measurements.*,
        case when isfinite(measurements.value) then measurements.value end as finite_value,
        commit_lines.line,
        commit_lines.line_branch,
        commit_lines.line_order,
        commit_lines.first_order,
        commit_lines.distance,
        commit_lines.is_on_default_branch
    from measurements
    inner join commit_lines using (repository, commit_sha)

),

oldest_ancestors as (

    select
        repository,
        kind,
        metric,
        max(distance) as distance
    from standing
    where line = 'ancestry' and finite_value is not null
    group by repository, kind, metric

),

-- HEAD's line answers for a measurement that has an ancestor to be compared with. Others, as every commit in a
-- clone of depth 1, are answered for by the branch.
led as (

    select
        standing.*,
        coalesce(standing.distance < oldest_ancestors.distance, false) as has_ancestor
    from standing
    left join oldest_ancestors using (repository, kind, metric)

)

select
    repository,
    line,
    line_branch,
    kind,
    metric,
    row_number() over (
        partition by repository, line, line_branch, kind, metric
        order by line_order, first_order
    ) as place,
    case line
        when 'ancestry' then has_ancestor
        else line_branch = branch and not has_ancestor
    end as speaks_for_itself,
    branch,
    commit_sha,
    recorded_at,
    recorded_order,
    first_order,
    distance,
    is_on_default_branch,
    goal,
    value,
    finite_value
from led
