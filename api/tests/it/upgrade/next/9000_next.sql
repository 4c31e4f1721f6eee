-- What the version after this one might bring, for the test of an upgrade; never released. It has a change of each kind that
-- migrations/README.md allows while processes of this version go on, and touches all that they may trip over.

-- Appends wait behind whoever waits for a table: rather fail, and be run again.
set local lock_timeout = '10s';

-- Events have something more, and what answers with events is made again in the same moment. A release would write these
-- functions out.
alter table log.events add column source text not null default '';
do $$
declare
    definition text;
begin
    for definition in select pg_get_functiondef(oid) from pg_proc where prorettype = 'log.events'::regtype loop
        execute regexp_replace(definition, '(\w+)\.personal', '\1.personal, \1.source', 'g');
    end loop;
end
$$;

-- Every table of every read model has a column more, from the next rebuild on.
create function read.widen() returns void
language plpgsql as $$
declare
    name text;
begin
    for name in select tablename from pg_tables where schemaname = current_schema() loop
        execute format('alter table %I add column remark text not null default ''''', name);
    end loop;
end
$$;

do $$
declare
    name text;
begin
    for name in
        select proname from pg_proc
        where pronamespace = 'read'::regnamespace and proname ~ '^create_' and pronargs = 0
    loop
        execute format('alter function read.%I() rename to %I', name, name || '_before');
        execute format('create function read.%I() returns void language sql as ''select read.%I(); select read.widen()''',
                       name, name || '_before');
    end loop;
end
$$;

-- A read model more.
create function read.create_milestones() returns void
language plpgsql as $$
begin
    perform read.create_checkpoint('milestones');
    create table milestones (
        workspace  uuid not null,
        id         uuid not null,
        due_date   date not null,
        doc        text not null
    );
    perform read.admit('milestones');
end
$$;

create function read.index_milestones() returns void
language plpgsql as $$
begin
    alter table milestones add primary key (workspace, id);
    create index milestones_by_due on milestones (workspace, due_date);
    perform read.wall_off('milestones');
end
$$;

create schema read_milestones;
set local search_path = read_milestones;
select read.create_milestones();
select read.index_milestones();
set local search_path = public;
