-- The commits of the history that abbreviated hashes stand for. Asks for: $prefixes.
select distinct prefix, commit_sha
from commits
inner join (select unnest($prefixes::varchar[]) as prefix) as given on starts_with(commits.commit_sha, given.prefix)
order by prefix, commit_sha
