-- Proof: per workspace a Merkle tree over its events, and the signed checkpoint of it. Unlike a read model this is never
-- made anew from the log: what was witnessed once stays, so that a log that was changed since can be told from it.
-- See README.md beside this file.

create schema audit;

-- How far each partition is witnessed.
create table audit.witnessed (
    partition  smallint primary key,
    position   bigint not null
) with (fillfactor = 10);

-- A workspace's tree: its size, the complete subtrees it consists of, and what was signed.
create table audit.trees (
    workspace   uuid primary key,
    partition   smallint not null,
    size        bigint not null,
    peaks       bytea not null,
    -- the signed note; empty while there is no key to sign with
    checkpoint  text not null,
    -- the public keys it is signed with, one a line
    keys        text not null
) with (fillfactor = 50);
create index trees_by_partition on audit.trees (partition);

-- The hashes of complete subtrees of 256^level leaves, 256 to a row, in order.
create table audit.tiles (
    workspace  uuid not null,
    level      smallint not null,
    tile       bigint not null,
    -- on level 0: the position of its first event
    first      bigint not null,
    -- 32 bytes each
    hashes     bytea not null,
    -- on level 0: the positions of its events, 8 bytes each
    places     bytea not null,
    primary key (workspace, level, tile)
);
alter table audit.tiles alter hashes set storage external, alter places set storage external;
create unique index tiles_by_position on audit.tiles (workspace, first) where level = 0;

-- Goes on from one position of a partition to another: trees as they are then (t_*), and what is added to tiles (x_*).
-- False, and nothing is changed, if the partition is not witnessed up to p_from, which another one may have gone on from.
create function audit.extend(
    p_partition smallint, p_from bigint, p_to bigint,
    t_workspace uuid[], t_size bigint[], t_peaks bytea[], t_checkpoint text[], t_keys text[],
    x_workspace uuid[], x_level smallint[], x_tile bigint[], x_first bigint[], x_hashes bytea[], x_places bytea[]
) returns boolean
language plpgsql as $$
begin
    insert into audit.witnessed (partition, position) values (p_partition, 0) on conflict do nothing;
    update audit.witnessed set position = p_to where partition = p_partition and position = p_from;
    if not found then
        return false;
    end if;
    insert into audit.trees as t (workspace, partition, size, peaks, checkpoint, keys)
    select unnest(t_workspace), p_partition, unnest(t_size), unnest(t_peaks), unnest(t_checkpoint), unnest(t_keys)
    on conflict (workspace) do update
    set size = excluded.size, peaks = excluded.peaks, checkpoint = excluded.checkpoint, keys = excluded.keys;
    insert into audit.tiles as x (workspace, level, tile, first, hashes, places)
    select unnest(x_workspace), unnest(x_level), unnest(x_tile), unnest(x_first), unnest(x_hashes), unnest(x_places)
    on conflict (workspace, level, tile) do update
    set hashes = x.hashes || excluded.hashes, places = x.places || excluded.places;
    return true;
end
$$;

grant usage on schema audit to docket_reader, docket_projector;
grant select on audit.witnessed, audit.trees, audit.tiles to docket_reader;
grant select, insert, update on audit.witnessed, audit.trees, audit.tiles to docket_projector;

set local search_path = audit, read;
select read.wall_off('trees', 'tiles');
set local search_path = public;

-- The stored event at a position, for a reviewer of its workspace: readers see nothing else of the log's events.
create function audit.event(p_partition smallint, p_position bigint) returns setof log.events
language sql stable security definer rows 1
begin atomic
    select * from log.events e
    where e.partition = p_partition and e.position = p_position and e.workspace = log.tenant();
end;
revoke all on function audit.event(smallint, bigint) from public;
grant execute on function audit.event(smallint, bigint) to docket_reader;
