-- The default branch of each repository and its newest commit. Without one called main or master, or the one of the
-- setting, the branch with the most runs that are of no pull request.
with

branches as (

    select
        repository,
        branch,
        count(*) as count_runs,
        arg_max(commit_sha, recorded_order) as commit_sha
    from run_attempts
    where nullif(pull_request, '') is null
    group by repository, branch

)

select
    repository,
    arg_max(branch, (branch = default_branch, branch = 'main', branch = 'master', count_runs)) as branch,
    arg_max(commit_sha, (branch = default_branch, branch = 'main', branch = 'master', count_runs)) as commit_sha
from branches
cross join settings
group by repository
order by repository
