-- The read model of sprints. What their tasks come to is in the tasks' counts.

create function read.create_sprints() returns void
language plpgsql as $$
begin
    perform read.create_checkpoint('sprints');
    create table sprints (
        workspace   uuid not null,
        id          uuid not null,
        since       bigint not null,
        until       bigint not null,
        number      bigint not null,
        version     bigint not null,
        project_id  uuid not null,
        -- the place in a sprint's life: planned, active, closed
        status      smallint not null,
        deleted     boolean not null,
        -- in lower case
        name        text not null,
        words       tsvector not null,
        doc         text not null
    );
    create table past_sprints (like sprints);
    perform read.admit('sprints', 'past_sprints');
end
$$;

create function read.index_sprints() returns void
language plpgsql as $$
begin
    alter table sprints add primary key (workspace, id);
    create unique index sprints_by_number on sprints (workspace, number);
    create index sprints_by_project on sprints (workspace, project_id, number) where not deleted;
    perform read.index_past('sprints');
    perform read.wall_off('sprints', 'past_sprints');
end
$$;

-- The live one.
do $$
begin
    create schema read_sprints;
    perform set_config('search_path', 'read_sprints', true);
    perform read.create_sprints();
    perform read.index_sprints();
    perform set_config('search_path', 'public', true);
end
$$;
