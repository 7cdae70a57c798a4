-- Where each commit leaves the metrics of its lines, measured there or not: by the newest measurement up to it.
-- grain: one row per commit × line that it stands in × metric that was measured on the line by then
-- units: measured_commit_sha is the newest measurement's, is_measured says that it is the commit itself; value and levels
--        in the metric's own unit, line_id and place those that the measurement is judged on; the rest as in `standings`;
--        told_commit_sha is where what ended, or lasts, here began;
--        count_commits, from where it became worse up to this commit, counts those of the line that were reported; days
--        between the first reports of the two
with

numbered as (

    select
        commit_lines.*,
        run_attempts.recorded_at,
        row_number() over (
            partition by commit_lines.line_number order by commit_lines.line_order, commit_lines.first_order
        ) as nth
    from commit_lines
    inner join run_attempts on run_attempts.recorded_order = commit_lines.first_order

),

measured_lines as (

    select line_id, line_number_of(line_id) as line_number
    from metric_points
    group by line_id

),

newest as (

    select
        numbered.repository,
        numbered.commit_sha,
        numbered.line,
        numbered.line_branch,
        numbered.line_number,
        numbered.nth,
        numbered.recorded_at,
        points.report,
        points.workflow,
        points.kind,
        points.metric,
        points.recorded_order,
        points.goal,
        points.value,
        points.commit_sha as measured_commit_sha
    from numbered
    inner join measured_lines using (line_number)
    asof inner join metric_points as points
        on points.line_id = measured_lines.line_id and points.line_order <= numbered.line_order

),

-- The line that answers for a measurement may be another one: HEAD's, or that of the branch where it was made.
answers as (

    select points.recorded_order, points.kind, points.metric, standings.*
    from standings
    inner join metric_points as points using (line_id, place)

)

select
    newest.repository,
    newest.commit_sha,
    newest.line,
    newest.line_branch,
    newest.report,
    newest.workflow,
    newest.kind,
    newest.metric,
    newest.goal,
    newest.value,
    newest.measured_commit_sha,
    newest.measured_commit_sha = newest.commit_sha as is_measured,
    answers.line_id,
    answers.place,
    answers.standing,
    answers.reference_level,
    answers.reference_kind,
    answers.level,
    answers.recovered_level,
    answers.step_places,
    told_points.commit_sha as told_commit_sha,
    since_points.commit_sha as worse_since_commit_sha,
    since_reports.recorded_at as since_at,
    since_reports.author as since_author,
    since_reports.commit_message as since_commit_message,
    -- Of a commit that the line has no place for, those that were measured.
    coalesce(newest.nth - since.nth, answers.place - answers.since_place) + 1 as count_commits,
    date_diff('second', since_reports.recorded_at, newest.recorded_at) / 86400 as days
from newest
inner join answers
    on
        answers.recorded_order = newest.recorded_order
        and answers.kind = newest.kind
        and answers.metric = newest.metric
left join metric_points as since_points
    on since_points.line_id = answers.line_id and since_points.place = answers.since_place
left join metric_points as told_points
    on told_points.line_id = answers.line_id and told_points.place = answers.told_place
left join run_attempts as since_reports on since_reports.recorded_order = since_points.first_order
left join numbered as since
    on since.line_number = newest.line_number and since.commit_sha = since_points.commit_sha
