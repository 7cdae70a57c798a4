-- The units of the repository's metrics, where the data told them. Asks for: $repository.
select
    metric,
    unit
from told_facts
where repository = $repository and unit is not null
