-- What the teller keeps (commands/src/teller): how far everybody is told what has happened, and what is due when.

-- How far each partition is told.
create table log.tellers (
    partition  smallint primary key,
    position   bigint not null
) with (fillfactor = 10);

-- Nobody is told what happened before there was anybody to tell it.
insert into log.tellers (partition, position) select partition, position from log.heads;

create or replace function log.initialise(p_partitions smallint, p_secret bytea) returns smallint
language plpgsql as $$
begin
    insert into log.settings (partitions, secret) values (p_partitions, p_secret) on conflict do nothing;
    insert into log.heads (partition) select generate_series(0, partitions - 1) from log.settings on conflict do nothing;
    insert into log.relays (partition) select generate_series(0, partitions - 1) from log.settings on conflict do nothing;
    insert into log.tellers (partition, position) select partition, 0 from log.heads on conflict do nothing;
    return (select partitions from log.settings);
end
$$;

-- Who has which open tasks that are due some day, or in a sprint.
create table log.agenda (
    partition  smallint not null,
    task       uuid not null,
    member     uuid not null,
    workspace  uuid not null,
    due_date   date,
    sprint     uuid,
    -- how much was said of this day: 0 nothing, 1 that it comes, 2 that it is over
    told       smallint not null,
    -- the reminder that is about to be sent, with all that a member is told at a time; and how much is said after it
    reminding  uuid,
    will_tell  smallint,
    primary key (partition, task, member)
);
create index agenda_by_due on log.agenda (partition, due_date, task, member) where told < 2;
create index agenda_by_reminder on log.agenda (partition, reminding) where reminding is not null;
create index agenda_by_sprint on log.agenda (partition, sprint) where sprint is not null;

-- Who has said something about a task, and at which position first: they are told what others say about it later.
create table log.talkers (
    partition  smallint not null,
    task       uuid not null,
    member     uuid not null,
    workspace  uuid not null,
    since      bigint not null,
    primary key (partition, task, member)
);

-- Goes on from one position of a partition to another; p_tasks have changed, a_* is who has them now. False, and nothing
-- is changed, if the partition is not told up to p_from, which another one may have gone on from.
create function log.tell(
    p_partition smallint, p_from bigint, p_to bigint, p_tasks uuid[],
    a_task uuid[], a_member uuid[], a_workspace uuid[], a_due date[], a_sprint uuid[], a_told smallint[]
) returns boolean
language plpgsql as $$
begin
    update log.tellers set position = p_to where partition = p_partition and position = p_from;
    if not found then
        return false;
    end if;
    delete from log.agenda g
    where g.partition = p_partition and g.task = any (p_tasks) and not exists (
        select from unnest(a_task, a_member) n(task, member) where n.task = g.task and n.member = g.member);
    insert into log.agenda as g (partition, task, member, workspace, due_date, sprint, told)
    select p_partition, n.* from unnest(a_task, a_member, a_workspace, a_due, a_sprint, a_told) n
    on conflict (partition, task, member) do update
    set due_date = excluded.due_date, sprint = excluded.sprint,
        told = case when g.due_date is not distinct from excluded.due_date then g.told else excluded.told end,
        reminding = case when g.due_date is not distinct from excluded.due_date then g.reminding end;
    return true;
end
$$;
