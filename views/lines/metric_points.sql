-- Measurements in the order in which one follows the other, along HEAD's first parents and along every branch.
-- grain: one row per measurement × line that it stands in
-- units: line_id is that of a metric's line; place counts its points from 1, count_earlier the finite values before, where
--        a measurement has count_repeats of them;
--        distance and merge_distance in commits behind HEAD, as in `commit_lines`; speaks_for_itself marks the one row
--        that answers for the measurement, is_accepted a change that is meant; family numbers what is reported
--        together: the metrics of a report's trainings, of a workflow's runs
-- table: nearly every view below reads it
with

series as (

    select
        report,
        workflow,
        kind,
        metric,
        row_number() over (order by report, workflow, kind, metric) as series,
        dense_rank() over (order by report, workflow, kind) as family
    from measurements
    group by report, workflow, kind, metric

),

-- Numbers alone: they are quicker to join and to sort than the texts of a measurement, which come last.
standing as (

    select
        measurements.rowid as measurement,
        measurements.repository,
        case when isfinite(measurements.value) then measurements.value end as finite_value,
        if(finite_value is null, 0, coalesce(len(measurements.repeats), 1)) as count_repeats,
        line_id_of(commit_lines.line_number, series.series) as line_id,
        series.series,
        series.family,
        commit_lines.line = 'ancestry' as is_ancestry,
        commit_lines.line_branch,
        commit_lines.line_order,
        commit_lines.first_order,
        commit_lines.distance,
        commit_lines.merge_distance,
        commit_lines.is_on_default_branch
    from measurements
    inner join commit_lines using (repository, commit_sha)
    inner join series using (report, workflow, kind, metric)

),

oldest_ancestors as (

    select
        repository,
        series,
        max(distance) as oldest_distance
    from standing
    where is_ancestry and finite_value is not null
    group by repository, series

),

placed as (

    select
        standing.* exclude (repository),
        -- HEAD's line answers for a measurement that has an ancestor to be compared with. Others, as every commit in a
        -- clone of depth 1, are answered for by the branch.
        coalesce(distance = merge_distance and distance < oldest_distance, false) as has_ancestor,
        row_number() over along as place,
        coalesce(sum(count_repeats) over (along rows between unbounded preceding and 1 preceding), 0)::bigint
        as count_earlier
    from standing
    left join oldest_ancestors using (repository, series)
    window along as (partition by line_id order by line_order, first_order)

)

select
    placed.line_id,
    measurements.repository,
    if(is_ancestry, 'ancestry', 'branch') as line,
    placed.line_branch,
    measurements.report,
    measurements.workflow,
    measurements.kind,
    measurements.metric,
    placed.place,
    placed.count_earlier,
    placed.count_repeats,
    if(is_ancestry, has_ancestor, line_branch = branch and not has_ancestor) as speaks_for_itself,
    measurements.branch,
    measurements.commit_sha,
    measurements.recorded_at,
    measurements.recorded_order,
    placed.line_order,
    placed.first_order,
    placed.distance,
    placed.merge_distance,
    placed.is_on_default_branch,
    placed.family,
    measurements.goal,
    measurements.value,
    placed.finite_value,
    measurements.repeats,
    exists (
        select 1
        from accepted_changes
        where
            accepted_changes.commit_sha = measurements.commit_sha
            and coalesce(accepted_changes.metric, measurements.metric) = measurements.metric
    ) as is_accepted
from placed
inner join measurements on measurements.rowid = placed.measurement
