// The server under test: the binary that was built, in a state of its own.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const STARTED_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 30_000;
const LOG_CHARACTERS_MAX = 4_000;

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => process.exit(1));
}

/** `LUCID` names it; else it is where cargo puts it. */
function binary() {
  const target = process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target');
  return process.env.LUCID ?? path.join(target, 'release', 'lucid');
}

/** A folder that is gone when the tests are over. */
export function temporary() {
  const folder = mkdtempSync(path.join(tmpdir(), 'lucid-peers-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes a key for the server of a folder, whether it runs or not; gives its text. */
export function makeKey(folder, ...options) {
  const state = path.join(folder, 'state');
  const command = ['key', 'create', '--json', '--state', state, ...options];
  return JSON.parse(execFileSync(binary(), command, { encoding: 'utf8' })).key;
}

/** A `lucid serve` that runs until it is stopped. */
export class Server {
  static async start(folder = temporary(), ...options) {
    const server = new Server(folder, options);
    server.url = await server.#address();
    return server;
  }

  constructor(folder, more) {
    this.folder = folder;
    this.log = path.join(folder, 'server.log');
    const options = ['--listen', '127.0.0.1:0', '--state', path.join(folder, 'state'), ...more];
    const stdio = ['ignore', 'pipe', openSync(this.log, 'a')];
    this.process = spawn(binary(), ['serve', ...options], { cwd: folder, stdio });
    running.add(this.process);
    this.ended = new Promise((resolve, reject) => {
      this.process.once('error', reject);
      this.process.once('exit', (code, signal) => resolve(code ?? signal));
    }).finally(() => running.delete(this.process));
  }

  /** Its address is in the first line that it prints. */
  async #address() {
    const timer = setTimeout(() => this.process.kill('SIGKILL'), STARTED_WITHIN_MS);
    // What it prints later must not fill the pipe: the lines go on being read.
    const lines = createInterface({ input: this.process.stdout });
    const first = new Promise((resolve) => lines.once('line', resolve));
    const line = await Promise.race([first, this.ended]);
    clearTimeout(timer);
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
    if (found === null) {
      this.process.kill('SIGKILL');
      throw new Error(`the server said ${JSON.stringify(line)}\n${this.said()}`);
    }
    return found[0];
  }

  /** The end of its log. */
  said() {
    return readFileSync(this.log, 'utf8').slice(-LOG_CHARACTERS_MAX);
  }

  /** Asks it to end, as an operator does; gives its exit code. */
  async stop() {
    const timer = setTimeout(() => this.process.kill('SIGKILL'), STOPPED_WITHIN_MS);
    this.process.kill('SIGTERM');
    const code = await this.ended;
    clearTimeout(timer);
    return code;
  }
}
