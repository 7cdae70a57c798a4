-- Where HEAD's ancestry has an earlier value, the previous one is the nearest of them.
with measured as (
    select
        measurements.repository,
        measurements.report,
        measurements.workflow,
        measurements.commit_sha,
        measurements.kind,
        measurements.metric,
        measurements.value,
        commit_lines.distance
    from measurements
    inner join commit_lines using (repository, commit_sha)
    where commit_lines.line = 'ancestry'
),

nearest as (
    select
        measured.repository,
        measured.report,
        measured.workflow,
        measured.commit_sha,
        measured.kind,
        measured.metric,
        arg_min(earlier.commit_sha, earlier.distance) as commit_wanted
    from measured
    inner join measured as earlier
        on
            earlier.repository = measured.repository
            and earlier.report = measured.report
            and earlier.workflow = measured.workflow
            and earlier.kind = measured.kind
            and earlier.metric = measured.metric
            and earlier.distance > measured.distance
            and isfinite(earlier.value)
    group by all
)

select *
from deltas
inner join nearest using (repository, report, workflow, commit_sha, kind, metric)
where previous_commit_sha is distinct from commit_wanted
