-- Run once, when a data folder is made. Migrations run as this role: they may create the roles that readers and
-- projectors use, and tests may create databases, but row-level security holds for it as for anybody.
CREATE ROLE docket LOGIN CREATEDB CREATEROLE NOSUPERUSER PASSWORD '{password}';

CREATE DATABASE docket OWNER docket;

