// A foreign neighbour: a small server on Fedify, which has its own parser, its own signature checks and its own ideas.
//
// It serves one person, follows, likes and replies when told to on its standard input (one JSON object a line), keeps
// what it is sent, and prints a JSON line for everything that happens: these lines are what our tests assert.
// It trusts nothing of ours: no code is shared, and what its library refuses never becomes a "received" line.
//
// node peer.mjs --origin https://voisine.test --port 4000 [--hosts FILE]
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import {
  Accept, Create, createFederation, Delete, Endpoints, Follow, generateCryptoKeyPair, isActor, Like,
  MemoryKvStore, Mention, Note, Person, PUBLIC_COLLECTION, Reject, Undo, Update, Announce,
} from "@fedify/fedify";
import { Temporal } from "@js-temporal/polyfill";
import { configure } from "@logtape/logtape";
import { know } from "./hosts.mjs";

const { values: options } = parseArgs({
  options: { origin: { type: "string" }, port: { type: "string" }, hosts: { type: "string" }, name: { type: "string", default: "voisine" } },
});
const NAME = options.name;

const say = (event, more = {}) => process.stdout.write(JSON.stringify({ event, ...more }) + "\n");

if (options.hosts) know(options.hosts);

// The library's own words about signatures and inboxes, so that a refusal is seen for what it is.
await configure({
  sinks: { lines: ({ category, level, message }) => say("log", { category: category.join("."), level, text: message.map(String).join("") }) },
  loggers: [
    { category: ["fedify", "sig"], sinks: ["lines"], lowestLevel: "debug" },
    { category: ["fedify", "federation", "inbox"], sinks: ["lines"], lowestLevel: "info" },
    { category: ["logtape", "meta"], sinks: [], lowestLevel: "fatal" },
  ],
});

const keys = [await generateCryptoKeyPair("RSASSA-PKCS1-v1_5"), await generateCryptoKeyPair("Ed25519")];
const followers = new Map(); // actor id -> recipient
const notes = new Map(); // path -> Note, ours
const kept = new Map(); // object id -> what we show of it

const federation = createFederation({ kv: new MemoryKvStore(), allowPrivateAddress: true }); // the test's names are on loopback

federation
  .setActorDispatcher("/users/{identifier}", async (context, identifier) => {
    if (identifier !== NAME) return null;
    const pairs = await context.getActorKeyPairs(identifier);
    return new Person({
      id: context.getActorUri(identifier),
      preferredUsername: identifier,
      name: "Voisine",
      summary: "Je regarde ce que prêtent les associations.",
      inbox: context.getInboxUri(identifier),
      endpoints: new Endpoints({ sharedInbox: context.getInboxUri() }),
      outbox: context.getOutboxUri(identifier),
      followers: context.getFollowersUri(identifier),
      url: new URL(`/@${identifier}`, context.origin),
      publicKey: pairs[0].cryptographicKey,
      assertionMethods: pairs.map((pair) => pair.multikey),
    });
  })
  .setKeyPairsDispatcher(() => keys);

federation.setOutboxDispatcher("/users/{identifier}/outbox", () => ({ items: [] }));
federation.setFollowersDispatcher("/users/{identifier}/followers", () => ({ items: [...followers.values()] }));
federation.setObjectDispatcher(Note, "/notes/{id}", (_, { id }) => notes.get(id) ?? null);

// What a screen here would show of an object: only what the library understood.
const shown = (object) => ({
  id: object.id?.href,
  kind: object.constructor.name,
  content: object.content?.toString() ?? null,
  author: object.attributionId?.href ?? null,
  url: object.url?.href?.toString() ?? object.url?.toString() ?? null,
  to: object.toIds.map(String),
  cc: object.ccIds.map(String),
  published: object.published?.toString() ?? null,
  answers: object.replyTargetId?.href ?? null,
});

const received = (type, activity, more = {}) =>
  say("received", { type, id: activity.id?.href ?? null, actor: activity.actorId?.href ?? null, ...more });

const keep = (type) => async (context, activity) => {
  const object = await activity.getObject(context);
  if (!object?.id) return received(type, activity, { object: null });
  // Another server's actor may not write in this one's name.
  if (object.attributionId?.href !== activity.actorId?.href) return say("refused", { type, id: activity.id?.href });
  kept.set(object.id.href, shown(object));
  received(type, activity, { object: shown(object) });
};

federation
  .setInboxListeners("/users/{identifier}/inbox", "/inbox")
  .setSharedKeyDispatcher(() => ({ identifier: NAME }))
  .withIdempotency("per-inbox")
  .on(Follow, async (context, follow) => {
    const follower = await follow.getActor(context);
    received("Follow", follow, { object: follow.objectId?.href });
    if (!isActor(follower)) return;
    followers.set(follower.id.href, follower);
    const accept = new Accept({ id: fresh(context, "accepts"), actor: context.getActorUri(NAME), object: follow });
    await context.sendActivity({ identifier: NAME }, follower, accept);
  })
  .on(Accept, (_, accept) => received("Accept", accept, { object: accept.objectId?.href })) // ours, embedded or by id: only its id counts
  .on(Reject, (_, reject) => received("Reject", reject, { object: reject.objectId?.href }))
  .on(Undo, async (context, undo) => {
    const undone = await undo.getObject(context);
    if (undone instanceof Follow) followers.delete(undo.actorId.href);
    received("Undo", undo, { object: undone?.constructor.name });
  })
  .on(Create, keep("Create"))
  .on(Update, keep("Update"))
  .on(Delete, async (context, deletion) => {
    const id = deletion.objectId?.href;
    const known = kept.get(id)?.author === deletion.actorId?.href && kept.delete(id);
    received("Delete", deletion, { object: id, known });
  })
  .on(Like, (_, like) => received("Like", like, { object: like.objectId?.href }))
  .on(Announce, (_, announce) => received("Announce", announce, { object: announce.objectId?.href }));

