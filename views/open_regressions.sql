-- What is worse and neither recovered nor accepted: since which commit, by how much, and what else changed there.
-- What five trainings in a row, or twenty runs of CI, left out is no longer measured, and told no longer.
-- grain: one row per such metric × line, as of the line's newest commit: HEAD's line, and each branch that is not merged into it
-- units: values and levels in the metric's own unit; value is the newest, at measured_commit_sha, level where the metric is now;
--        reference_kind says what reference_level is: the 'level' of before, the 'baseline' of a `max_drop`, or the
--        'target'; percent of the absolute reference; step_commits are where it became worse, or worse still, the first one
--        included; count_commits, reported ones, from there up to commit_sha, and days; changed_… as of worse_since_commit_sha
with

opened as (

    select
        commit_standings.*,
        line_ends.recorded_at,
        line_ends.branch
    from commit_standings
    inner join line_ends using (repository, line, line_branch, commit_sha)
    where standing = 'worse'

),

steps as (

    select opened.line_id, opened.place, list(points.commit_sha order by points.place) as step_commits
    from (select distinct line_id, place, unnest(step_places) as step_place from opened) as opened
    inner join metric_points as points on points.line_id = opened.line_id and points.place = opened.step_place
    group by opened.line_id, opened.place

)

select
    opened.repository,
    opened.branch,
    opened.kind,
    opened.metric,
    opened.goal,
    opened.commit_sha,
    opened.recorded_at,
    opened.measured_commit_sha,
    opened.value,
    opened.level,
    opened.reference_level,
    opened.reference_kind,
    if(isfinite(opened.level), opened.level - opened.reference_level, null) as change,
    percent_of(opened.level - opened.reference_level, opened.reference_level) as change_percent,
    opened.worse_since_commit_sha,
    opened.since_at as worse_since_at,
    opened.since_author as worse_since_author,
    opened.since_commit_message as worse_since_message,
    opened.count_commits,
    opened.days,
    steps.step_commits,
    len(steps.step_commits) as count_steps,
    commit_changes.cause,
    commit_changes.changed_inputs,
    commit_changes.changed_params,
    commit_changes.changed_data_sets,
    opened.report,
    opened.workflow,
    commit_changes.changed_environment
from opened
left join steps using (line_id, place)
left join commit_changes
    on
        commit_changes.repository = opened.repository
        and commit_changes.report = opened.report
        and commit_changes.commit_sha = opened.worse_since_commit_sha
