-- What the history knows of each commit's training, from runs whose word counts on this branch: its own and the default
-- branch's, and of its own report. What a pull request trained is trained again on the branch that it goes into, where
-- its model may be promoted.
-- Asks for: $repository, $branch.
select
    commits.commit_sha,
    bool_or(commits.training = 'trained') as is_trained,
    -- It had a cause, and no training that ended well.
    bool_or(commits.training = 'failed' or (commits.training <> 'trained' and commits.cause is not null)) as is_left
from commits
cross join settings
where
    commits.commit_sha is not null
    and commits.training is not null
    and coalesce(nullif(commits.repository, ''), $repository) = $repository
    and coalesce(commits.report, '') = coalesce(reported_report, commits.report, '')
    and coalesce(commits.branch, '') in ($branch, settings.default_branch)
    and (commits.pull_request is null or coalesce(commits.branch, '') <> settings.default_branch)
group by commits.commit_sha
