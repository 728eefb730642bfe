"""Liars at the door: every line of `attacks.jsonl` is a test here, on SQLite and on PostgreSQL.

- `attacks.jsonl` is the given list, `own.jsonl` ours, in the same form; `lines.py` reads both.
- A folder a surface (`lines.FOLDERS`), a module a subject. A test says which line it is: `@attack("A016")`, which also
  gives it both engines. A line with several inputs is one parametrised test, or a few tests of its id.
- The fixture `world` (`world.py`) is the application as `app.py` builds it, as fedi.test, with alice, bob (who approves
  his followers) and the association; carol lives at good.test, mallory at evil.test. Resolver, connector, clock and
  deadlines are ours. What waits is done by `world.work()`, and only then.
- "NC", no state change: `async with world.unchanged(): ...` compares all tables before and after, everything that
  waits being done in between. `kept=True` when the activity is taken (202) and has no effect.
- Outbound requests: `world.outbound` ("GET https://good.test/users/carol"), what was dialled `world.dialled` (every
  address a connection was tried to), what was looked up `world.looked_up`; `world.forget_requests()` begins anew.
- One status, never a set of them: where a line leaves a choice, the test says which one is ours.
- Times: `costs.py` compares CPU with that of a harmless input of the same size, and prints both.
- `later.toml` lists the lines that wait for a room not yet built. `test_lines.py` fails when a line has neither test
  nor entry, when a test stands in another surface's folder, or when the room exists and the entry stayed.
"""
