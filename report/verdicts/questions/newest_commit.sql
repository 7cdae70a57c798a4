-- The commit that was recorded last, one with metrics before one without.
select repository, commit_sha
from run_attempts
where nullif(commit_sha, '') is not null
order by metrics is null and ci_metrics is null, recorded_order desc
limit 1
