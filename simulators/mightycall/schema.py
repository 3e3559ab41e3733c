"""MightyCall's tables in SQLite; memory holds only timers and waiting requests."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY,
    extension TEXT NOT NULL,
    external_id TEXT NOT NULL,
    campaign_ids TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS one_live_session_per_agent
    ON sessions (extension) WHERE state <> 'Closed';

CREATE TABLE IF NOT EXISTS agents (
    extension TEXT PRIMARY KEY,
    status TEXT NOT NULL DEFAULT 'Available',
    call_id TEXT,
    wrap_up_until TEXT,
    idle_since TEXT
);

CREATE TABLE IF NOT EXISTS tasks (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    external_id TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    phone TEXT NOT NULL,
    extension TEXT,
    priority INTEGER NOT NULL,
    expires_at TEXT,
    ring_timeout_sec REAL NOT NULL,
    custom_data TEXT NOT NULL,
    fate TEXT NOT NULL,
    state TEXT NOT NULL,
    added_at TEXT NOT NULL,
    ended_at TEXT,
    call_id TEXT,
    disposition TEXT
);
CREATE INDEX IF NOT EXISTS tasks_by_external_id ON tasks (external_id, seq);
CREATE INDEX IF NOT EXISTS queue_of_campaign ON tasks (campaign_id, priority DESC, seq)
    WHERE state = 'Queued' AND extension IS NULL;
CREATE INDEX IF NOT EXISTS queue_of_all ON tasks (priority DESC, seq)
    WHERE state = 'Queued' AND extension IS NULL;
CREATE INDEX IF NOT EXISTS queue_of_agent ON tasks (extension, priority DESC, seq)
    WHERE state = 'Queued' AND extension IS NOT NULL;
CREATE INDEX IF NOT EXISTS queue_over_dialled ON tasks (seq)
    WHERE state = 'Queued' AND fate = 'abandoned';
CREATE INDEX IF NOT EXISTS queue_expiring ON tasks (expires_at)
    WHERE state = 'Queued' AND expires_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS calls (
    id TEXT PRIMARY KEY,
    task_id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    custom_data TEXT NOT NULL,
    phone TEXT NOT NULL,
    extension TEXT,
    fate TEXT NOT NULL,
    state TEXT NOT NULL,
    dialled_at TEXT NOT NULL,
    ringing_at TEXT,
    started_at TEXT,
    ended_at TEXT,
    disposition TEXT,
    hangup_by TEXT
);
CREATE INDEX IF NOT EXISTS calls_in_progress ON calls (state) WHERE state <> 'Ended';
CREATE INDEX IF NOT EXISTS calls_by_time ON calls (dialled_at);

CREATE TABLE IF NOT EXISTS log (
    stream TEXT NOT NULL, -- the feed; under its first name, so that older files go on being read
    seq INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (stream, seq)
) WITHOUT ROWID;
"""
