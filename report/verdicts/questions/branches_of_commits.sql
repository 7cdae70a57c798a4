-- The branch on which each commit was last recorded. Asks for: $commits.
select
    commit_sha,
    arg_max(branch, recorded_order) as branch
from run_attempts
where list_contains($commits::varchar[], commit_sha)
group by commit_sha
