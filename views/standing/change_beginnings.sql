-- Changes where they began, whichever commit made sure of them.
-- grain: one row per measurement at which a change began
-- units: verdict is that of the commit that made sure of it: this one, or a later one
select
    repository,
    report,
    workflow,
    kind,
    metric,
    if(is_confirmation, since_commit_sha, commit_sha) as commit_sha,
    arg_max(verdict, place) as verdict
from regressions
where
    (is_confirmation and verdict <> 'steady')
    or (
        verdict in ('regressed', 'improved', 'recovered')
        -- What is out of its bounds may be so for long.
        and (method <> 'bound' or worse_since_commit_sha = commit_sha)
    )
group by repository, report, workflow, kind, metric, if(is_confirmation, since_commit_sha, commit_sha)
