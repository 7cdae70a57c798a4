-- The nearest ancestor of HEAD that the history has a row of; no row where there is none. Asks for nothing.
select commit_sha
from ancestry
where distance > 0 and commit_sha in (select commit_sha from commits)
order by distance
limit 1
