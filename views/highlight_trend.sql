-- The last `trend_window` points of the highlight metric, which the chart and the table show.
-- grain: one row per charted point of the highlight metric
-- units: position counts from 1, the oldest point shown; place as in `deltas`, run_number is its older name; values
--        in the metric's own unit; standing and direction as in `regressions`; began is the verdict of a change that
--        began here, confirmed here or by a later commit
with

shown as (

    select
        metric_points.*,
        place - greatest(newest_place - trend_window, 0) as position,
        settings.reported_commit_sha
    from metric_points
    inner join charted_lines using (line_id)
    inner join settings on settings.highlight_metric = charted_lines.metric
    where place > newest_place - trend_window

),

trained as (

    select repository, report, commit_sha, author, commit_message, training, cause, training_seconds
    from run_attempts
    where commit_sha in (select commit_sha from shown)
    qualify row_number() over (
        partition by repository, report, commit_sha
        order by (training is not distinct from 'trained') desc, recorded_order desc
    ) = 1

)

select
    shown.repository,
    case shown.line when 'branch' then shown.line_branch else shown.branch end as branch,
    shown.kind,
    shown.metric,
    shown.goal,
    shown.position,
    shown.place as run_number,
    shown.commit_sha,
    left(shown.commit_sha, 7) as short_sha,
    shown.recorded_at,
    shown.value,
    trends.moving_average,
    trends.rolling_median,
    deltas.previous_commit_sha,
    deltas.previous_value,
    deltas.delta,
    deltas.delta_percent,
    deltas.is_best,
    regressions.verdict,
    regressions.reason,
    regressions.is_sharp,
    regressions.is_confirmation,
    regressions.since_commit_sha,
    regressions.level_mean,
    coalesce(shown.commit_sha = shown.reported_commit_sha, false) as is_current,
    trained.author,
    trained.commit_message,
    trained.cause,
    trained.training_seconds,
    regressions.threshold,
    regressions.withdrawn_commit_sha,
    regressions.direction,
    regressions.standing,
    regressions.worse_since_commit_sha,
    regressions.reference_level,
    change_beginnings.verdict as began,
    shown.report,
    shown.workflow,
    shown.place
from shown
inner join deltas using (recorded_order, kind, metric)
inner join trends using (recorded_order, kind, metric)
inner join regressions using (recorded_order, kind, metric)
left join change_beginnings
    on
        change_beginnings.repository = shown.repository and change_beginnings.report = shown.report
        and change_beginnings.workflow = shown.workflow and change_beginnings.kind = shown.kind
        and change_beginnings.metric = shown.metric and change_beginnings.commit_sha = shown.commit_sha
left join trained
    on trained.repository = shown.repository and trained.report = shown.report and trained.commit_sha = shown.commit_sha
order by shown.repository, shown.line_branch, shown.position
