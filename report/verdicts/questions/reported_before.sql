-- The nearest ancestor of HEAD that the history has a row of, along first parents where there is one; no row without.
-- Asks for nothing.
select commit_sha
from ancestry
where distance > 0 and commit_sha in (select commit_sha from commits)
order by is_first_parent desc, distance
limit 1
