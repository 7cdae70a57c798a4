-- The repository that the views file a commit under: $commit_sha.
select repository
from run_attempts
where commit_sha = $commit_sha
order by recorded_order desc
limit 1
