-- Every measurement with its verdict, a row for each series: lists of equal length, in the order of the commits.
-- `looks`: what a table needs to show the verdict; levels with six digits that count; `marks`: what a chart marks;
-- a value that is not finite is NULL, and its text in `odd_values`. `commits` are those of `page_commits`.
with

numbered as (

    select
        repository,
        report,
        commit_sha,
        row_number() over (order by min(recorded_order)) - 1 as commit_number
    from run_attempts
    group by repository, report, commit_sha

),

withdrawn as (

    select repository, report, workflow, kind, metric, withdrawn_commit_sha as commit_sha, true as is_withdrawn
    from regressions
    where withdrawn_commit_sha is not null
    group by all

),

units as (

    select repository, metric, any_value(unit) as unit
    from told_facts
    group by repository, metric

),

points as (

    select
        regressions.*,
        units.unit,
        numbered.commit_number,
        coalesce(
            change_beginnings.verdict,
            if(
                regressions.verdict = 'suspected' and not regressions.is_confirmation and withdrawn.is_withdrawn is null,
                'suspected',
                null
            )
        ) as mark,
        concat_ws(
            '|',
            regressions.verdict,
            coalesce(regressions.direction, ''),
            regressions.standing = 'worse',
            regressions.worse_since_commit_sha is not distinct from regressions.commit_sha,
            regressions.is_confirmation
        ) as look
    from regressions
    inner join numbered using (repository, report, commit_sha)
    left join units using (repository, metric)
    left join change_beginnings using (repository, report, workflow, kind, metric, commit_sha)
    left join withdrawn using (repository, report, workflow, kind, metric, commit_sha)

)

select
    repository,
    report,
    workflow,
    kind,
    metric,
    any_value(goal) as goal,
    any_value(unit) as unit,
    max(kind) over (partition by metric) as highlight_kind,
    list(commit_number order by commit_number) as commits,
    list(if(isfinite(value), value, null) order by commit_number) as values,
    list(line_id order by commit_number) as lines,
    list(look order by commit_number) as looks,
    list(significant(level_mean, 6) order by commit_number) as levels,
    list(significant(threshold, 3) order by commit_number) as thresholds,
    list({'at': commit_number, 'text': value::varchar} order by commit_number)
        filter (value is not null and not isfinite(value)) as odd_values,
    list({'at': commit_number, 'text': reason} order by commit_number)
        filter (verdict not in ('steady', 'too_few') or standing = 'worse') as reasons,
    list({'at': commit_number, 'sha': worse_since_commit_sha, 'level': significant(reference_level, 6)} order by commit_number)
        filter (standing = 'worse') as worse,
    list({'at': commit_number, 'text': mark} order by commit_number) filter (mark is not null) as marks
from points
group by repository, report, workflow, kind, metric
order by kind desc, metric, repository, report, workflow
