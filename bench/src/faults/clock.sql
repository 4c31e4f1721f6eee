-- Another clock: from now on the functions of this database that look at the clock see one that is off by other.step.
create schema other;
create table other.step (seconds bigint not null);
insert into other.step values (0);
grant usage on schema other to public;
grant select on other.step to public;
create function other.clock_timestamp() returns timestamptz language sql volatile as
    'select pg_catalog.clock_timestamp() + make_interval(secs => (select seconds from other.step))';
do $$ declare f regprocedure; begin
    for f in select oid from pg_proc where pronamespace in ('log'::regnamespace, 'quota'::regnamespace)
        and prosrc like '%clock_timestamp()%'
    loop
        execute format('alter function %s set search_path = other, pg_catalog', f);
    end loop;
end $$;
