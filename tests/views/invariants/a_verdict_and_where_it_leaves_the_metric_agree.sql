-- What regressed leaves its metric worse, what recovered leaves it good, and what is worse is so since a commit.
select *
from regressions
where
    (verdict = 'regressed' and standing <> 'worse')
    or (verdict = 'recovered' and standing <> 'good')
    or (goal is null and standing <> 'unknown')
    or (standing = 'worse') <> (worse_since_commit_sha is not null)
