-- The points up to a measurement on the line that it is judged along, and those after it on its branch, oldest first.
-- Asks for: $repository, $branch, $commit_sha, $report, $kind, $metric, $workflow, $count_before, $count_after.
with

points as (

    select line, line_branch, place, commit_sha, recorded_at, value, speaks_for_itself
    from metric_points
    where
        repository = $repository and report = $report and kind = $kind and metric = $metric and workflow = $workflow

),

before as (

    select points.commit_sha, points.recorded_at, points.value, points.place - here.place as distance
    from points
    inner join points as here
        on
            here.commit_sha = $commit_sha and here.speaks_for_itself
            and here.line = points.line and here.line_branch = points.line_branch
            and points.place between here.place - $count_before and here.place

),

after as (

    select points.commit_sha, points.recorded_at, points.value, points.place - here.place as distance
    from points
    inner join points as here
        on
            here.commit_sha = $commit_sha and here.line = 'branch' and here.line_branch = $branch
            and here.line = points.line and here.line_branch = points.line_branch
            and points.place between here.place + 1 and here.place + $count_after

),

messages as (

    select commit_sha, arg_max(commit_message, recorded_order) as commit_message
    from run_attempts
    where repository = $repository
    group by commit_sha

)

select
    neighbours.commit_sha,
    neighbours.recorded_at,
    neighbours.value,
    neighbours.distance,
    deltas.delta,
    regressions.verdict,
    regressions.direction,
    regressions.is_confirmation,
    regressions.standing,
    regressions.worse_since_commit_sha,
    messages.commit_message
from (from before union all from after) as neighbours
inner join deltas
    on
        deltas.repository = $repository and deltas.commit_sha = neighbours.commit_sha
        and deltas.report = $report and deltas.kind = $kind and deltas.metric = $metric and deltas.workflow = $workflow
inner join regressions
    on
        regressions.line_id = deltas.line_id and regressions.place = deltas.place
left join messages on messages.commit_sha = neighbours.commit_sha
order by neighbours.distance
