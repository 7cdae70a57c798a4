-- The last points of metrics along the lines of their charts, by metric, the oldest first.
-- Asks for: $metrics; $at_most, how many points of each; $branch, whose own line is meant, null for the chart's.
with

lines as (

    select line_id, repository, kind, metric, newest_place
    from charted_lines
    where $branch is null and list_contains($metrics, metric)
    union all
    select line_id, any_value(repository), any_value(kind), any_value(metric), max(place)
    from metric_points
    where line = 'branch' and line_branch = $branch and list_contains($metrics, metric)
    group by line_id

),

-- Of several the one that was measured last; a training's before the run's.
line_of_metric as (

    select lines.*
    from lines
    inner join metric_points on metric_points.line_id = lines.line_id and metric_points.place = newest_place
    qualify row_number() over (
        partition by lines.metric order by lines.kind desc, recorded_order desc, lines.line_id
    ) = 1

),

shown as (

    select metric_points.*
    from metric_points
    inner join line_of_metric using (line_id)
    where place > newest_place - $at_most

)

select
    shown.kind,
    shown.metric,
    shown.goal,
    row_number() over (partition by shown.metric order by shown.place) as position,
    shown.commit_sha,
    left(shown.commit_sha, 7) as short_sha,
    case shown.line when 'branch' then shown.line_branch else shown.branch end as branch,
    shown.recorded_at,
    told.author,
    told.commit_message,
    shown.value,
    deltas.is_best,
    regressions.verdict,
    regressions.reason,
    regressions.is_confirmation,
    regressions.withdrawn_commit_sha,
    regressions.level_mean,
    regressions.threshold,
    regressions.standing,
    regressions.worse_since_commit_sha,
    regressions.reference_level,
    change_beginnings.verdict as began,
    coalesce(shown.commit_sha = settings.reported_commit_sha, false) as is_current
from shown
cross join settings
inner join deltas using (recorded_order, kind, metric)
inner join regressions using (recorded_order, kind, metric)
inner join run_attempts as told using (recorded_order)
left join change_beginnings
    on
        change_beginnings.repository = shown.repository and change_beginnings.report = shown.report
        and change_beginnings.workflow = shown.workflow and change_beginnings.kind = shown.kind
        and change_beginnings.metric = shown.metric and change_beginnings.commit_sha = shown.commit_sha
order by shown.metric, position
