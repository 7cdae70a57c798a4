-- The metrics that a commit has a number of; no level can begin at others. Asks for: $commit_sha.
select distinct metric
from measurements
where commit_sha = $commit_sha and isfinite(value)
order by metric
