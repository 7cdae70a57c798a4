-- The newest measurement of each metric up to each commit, made there or before.
-- grain: one row per commit × line that it stands in × metric that was measured on the line by then
-- units: as in `commit_lines` of the commit, and as in `metric_points` of the measurement; measured_order is its line_order
with

measured_lines as (

    select line_id, line_number_of(line_id) as line_number
    from metric_points
    group by line_id

)

select
    commit_lines.repository,
    commit_lines.commit_sha,
    commit_lines.line,
    commit_lines.line_branch,
    commit_lines.line_number,
    commit_lines.nth,
    commit_lines.line_order,
    commit_lines.first_order,
    points.line_order as measured_order,
    points.report,
    points.workflow,
    points.kind,
    points.metric,
    points.recorded_order,
    points.goal,
    points.value,
    points.commit_sha as measured_commit_sha
from commit_lines
inner join measured_lines using (line_number)
asof inner join metric_points as points
    on points.line_id = measured_lines.line_id and points.line_order <= commit_lines.line_order
