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

-- Makes a member's past that of somebody of whom nothing is known, as the log has it since they were erased. Members stay
-- in their order: the document is what a fold of the log makes of it.
create function read.forget_member(p_workspace uuid, p_id uuid, p_name text, p_words tsvector) returns void
language plpgsql as $$
declare
    old name;
begin
    -- Tables that a rebuild has left are not kept up: whoever was erased is taken out.
    for old in select n.nspname from pg_namespace n where n.nspname ~ '^read_members_old_[0-9]+$' loop
        execute format('delete from %I.members where workspace = $1 and id = $2', old) using p_workspace, p_id;
        execute format('delete from %I.past_members where workspace = $1 and id = $2', old) using p_workspace, p_id;
    end loop;
    update past_members m set name = lower(p_name), words = p_words, doc = (
        select '{' || string_agg(
            to_json(e.key)::text || ':'
                || case e.key when 'name' then to_json(p_name)::text when 'email' then 'null' else e.value::text end,
            ',' order by e.place) || '}'
        from json_each(m.doc::json) with ordinality e(key, value, place)
    )
    where m.workspace = p_workspace and m.id = p_id;
end
$$;

revoke all on function read.forget_member(uuid, uuid, text, tsvector) from public;
grant execute on function read.forget_member(uuid, uuid, text, tsvector) to docket_projector;
