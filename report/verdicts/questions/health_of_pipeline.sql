-- How the workflow does on a branch. Asks for: $repository, $branch, $workflow.
select *
from pipeline_health
where repository = $repository and branch = $branch and workflow = $workflow
