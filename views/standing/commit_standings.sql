-- Where each commit leaves the metrics of its lines, measured there or not: by the newest measurement up to it.
-- grain: one row per commit × line that it stands in × metric that was measured on the line by then
-- units: measured_commit_sha is the newest measurement's, is_measured says that it is the commit itself; value and levels
--        in the metric's own unit, line_id and place those that the measurement is judged on; the rest as in `standings`;
--        told_commit_sha is where what ended, or lasts, here began; what was worse and is no longer measured is 'unknown', and
--        unmeasured_since_commit_sha the first training, or run, that left it out;
--        count_commits, from where it became worse up to this commit, counts those of the line that were reported; days
--        between the first reports of the two
with

-- The line that answers for a measurement may be another one: HEAD's, or that of the branch where it was made.
answers as (

    select points.recorded_order, points.kind, points.metric, standings.*
    from standings
    inner join metric_points as points using (line_id, place)

),

-- The trainings of a line, and the runs of each of its workflows, whichever metrics the report is about.
families as (

    select
        commit_lines.line_number,
        commit_lines.line_order,
        reported.*,
        row_number() over (partition by line_number, report, workflow, kind order by line_order, first_order) as nth
    from (
        select repository, commit_sha, report, '' as workflow, 'ml' as kind
        from run_attempts
        where metrics <> '{}'
        union
        select repository, commit_sha, report, coalesce(workflow, ''), 'ci'
        from run_attempts
        where ci_metrics <> '{}'
    ) as reported
    inner join commit_lines using (repository, commit_sha)

)

select
    newest_points.repository,
    newest_points.commit_sha,
    newest_points.line,
    newest_points.line_branch,
    newest_points.report,
    newest_points.workflow,
    newest_points.kind,
    newest_points.metric,
    newest_points.goal,
    newest_points.value,
    newest_points.measured_commit_sha,
    newest_points.measured_commit_sha = newest_points.commit_sha as is_measured,
    answers.line_id,
    answers.place,
    case
        when answers.standing = 'worse' and newest_family.nth - measured_family.nth >= most_left_out(newest_points.kind)
            then next_family.commit_sha
    end as unmeasured_since_commit_sha,
    if(unmeasured_since_commit_sha is null, answers.standing, 'unknown') as standing,
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
    coalesce(newest_points.nth - since.nth, answers.place - answers.since_place) + 1 as count_commits,
    date_diff('second', since_reports.recorded_at, first_reports.recorded_at) / 86400 as days
from newest_points
inner join answers using (recorded_order, kind, metric)
left join metric_points as since_points
    on since_points.line_id = answers.line_id and since_points.place = answers.since_place
left join metric_points as told_points
    on told_points.line_id = answers.line_id and told_points.place = answers.told_place
left join run_attempts as since_reports on since_reports.recorded_order = since_points.first_order
left join commit_lines as since
    on since.line_number = newest_points.line_number and since.commit_sha = since_points.commit_sha
inner join run_attempts as first_reports on first_reports.recorded_order = newest_points.first_order
left join families as measured_family
    on
        measured_family.line_number = newest_points.line_number
        and measured_family.report = newest_points.report
        and measured_family.workflow = newest_points.workflow
        and measured_family.kind = newest_points.kind
        and measured_family.line_order = newest_points.measured_order
left join families as next_family
    on
        next_family.line_number = newest_points.line_number
        and next_family.report = newest_points.report
        and next_family.workflow = newest_points.workflow
        and next_family.kind = newest_points.kind
        and next_family.nth = measured_family.nth + 1
asof left join families as newest_family
    on
        newest_family.line_number = newest_points.line_number
        and newest_family.report = newest_points.report
        and newest_family.workflow = newest_points.workflow
        and newest_family.kind = newest_points.kind
        and newest_family.line_order <= newest_points.line_order