let number = 0;
const fresh = (context, kind) => new URL(`/${kind}/${Date.now()}-${++number}`, context.origin);

// Look somebody or something up, as a person would who pastes an address into a search field.
async function found(context, address) {
  const documentLoader = await context.getDocumentLoader({ identifier: NAME });
  const object = await context.lookupObject(address, { documentLoader });
  if (!object) throw new Error(`nothing found at ${address}`);
  return object;
}

const whoWrote = async (context, object) => {
  const documentLoader = await context.getDocumentLoader({ identifier: NAME });
  const author = await object.getAttribution({ documentLoader });
  if (!isActor(author)) throw new Error(`nobody wrote ${object.id}`);
  return author;
};

const send = (context, recipient, activity) => context.sendActivity({ identifier: NAME }, recipient, activity);

const commands = {
  async look(context, { at }) {
    const object = await found(context, at);
    return isActor(object)
      ? { id: object.id.href, kind: object.constructor.name, name: object.name?.toString(), handle: object.preferredUsername?.toString() }
      : shown(object);
  },
  async follow(context, { at }) {
    const whom = await found(context, at);
    const activity = new Follow({ id: fresh(context, "follows"), actor: context.getActorUri(NAME), object: whom.id, to: whom.id });
    await send(context, whom, activity);
    return { activity: activity.id.href, followed: whom.id.href };
  },
  async unfollow(context, { at, activity }) {
    const whom = await found(context, at);
    const me = context.getActorUri(NAME);
    const undone = new Follow({ id: new URL(activity), actor: me, object: whom.id });
    await send(context, whom, new Undo({ id: fresh(context, "undos"), actor: me, object: undone, to: whom.id }));
    return {};
  },
  async like(context, { at }) {
    const object = await found(context, at);
    const author = await whoWrote(context, object);
    const activity = new Like({ id: fresh(context, "likes"), actor: context.getActorUri(NAME), object: object.id, to: author.id });
    await send(context, author, activity);
    return { activity: activity.id.href };
  },
  async reply(context, { at, text }) {
    const object = await found(context, at);
    const author = await whoWrote(context, object);
    const me = context.getActorUri(NAME);
    const id = `${Date.now()}-${++number}`;
    const note = new Note({
      id: context.getObjectUri(Note, { id }),
      attribution: me,
      content: `<p>${text}</p>`,
      replyTarget: object.id,
      published: Temporal.Now.instant(),
      to: PUBLIC_COLLECTION,
      cc: author.id,
      tags: [new Mention({ href: author.id, name: `@${author.preferredUsername}@${author.id.host}` })],
    });
    notes.set(id, note);
    const activity = new Create({ id: fresh(context, "creates"), actor: me, object: note, to: PUBLIC_COLLECTION, cc: author.id });
    await send(context, author, activity);
    return { activity: activity.id.href, note: note.id.href };
  },
  async write(context, { at, text }) {
    const whom = await found(context, at);
    const me = context.getActorUri(NAME);
    const id = `${Date.now()}-${++number}`;
    const note = new Note({
      id: context.getObjectUri(Note, { id }), attribution: me, content: `<p>${text}</p>`, published: Temporal.Now.instant(),
      to: whom.id, tags: [new Mention({ href: whom.id, name: `@${whom.preferredUsername}@${whom.id.host}` })],
    });
    await send(context, whom, new Create({ id: fresh(context, "creates"), actor: me, object: note, to: whom.id }));
    return { note: note.id.href };
  },
  async publish(context, { text }) {
    const me = context.getActorUri(NAME);
    const id = `${Date.now()}-${++number}`;
    const followersUri = context.getFollowersUri(NAME);
    const note = new Note({
      id: context.getObjectUri(Note, { id }), attribution: me, content: `<p>${text}</p>`, published: Temporal.Now.instant(),
      to: PUBLIC_COLLECTION, cc: followersUri,
    });
    notes.set(id, note);
    const activity = new Create({ id: fresh(context, "creates"), actor: me, object: note, to: PUBLIC_COLLECTION, cc: followersUri });
    await send(context, [...followers.values()], activity);
    return { activity: activity.id.href, note: note.id.href };
  },
};

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = chunks.length ? Buffer.concat(chunks) : undefined;
  // Behind a TLS proxy the request names only the path: the public address is what was signed.
  const url = new URL(request.url, options.origin);
  const answer = await federation.fetch(new Request(url, { method: request.method, headers: request.headers, body }), {
    contextData: undefined,
  });
  if (request.method === "POST") say("answered", { path: url.pathname, status: answer.status });
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(Buffer.from(await answer.arrayBuffer()));
}).listen(Number(options.port), "127.0.0.1", () => say("ready", { origin: options.origin, node: process.versions.node }));

const lines = createInterface({ input: process.stdin });
lines.on("line", async (line) => {
  const { id, does, ...given } = JSON.parse(line);
  try {
    const context = federation.createContext(new URL(options.origin), undefined);
    say("done", { id, does, result: await commands[does](context, given) });
  } catch (error) {
    say("failed", { id, does, why: String(error?.message ?? error) });
  }
});
lines.on("close", () => process.exit(0)); // whoever started it is gone
