// The bot server asks for version 4 of its ActivityStreams library; 3.1 is the newest that can be had everywhere. Four
// things of 4 that it uses are made good here: a context can be made known, so that it is not fetched; a document is
// written with the context it was made with; an object knows whether it is an activity; what is put into another keeps
// its properties. Imported first.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url); // at once, in this order
const Loader = require("activitystrea.ms/src/contextloader.js");
const known = Loader.defaultInstance;
const { makeDocLoader } = Loader.prototype;
Loader.prototype.makeDocLoader = () => makeDocLoader.call(known); // one list for reading and for writing

const Environment = require("activitystrea.ms/src/environment.js");
Object.defineProperty(Environment.prototype, "origContext", { get() { return this.originalContext; } });

const reading = require("activitystrea.ms/src/jsonld.js"); // before the models, which need it
const { Base } = require("activitystrea.ms/src/models");
const reasoner = require("activitystrea.ms/src/reasoner.js");
const { Activity } = require("vocabs-as");
const isActivity = function () {
  return [this.type].flat().some((type) => type && reasoner.node(type).is(Activity));
};
Object.defineProperty(Base.prototype, "isActivity", { value: isActivity }); // not enumerable: no property

const plain = async (value) => {
  if (value instanceof Base) return await value.export({ useOriginalContext: true });
  if (Array.isArray(value)) return await Promise.all(value.map(plain));
  if (value?.constructor !== Object) return value;
  return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([name, member]) => [name, await plain(member)])));
};
const { import: read } = reading;
reading.import = async (input, options) => await read.call(reading, await plain(input), options);

const as2 = require("activitystrea.ms");
as2.registerContext = (url, context) => known.register(url, context);
