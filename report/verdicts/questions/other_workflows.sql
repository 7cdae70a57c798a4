-- How other workflows ended at a commit, as far as they reported, each in its newest run.
-- Asks for: $repository, $commit_sha, $workflow.
select
    workflow,
    arg_max(workflow_status, recorded_order) as workflow_status
from run_attempts
where
    repository = $repository
    and commit_sha = $commit_sha
    and nullif(workflow, '') is not null
    and workflow <> $workflow
group by workflow
order by workflow
