-- When members and keys were last seen: written by the nodes that see them, some seconds later and many at once. Not a
-- read model: the log knows nothing of it, and what is lost here is only seen later.

create table read.seen (
    workspace  uuid not null,
    -- a member, or a key
    id         uuid not null,
    at         timestamptz not null,
    primary key (workspace, id)
) with (fillfactor = 50);

set local search_path = read;
select read.admit('seen');
select read.wall_off('seen');
set local search_path = public;
