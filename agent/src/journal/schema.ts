/** Schema of the journal, one entry per version; `PRAGMA user_version` counts how many have run. Entries are only ever added. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    part TEXT NOT NULL,             -- the id without its attempt
    attempt INTEGER NOT NULL,
    inputs_digest TEXT NOT NULL,
    body_digest TEXT NOT NULL,      -- over what was sent, so that one digest never stands for two bodies
    objective TEXT NOT NULL,        -- JSON: namespace, name, uid
    assignment TEXT,                -- JSON; dropped when the job ends
    state TEXT NOT NULL,
    reason TEXT,
    message TEXT,
    accepted_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    turns TEXT NOT NULL DEFAULT '[]',
    output TEXT                     -- JSON: the debate or task member of the status
  ) STRICT;
  CREATE INDEX jobs_by_part ON jobs (part, attempt);
  CREATE INDEX jobs_by_end ON jobs (finished_at);

  CREATE TABLE steps (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    try INTEGER NOT NULL,
    state TEXT NOT NULL,            -- Intent, Answered, Failed, Lost
    reserved_tokens INTEGER NOT NULL,
    reserved_micro_usd INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    calls INTEGER NOT NULL DEFAULT 0,
    micro_usd INTEGER,              -- NULL where no provider that was asked has prices
    answer TEXT,                    -- JSON
    PRIMARY KEY (job_id, key, try)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX steps_in_flight ON steps (state) WHERE state = 'Intent';

  CREATE TABLE commits (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    file TEXT NOT NULL,             -- as the job names it: its path inside the Objective
    artifact TEXT NOT NULL,         -- JSON: file, sha256, bytes
    PRIMARY KEY (job_id, file)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE cancelled_unseen (id TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE jobs ADD COLUMN held_at TEXT;  -- since when it is held; NULL: it is not
  CREATE TABLE held_unseen (id TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE steps ADD COLUMN question TEXT;  -- digest of what was asked of whom
  `,
  // Before, an answer only said that part of its tokens was estimated: all of them may have been. Whoever answered is taken to have been paid.
  `
  ALTER TABLE steps ADD COLUMN estimated_tokens INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE steps ADD COLUMN taken_by TEXT;  -- JSON: what of micro_usd each provider took; NULL where none has prices
  UPDATE steps
     SET estimated_tokens = input_tokens + output_tokens,
         answer = json_set(json_remove(answer, '$.spent.estimated'), '$.spent.estimatedTokens', input_tokens + output_tokens)
   WHERE json_extract(answer, '$.spent.estimated') = 1;
  UPDATE steps
     SET taken_by = json_array(json_object('provider', json_extract(answer, '$.provider'), 'costUSD', json_extract(answer, '$.spent.costUSD')))
   WHERE json_extract(answer, '$.spent.costUSD') IS NOT NULL;
  `,
];
