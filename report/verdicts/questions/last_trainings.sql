-- The commits of the last trainings, the newest first. Asks for: $repository, $at_most.
select commit_sha
from run_attempts
cross join settings
where repository = $repository and report = coalesce(reported_report, report) and training = 'trained'
order by recorded_order desc
limit $at_most
