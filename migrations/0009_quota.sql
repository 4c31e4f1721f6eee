-- How much callers have used of their limits, for all nodes together. Not logged: what a crash forgets is only given
-- again. See README.md beside this file.

create schema quota;

-- How many requests were let through in a slot of time, and when they count no longer, in milliseconds since 1970.
create unlogged table quota.used (
    -- who is counted, and by which policy
    subject  uuid not null,
    slot     bigint not null,
    n        integer not null,
    ends     bigint not null,
    primary key (subject, slot)
) with (fillfactor = 50);

-- The nodes there are, as far as is known.
create unlogged table quota.nodes (
    node   uuid primary key,
    until  timestamptz not null
) with (fillfactor = 50);

-- Says that a node is there. Tells how many there are, and what time it is, in milliseconds since 1970.
create function quota.attend(who uuid, out nodes bigint, out now_ms bigint)
language plpgsql as $$
begin
    insert into quota.nodes (node, until) values (who, clock_timestamp() + interval '10 seconds')
    on conflict (node) do update set until = excluded.until;
    -- Later than any can be is what was said before the clock was set back.
    select count(*) into nodes from quota.nodes n
    where n.until > clock_timestamp() and n.until <= clock_timestamp() + interval '10 seconds';
    now_ms := (extract(epoch from clock_timestamp()) * 1000)::bigint;
end
$$;

-- Notes what was let through; always in one order, so that nodes do not wait for each other in a circle.
create function quota.note(subjects uuid[], slots bigint[], ns integer[], ends bigint[]) returns void
language sql as $$
    insert into quota.used as u (subject, slot, n, ends)
    select s.subject, s.slot, sum(s.n), max(s.ends)
    from unnest(subjects, slots, ns, ends) as s(subject, slot, n, ends)
    group by s.subject, s.slot order by s.subject, s.slot
    on conflict (subject, slot) do update set n = u.n + excluded.n, ends = greatest(u.ends, excluded.ends)
$$;

-- Notes what a node has let through of one subject, and then lets one more through if fewer than `cap` count. Tells
-- whether it did, and all that counts now.
create function quota.take(
    whose uuid, sent_slots bigint[], sent_ns integer[], sent_ends bigint[],
    this_slot bigint, this_end bigint, cap bigint, at_ms bigint,
    out granted boolean, out slots bigint[], out ns integer[], out ends bigint[]
)
language plpgsql as $$
begin
    -- One after the other, or two would take the last one.
    perform pg_advisory_xact_lock(hashtextextended(whose::text, 0));
    perform quota.note(array_fill(whose, array[cardinality(sent_slots)]), sent_slots, sent_ns, sent_ends);
    granted := coalesce((select sum(u.n) from quota.used u where u.subject = whose and u.ends > at_ms), 0) < cap;
    if granted then
        perform quota.note(array[whose], array[this_slot], array[1], array[this_end]);
    end if;
    select coalesce(array_agg(u.slot), '{}'), coalesce(array_agg(u.n), '{}'), coalesce(array_agg(u.ends), '{}')
    into slots, ns, ends
    from quota.used u where u.subject = whose and u.ends > at_ms;
end
$$;
