import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A command that is under way. */
export interface BegunCommand {
  /** Its first so many lines, once it has printed them. */
  lines(count: number): Promise<string[]>;
  /** Ends it as Ctrl-C does; its exit code. */
  end(): Promise<number | null>;
}

/** The whole product as `npm start` runs it, in a folder of its own and on free ports, and the operator's command. */
export class RunningHallpass {
  #process: ChildProcess | undefined;
  #output = '';

  private constructor(
    readonly folder: string,
    readonly environment: NodeJS.ProcessEnv,
  ) {}

  static async prepare(): Promise<RunningHallpass> {
    const folder = await mkdtemp(join(tmpdir(), 'hallpass-acceptance-'));
    // Root's database runs as another user, which has to be able to walk in.
    await chmod(folder, 0o755);
    const [tokenService, dataApi, admin] = await freePorts(3);
    const { DATABASE_URL: _none, ...environment } = process.env;
    return new RunningHallpass(folder, {
      ...environment,
      HALLPASS_FOLDER: join(folder, '.hallpass'),
      TOKEN_SERVICE_PORT: String(tokenService),
      DATA_API_PORT: String(dataApi),
      ADMIN_PORT: String(admin),
      METRICS_PORT: '0',
    });
  }

  /** Starts it and waits until it says that it is ready. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [join(ROOT, 'packages/launcher/dist/main.js')], {
      cwd: ROOT,
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    this.#output = '';
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        this.#output += chunk.toString();
        if (this.#output.includes('is ready')) resolve();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code) => reject(new Error(`it ended with ${code}:\n${this.#output}`)));
    });
  }

  /** What it has printed. */
  get output(): string {
    return this.#output;
  }

  /** Stops it as Ctrl-C or a service manager does; the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exit = once(child, 'exit');
    child.kill(signal);
    const [code] = (await exit) as [number | null];
    return code;
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async demo(): Promise<Demo> {
    return JSON.parse(await readFile(join(this.folder, '.hallpass/demo.json'), 'utf8')) as Demo;
  }

  /** Runs `hallpass …` as an operator in that folder would. */
  async hallpass(args: readonly string[], input = '', env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const child = spawn(process.execPath, [join(ROOT, 'packages/cli/bin/hallpass.js'), ...args], {
      cwd: this.folder,
      env: { ...this.environment, ...env, NO_COLOR: '1' },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.end(input);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout, stderr };
  }

  /** Starts `hallpass …` without waiting for its end. */
  begin(args: readonly string[], env: NodeJS.ProcessEnv): BegunCommand {
    const child = spawn(process.execPath, [join(ROOT, 'packages/cli/bin/hallpass.js'), ...args], {
      cwd: this.folder,
      env: { ...this.environment, ...env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    return {
      async lines(count) {
        while (stdout.split('\n').length <= count) await once(child.stdout, 'data');
        return stdout.split('\n').slice(0, count);
      },
      async end() {
        const exit = once(child, 'exit');
        child.kill('SIGINT');
        return ((await exit) as [number | null])[0];
      },
    };
  }

  /** What a command with --json printed; throws what it said when it failed. */
  async json<T>(args: readonly string[], input?: string): Promise<T> {
    const { code, stdout, stderr } = await this.hallpass([...args, '--json'], input);
    if (code !== 0) throw new Error(`hallpass ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return JSON.parse(stdout) as T;
  }
}

export interface Demo {
  tokenService: string;
  dataApi: string;
  admin: string;
  operatorToken: string;
  /** People who may sign in, and where. */
  people: { email: string; password: string; of: string; url: string }[];
  /** The district of made-up people that samples read. */
  sandbox: { districtId: string; token: string };
  apps: {
    name: string;
    clientId: string;
    clientSecret: string;
    apiKey?: string;
    districts: { id: string; name: string; token: string }[];
  }[];
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
