-- How a cell of the CSV becomes a typed value, and back.
-- Every read_* macro gives NULL for an empty cell and for one that it can't read; the loader tells the two
-- apart by looking at the cell. Every write_* macro gives the canonical text of a value.

create macro read_text(cell) as cell;

-- A year before 1 or after 9999 can't be written as it was read.
create macro in_four_digit_years(time) as
    case when time between timestamp '0001-01-01' and timestamp '9999-12-31 23:59:59.999999' then time end;

-- `try_cast(... as timestamp)` would drop an offset such as +02:00 in silence, so anything that is not in the
-- canonical form goes through `timestamptz`, which the loader's session reads as UTC where no offset is given.
create macro read_timestamp(cell) as case
    when cell like '____-__-__T__:__:__Z' then try_strptime(cell, '%Y-%m-%dT%H:%M:%SZ')
    else in_four_digit_years(timezone('UTC', try_cast(nullif(trim(cell), '') as timestamptz)))
end;

-- A cast alone would round 1.5 to 2. Pandas writes the whole numbers of a column with gaps as `1.0`.
create macro read_integer(cell) as case
    when regexp_full_match(trim(cell), '[+-]?\d{1,18}(\.0*)?')
        then try_cast(regexp_extract(trim(cell), '[+-]?\d+') as bigint)
end;

create macro read_boolean(cell) as case lower(trim(cell)) when 'true' then true when 'false' then false end;

-- What a cast alone would alter in silence is no number here: `1_000`, `1e400`, whole numbers beyond 2^53.
create macro read_number(cell) as case
    when regexp_full_match(trim(cell), '[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?') then case
        when isinf(try_cast(trim(cell) as double)) then null
        when regexp_full_match(trim(cell), '[+-]?\d+') and abs(try_cast(trim(cell) as double)) >= 9007199254740992 then null
        else try_cast(trim(cell) as double)
    end
    when regexp_full_match(trim(cell), '(?i)[+-]?(nan|inf|infinity)') then try_cast(trim(cell) as double)
end;

-- The cast parses the text and keeps it as it is.
create macro read_json_list(cell) as
    case when starts_with(ltrim(cell, E' \t\r\n'), '[') then try_cast(cell as json) end;

create macro read_json_object(cell) as
    case when starts_with(ltrim(cell, E' \t\r\n'), '{') then try_cast(cell as json) end;

-- A value as it was read; ends the query when there was something in the cell that could not be read.
create macro checked(cell, value) as coalesce(value, case when trim(cell) <> '' then error('unreadable cell') end);

create macro write_text(value) as value;

create macro write_timestamp(value) as case
    when microsecond(value) % 1000000 = 0 then strftime(value, '%Y-%m-%dT%H:%M:%SZ')
    else strftime(value, '%Y-%m-%dT%H:%M:%S.%fZ')
end;

create macro write_integer(value) as value::varchar;

create macro write_boolean(value) as value::varchar;

create macro write_number(value) as
    case when value = trunc(value) and abs(value) < 1e15 then value::bigint::varchar else value::varchar end;

create macro write_json_list(value) as value::varchar;

create macro write_json_object(value) as value::varchar;

-- What is wrong with a cell, in words; NULL when nothing is.
create macro complaint(column_name, cell, value, wanted) as case
    when value is null and trim(cell) <> ''
        then column_name || ': found ' || left(to_json(left(cell, 60))::varchar, 70) || ', wanted ' || wanted
end;

-- How much a word says of a run: of two reports, the one that trained goes before the one that had nothing to train.
create macro weight_of_training(word) as case word when 'none' then 1 when 'skipped' then 2 else 3 end;

create macro weight_of_workflow_status(word) as if(word = 'unknown', 1, 2);
