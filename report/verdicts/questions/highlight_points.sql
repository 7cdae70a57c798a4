-- The points that the chart and the table show, oldest first. Asks for: $repository.
select *
from highlight_trend
where repository = $repository
order by position
