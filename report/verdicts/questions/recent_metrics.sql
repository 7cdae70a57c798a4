-- What the newest run attempts measured. Asks for: $at_most.
select distinct metric
from reported_numbers
where recorded_order > (select max(recorded_order) from run_attempts) - $at_most
