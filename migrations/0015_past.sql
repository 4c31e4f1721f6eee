-- The past of read models is in their own tables (README.md beside this file). Here is what a moment means to them.

-- The last position of a partition that was committed by a time. Times never go back within a partition, so it is found
-- by halving.
create function log.position_at(p_partition smallint, p_time timestamptz) returns bigint
language plpgsql stable security definer set search_path = log as $$
declare
    v_low bigint := 0;
    v_high bigint := coalesce((select h.position from heads h where h.partition = p_partition), 0);
    v_middle bigint;
begin
    if p_time >= (select h.recorded_at from heads h where h.partition = p_partition) then
        return v_high;
    end if;
    -- What is at v_low had been committed (nothing is at 0), what follows v_high had not.
    while v_low < v_high loop
        v_middle := (v_low + v_high + 1) / 2;
        if (select e.recorded_at <= p_time from events e where e.partition = p_partition and e.position = v_middle) then
            v_low := v_middle;
        else
            v_high := v_middle - 1;
        end if;
    end loop;
    return v_low;
end
$$;

revoke all on function log.position_at(smallint, timestamptz) from public;
grant execute on function log.position_at(smallint, timestamptz) to docket_reader;
