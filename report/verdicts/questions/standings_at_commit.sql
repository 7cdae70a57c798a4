-- Where a commit leaves every metric, measured there or before, and what the rules make of it; the highlight metric
-- first. Of a pull request counts what began, or became worse still, at commits of its own: not reported on its base.
-- `state` is what a headline says first; a verdict in it is of this commit, a standing of any before.
-- Asks for: $repository, $commit_sha, $branch, $base_branch, $is_pull_request.
with

stood as (

    select
        commit_standings.*,
        verdicts.count_base,
        verdicts.count_earlier,
        verdicts.level as judged_level,
        verdicts.finding as judged_finding,
        -- Of a measurement before, nothing has settled it since.
        not is_measured
        and standing <> 'worse'
        and verdicts.finding in ('suspected', 'early')
        and verdicts.direction is not distinct from 'worse' as is_suspicion_open
    from commit_standings
    left join verdicts using (line_id, place)
    where
        commit_standings.repository = $repository
        and commit_standings.commit_sha = $commit_sha
        and (line = 'ancestry' or line_branch = $branch)
    qualify row_number() over (partition by kind, metric order by line) = 1

),

steps as (

    select
        stepped.kind,
        stepped.metric,
        points.place,
        points.commit_sha,
        not $is_pull_request or not exists (
            select 1
            from run_attempts
            where
                run_attempts.repository = points.repository
                and run_attempts.commit_sha = points.commit_sha
                and run_attempts.branch = $base_branch
                -- A fork may call its branch as the base is called.
                and nullif(run_attempts.pull_request, '') is null
        ) as is_own
    from (
        select kind, metric, line_id, unnest(step_places) as place
        from stood
        where standing = 'worse'
        union all
        select kind, metric, line_id, place
        from stood
        where is_suspicion_open
    ) as stepped
    inner join metric_points as points using (line_id, place)

),

stepped as (

    select
        kind,
        metric,
        list(commit_sha order by place) as step_commits,
        arg_min(commit_sha, place) filter (is_own) as own_since_commit_sha
    from steps
    group by kind, metric

),

ruled as (

    select
        stood.*,
        stepped.step_commits,
        stepped.own_since_commit_sha,
        regressions.verdict,
        regressions.direction,
        if(is_suspicion_open and judged_finding = 'early', 'early', regressions.method) as method,
        regressions.reason,
        regressions.threshold,
        if(is_suspicion_open, judged_level, regressions.level_mean) as level_mean,
        regressions.drift_per_commit,
        regressions.is_confirmation,
        regressions.since_commit_sha,
        regressions.withdrawn_commit_sha,
        settings.minimum_points,
        coalesce(regressions.verdict = 'suspected' and regressions.direction is distinct from 'better', false)
        as is_suspected_worse,
        -- What is open is told of the one that it is about: of a pull request, by its own commits.
        (stood.standing = 'worse' or is_suspicion_open) and stepped.own_since_commit_sha is null as is_of_base,
        case
            -- What cannot get better any more fails nobody, and is not forgotten either.
            when unmeasured_since_commit_sha is not null then if(metric_rules.on_regression <> 'report', 'warn', 'report')
            when stood.standing = 'worse' and stepped.own_since_commit_sha is not null
                then coalesce(metric_rules.on_regression, 'report')
        end as on_regression,
        if(is_suspected_worse, coalesce(metric_rules.on_suspected, 'report'), null) as on_suspected,
        stood.metric is not distinct from settings.highlight_metric
        and stood.kind = max(stood.kind) over (partition by stood.metric) as is_highlight
    from stood
    cross join settings
    left join metric_rules on metric_rules.metric = stood.metric
    left join stepped on stepped.kind = stood.kind and stepped.metric = stood.metric
    left join regressions
        on
            stood.is_measured
            and regressions.line_id = stood.line_id
            and regressions.place = stood.place

)

select
    *,
    if(isfinite(level), level - reference_level, null) as change,
    percent_of(change, reference_level) as change_percent,
    'fail' in (on_regression, on_suspected) as is_failing,
    case
        when unmeasured_since_commit_sha is not null then 'no longer measured'
        when is_suspicion_open then 'probably worse since'
        when is_of_base then 'already worse'
        when standing = 'worse' and verdict = 'improved' then 'partly back'
        when standing = 'worse' and own_since_commit_sha = commit_sha then 'worse'
        when standing = 'worse' then 'worse since'
        when not is_measured then 'not measured'
        when verdict = 'suspected' and is_confirmation then 'changed'
        when verdict = 'suspected' and direction is null then 'perhaps changed'
        when verdict = 'suspected' and method = 'drift' then if(direction = 'worse', 'getting worse', 'getting better')
        when verdict = 'suspected' then if(direction = 'worse', 'probably worse', 'probably better')
        when verdict = 'improved' then 'better'
        when verdict = 'recovered' then 'recovered'
        when verdict = 'too_few' then if(count_earlier < minimum_points, 'first', 'new level')
        when method = 'accepted' then 'accepted'
        else 'as usual'
    end as state
from ruled
order by is_highlight desc, kind desc, metric
