// A second foreign neighbour: activitypub.bot, a server of its own with its own parser (JSON-LD, activitystrea.ms), its
// own signatures (RFC 9421 first, draft-cavage after a refusal), its own queues, in PostgreSQL.
//
// One bot lives there, which does what it is told on standard input (one JSON object a line) and says what reached it,
// as JSON lines. Only what the server has verified and understood reaches a bot. Its own log is on the same output.
//
// node bot.mjs --origin https://atelier.test --port 4000 --database postgres://... [--hosts FILE]
import "./four.mjs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { Bot, makeApp } from "@evanp/activitypub-bot";
import { SignaturePolicyStorage } from "@evanp/activitypub-bot/lib/signaturepolicystorage.js";
import { know } from "../hosts.mjs";

const { values: options } = parseArgs({
  options: { origin: { type: "string" }, port: { type: "string" }, hosts: { type: "string" }, database: { type: "string" }, name: { type: "string" } },
});
const PUBLIC = "https://www.w3.org/ns/activitystreams#Public";

if (options.hosts) know(options.hosts);

const say = (event, more = {}) => process.stdout.write(JSON.stringify({ event, ...more }) + "\n");
const ids = (values) => Array.from(values ?? [], (value) => value.id);
const kind = (object) => [object.type].flat()[0]?.split("#").at(-1) ?? null;

const text = (value) => value?.get?.() ?? value ?? null; // by language, or in none

// What a bot can know of an object: only what the library understood.
const shown = (object) => ({
  id: object.id,
  kind: kind(object),
  content: text(object.content),
  name: text(object.name),
  author: object.attributedTo?.first?.id ?? null,
  answers: object.inReplyTo?.first?.id ?? null,
  to: ids(object.to),
  cc: ids(object.cc),
});

class Atelier extends Bot {
  async handleActivity(activity) {
    const object = activity.object?.first;
    say("received", {
      type: kind(activity), id: activity.id, actor: activity.actor?.first?.id,
      object: object?.type ? shown(object) : object?.id,
    });
    return false; // the server does with it what it does with every activity
  }
}

const bot = new Atelier(options.name, { fullname: "Atelier", description: "Je répare ce que prêtent les associations." });
const app = await makeApp({
  databaseUrl: options.database,
  origin: options.origin,
  bots: { [options.name]: bot },
  logLevel: "debug",
  allowPrivateNetworkRequests: true, // the test's names are on loopback
  trustProxy: "loopback",
});

const found = async (at) => {
  const id = at.startsWith("@") ? await bot._context.toActorId(at.slice(1)) : at;
  return await bot._context.getObject(id);
};
const notes = new Map(); // id -> the note as the library holds it

const commands = {
  look: async ({ at }) => shown(await found(at)),
  follow: async ({ at }) => {
    const whom = await found(at);
    return { activity: (await bot._context.followActor(whom)).id, followed: whom.id };
  },
  unfollow: async ({ at }) => ({ activity: (await bot._context.unfollowActor(await found(at))).id }),
  like: async ({ at }) => ({ activity: (await bot._context.likeObject(await found(at))).id }),
  unlike: async ({ at }) => ({ activity: (await bot._context.unlikeObject(await found(at))).id }),
  reply: async ({ at, text }) => {
    const note = await bot._context.sendReply(text, await found(at));
    notes.set(note.id, note);
    return { note: note.id };
  },
  rewrite: async ({ at, text }) => ({ note: (await bot._context.updateNote(notes.get(at), text)).id }),
  erase: async ({ at }) => ({ activity: (await bot._context.deleteNote(notes.get(at))).id }),
  write: async ({ at, text }) => ({ note: (await bot._context.sendNote(text, { to: (await found(at)).id })).id }),
  publish: async ({ text }) => {
    const note = await bot._context.sendNote(text, { to: PUBLIC, cc: `${options.origin}/user/${options.name}/followers` });
    notes.set(note.id, note);
    return { note: note.id };
  },
  // The server remembers for each origin which signatures it takes: the same memory, told in advance.
  sign: async ({ to, scheme }) => {
    await new SignaturePolicyStorage(app.locals.connection, app.locals.logger).set(to, scheme);
    return {};
  },
};

app.listen(Number(options.port), "127.0.0.1", () => say("ready", { origin: options.origin }));

const lines = createInterface({ input: process.stdin });
lines.on("line", async (line) => {
  const { id, does, ...given } = JSON.parse(line);
  try {
    say("done", { id, does, result: await commands[does](given) });
  } catch (error) {
    say("failed", { id, does, why: String(error?.stack ?? error) });
  }
});
lines.on("close", () => process.exit(0)); // whoever started it is gone
