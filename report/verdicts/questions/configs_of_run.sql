-- By which configs a run attempt has been reported, '' for the default one.
-- Asks for: $repository, $report, $commit_sha, $workflow_run_id, $run_attempt.
select distinct coalesce(environment ->> '$.config', '') as config
from commits
where
    coalesce(repository, '') = $repository
    and coalesce(report, '') = $report
    and commit_sha = $commit_sha
    and workflow_run_id = $workflow_run_id
    and coalesce(run_attempt, 0) = $run_attempt
    and environment is not null
