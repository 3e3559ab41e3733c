-- Makes the two roles of the database, or brings them up to date; see docs/database.md.
--
--   telemarketing_owner        owns every table; `manage.py migrate` connects as it, nothing else does
--   telemarketing_application  reads and writes rows; can neither change a table nor empty one
--
-- For psql, as a superuser, in the database of the application. The passwords come from the
-- environment, so that no command line has them:
--
--   DATABASE_OWNER_PASSWORD=… DATABASE_PASSWORD=… psql -X -d telemarketing -f deploy/roles.sql
--
-- Running it again does no harm. Tables that another role made change their owner.
\set ON_ERROR_STOP on
\getenv owner_password DATABASE_OWNER_PASSWORD
\getenv application_password DATABASE_PASSWORD

BEGIN;
SET LOCAL client_min_messages = warning;

SELECT format('CREATE ROLE %I', wanted)
FROM unnest(ARRAY['telemarketing_owner', 'telemarketing_application']) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) \gexec

ALTER ROLE telemarketing_owner
    LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'owner_password';
ALTER ROLE telemarketing_application
    LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'application_password';

-- the schema `public` belongs to whoever owns the database
SELECT format('ALTER DATABASE %I OWNER TO telemarketing_owner', current_database()) \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
-- temporary tables: an import compares its rows in one
SELECT format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO telemarketing_application', current_database()) \gexec
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO telemarketing_application;

-- what an earlier role made; a sequence follows its table, and what an extension made stays
SELECT format('ALTER TABLE %s OWNER TO telemarketing_owner', relation.oid::regclass)
FROM pg_class AS relation
WHERE relnamespace = 'public'::regnamespace
  AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
  AND relowner <> 'telemarketing_owner'::regrole
  AND NOT EXISTS (
      SELECT FROM pg_depend
      WHERE classid = 'pg_class'::regclass AND objid = relation.oid
        AND (deptype = 'e' OR relkind = 'S' AND deptype IN ('a', 'i'))
  ) \gexec
SELECT format('ALTER ROUTINE %s OWNER TO telemarketing_owner', routine.oid::regprocedure)
FROM pg_proc AS routine
WHERE pronamespace = 'public'::regnamespace
  AND proowner <> 'telemarketing_owner'::regrole
  AND NOT EXISTS (
      SELECT FROM pg_depend
      WHERE classid = 'pg_proc'::regclass AND objid = routine.oid AND deptype = 'e'
  ) \gexec

-- UPDATE of a sequence is setval: campaigns of a file have their own numbers
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO telemarketing_application;
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO telemarketing_application;
ALTER DEFAULT PRIVILEGES FOR ROLE telemarketing_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO telemarketing_application;
ALTER DEFAULT PRIVILEGES FOR ROLE telemarketing_owner IN SCHEMA public
    GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO telemarketing_application;
COMMIT;
