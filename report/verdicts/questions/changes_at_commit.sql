-- What a commit's row tells about its changes, that of its training before others. Asks for: $repository, $commit_sha.
select
    run_attempts.cause,
    commits.changed_inputs::varchar[] as changed_inputs,
    run_attempts.commit_message,
    run_attempts.author,
    run_attempts.branch,
    run_attempts.recorded_at
from run_attempts
inner join commits
    on
        commits.commit_sha = run_attempts.commit_sha
        and commits.workflow_run_id is not distinct from run_attempts.workflow_run_id
        and commits.run_attempt is not distinct from run_attempts.run_attempt
        and coalesce(commits.report, '') = run_attempts.report
cross join settings
where
    run_attempts.repository = $repository
    and run_attempts.report = coalesce(reported_report, run_attempts.report)
    and run_attempts.commit_sha = $commit_sha
order by run_attempts.training is not distinct from 'trained' desc, run_attempts.recorded_order desc
limit 1
