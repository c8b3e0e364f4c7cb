// QuickJS has no console. This one writes to the event log, where people find
// what a plugin has to say.
import { write } from "lucid:plugin/log@0.1.0";

function show(value) {
  if (typeof value === "string") return value;
  if (value instanceof Error) return `${value}\n${value.stack}`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

const writer =
  (level) =>
  (...values) =>
    write(level, values.map(show).join(" "));

globalThis.console = {
  debug: writer("debug"),
  log: writer("info"),
  info: writer("info"),
  warn: writer("warn"),
  error: writer("error"),
};
