// Checks answers against the types that the SDK declares for them: the SDK itself takes
// whatever comes. The types are read from its own `.d.ts` files.

import { createRequire } from 'node:module';
import ts from 'typescript';

const packages = createRequire(import.meta.url);
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const INTERNAL = 'AbstractPage';

const main = packages.resolve('@anthropic-ai/sdk').replace(/\.js$/, '.d.ts');
const options = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
  strict: true,
  types: [],
};
const program = ts.createProgram([main], options);
const checker = program.getTypeChecker();

const plain = (name) => name.replaceAll('_', '').toLowerCase();

/** The type of a member of a type; names are compared as the SDKs of all languages have them. */
function member(type, name) {
  const found = type.getProperties().find((symbol) => plain(symbol.name) === plain(name));
  return found && checker.getTypeOfSymbol(found);
}

/** The type of the client of the SDK. */
function client() {
  const module = checker.getSymbolAtLocation(program.getSourceFile(main));
  const symbol = checker.getExportsOfModule(module).find(({ name }) => name === 'Anthropic');
  const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return checker.getDeclaredTypeOfSymbol(real);
}

const CLIENT = client();
const answers = new Map();

/** What the SDK declares that a method gives: `{ json }`, `{ stream }`, `{ binary }` or none. */
export function answerOf(sdkMethod) {
  if (!answers.has(sdkMethod)) {
    answers.set(sdkMethod, declared(sdkMethod));
  }
  return answers.get(sdkMethod);
}

function declared(sdkMethod) {
  const method = sdkMethod.split('.').reduce((type, name) => type && member(type, name), CLIENT);
  const signature = method?.getCallSignatures().at(-1);
  if (signature === undefined) {
    return undefined;
  }
  const given = checker.getReturnTypeOfSignature(signature);
  const isPromised = ['APIPromise', 'PagePromise'].includes(given.symbol?.name);
  const answer = isPromised ? checker.getTypeArguments(given)[0] : given;
  if (answer.symbol?.name === 'Response') {
    return { binary: true };
  }
  const isStream = answer.symbol?.name === 'Stream';
  const form = isStream ? checker.getTypeArguments(answer)[0] : answer;
  // What takes everything would find nothing.
  if (form.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) {
    return undefined;
  }
  return isStream ? { stream: form } : { json: form };
}

/** What is wrong with a value of a type: a list of sentences, empty where nothing is. */
export function problems(value, type, at = '$') {
  const { flags } = type;
  if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) {
    return [];
  }
  if (type.isUnion()) {
    return ofUnion(value, type, at);
  }
  if (type.isIntersection()) {
    // `string & {}` is how a type says that other texts may come.
    const parts = type.types.filter((part) => !isEmpty(part));
    return parts.flatMap((part) => problems(value, part, at));
  }
  const wrong = (wanted) => [`${at} is ${show(value)}, and not ${wanted}`];
  if (flags & (ts.TypeFlags.StringLiteral | ts.TypeFlags.NumberLiteral)) {
    return value === type.value ? [] : wrong(JSON.stringify(type.value));
  }
  if (flags & ts.TypeFlags.BooleanLiteral) {
    const wanted = checker.typeToString(type);
    return String(value) === wanted && typeof value === 'boolean' ? [] : wrong(wanted);
  }
  if (flags & ts.TypeFlags.String) {
    const isTime = /_at$/.test(at);
    const fits = typeof value === 'string' && (!isTime || RFC_3339.test(value));
    return fits ? [] : wrong(isTime ? 'a time' : 'a text');
  }
  if (flags & ts.TypeFlags.Number) {
    return typeof value === 'number' ? [] : wrong('a number');
  }
  if (flags & ts.TypeFlags.Boolean) {
    return typeof value === 'boolean' ? [] : wrong('true or false');
  }
  if (flags & ts.TypeFlags.Null) {
    return value === null ? [] : wrong('null');
  }
  if (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) {
    return value === undefined ? [] : wrong('left out');
  }
  if (checker.isArrayType(type)) {
    const [item] = checker.getTypeArguments(type);
    const each = (one, index) => problems(one, item, `${at}[${index}]`);
    return Array.isArray(value) ? value.flatMap(each) : wrong('a list');
  }
  if (flags & ts.TypeFlags.Object) {
    const isObject = value !== null && typeof value === 'object' && !Array.isArray(value);
    return isObject ? ofObject(value, type, at) : wrong('an object');
  }
  throw new Error(`${at}: the type ${checker.typeToString(type)} is not understood`);
}

function ofObject(value, type, at) {
  const fields = type.getProperties().filter(isField);
  const found = fields.flatMap((field) => {
    const here = `${at}.${field.name}`;
    if (value[field.name] === undefined) {
      return field.flags & ts.SymbolFlags.Optional ? [] : [`${here} is missing`];
    }
    return problems(value[field.name], checker.getTypeOfSymbol(field), here);
  });
  const names = new Set(fields.map(({ name }) => name));
  const others = Object.keys(value).filter((name) => !names.has(name));
  const index = type.getStringIndexType();
  const more = index
    ? others.flatMap((name) => problems(value[name], index, `${at}[${JSON.stringify(name)}]`))
    : others.map((name) => `${at}.${name} is nothing that ${checker.typeToString(type)} has`);
  return found.concat(isEmpty(type) ? [] : more);
}

/** The first type that fits; else what is wrong with the one whose literals fit. */
function ofUnion(value, type, at) {
  const tried = type.types.map((one) => ({ one, found: problems(value, one, at) }));
  if (tried.some(({ found }) => found.length === 0)) {
    return [];
  }
  const isMeant = ({ one }) => {
    const kind = one.getProperty('type');
    return kind && value !== null && typeof value === 'object'
      && problems(value.type, checker.getTypeOfSymbol(kind)).length === 0;
  };
  const meant = tried.filter(isMeant).map(({ found }) => found);
  const shortest = meant.sort((few, many) => few.length - many.length)[0];
  return shortest ?? [`${at} is ${show(value)}, and not ${checker.typeToString(type)}`];
}

/** Whether a property is part of what is sent, and not a method, or a page's own business. */
function isField(symbol) {
  const [declaration] = symbol.declarations ?? [];
  const isMethod = (symbol.flags & ts.SymbolFlags.Method) !== 0;
  return !isMethod && declaration?.parent?.name?.text !== INTERNAL;
}

/** Whether a type has no properties and says nothing about others: `{}`. */
function isEmpty(type) {
  const isObject = (type.flags & ts.TypeFlags.Object) !== 0;
  return isObject && type.getProperties().length === 0 && !type.getStringIndexType();
}

function show(value) {
  const text = JSON.stringify(value) ?? 'left out';
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}
