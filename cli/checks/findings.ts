import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import type { Problem } from '../../runtime/configFile.ts';

/**
 * What is wrong around a configuration whose words are right: files, folders, ports, devices. A `warning` lets the
 * daemon start: it heals, or the daemon says so as an alert (DESIGN §9).
 */
export type Finding = Problem & { readonly level: 'problem' | 'warning' };

export const problem = (path: string, expected: string, got: string): Finding => ({
  path,
  expected,
  got,
  level: 'problem',
});
export const warning = (path: string, expected: string, got: string): Finding => ({
  path,
  expected,
  got,
  level: 'warning',
});

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error);

/** A file that must be there and readable. */
export function fileFindings(path: string, file: string | undefined): Finding[] {
  if (file === undefined) return [];
  try {
    accessSync(file, constants.R_OK);
    return statSync(file).isFile() ? [] : [problem(path, 'a file', `${file}, which is not one`)];
  } catch (error) {
    return [problem(path, 'a readable file', `${file}: ${codeOf(error)}`)];
  }
}

/** A secret: there, not empty, closed to others, long enough to resist guessing. */
export function secretFindings(path: string, file: string | undefined): Finding[] {
  const unreadable = fileFindings(path, file);
  if (file === undefined || unreadable.length > 0) return unreadable;
  const secret = readFileSync(file, 'utf8').trim();
  if (secret === '') return [problem(path, 'a secret', `${file}, which is empty`)];
  const findings: Finding[] = [];
  if ((statSync(file).mode & 0o007) !== 0)
    findings.push(
      warning(path, 'a file closed to others (chmod 600)', `${file}, which anybody here can read`),
    );
  if (secret.length < 16)
    findings.push(warning(path, 'at least 16 characters (openssl rand -hex 32)', `${secret.length}`));
  return findings;
}

/** The folder of a file that the daemon will create. */
export function folderFindings(path: string, file: string): Finding[] {
  const folder = dirname(file);
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return [];
  } catch (error) {
    return [problem(path, 'a folder that can be written', `${folder}: ${codeOf(error)}`)];
  }
}

/** An address to listen on: taken, or not this machine's. The daemon itself may be the one that holds it. */
export function portFindings(path: string, url: string | undefined): Promise<Finding[]> {
  if (url === undefined) return Promise.resolve([]);
  const { hostname, port } = new URL(url.replace(/^\w+:/, 'http:'));
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      const code = codeOf(error);
      const got =
        code === 'EADDRINUSE' ? `port ${port} in use (by the daemon itself, if it runs)` : `${url}: ${code}`;
      resolve([warning(path, 'a free port of this machine', got)]);
    });
    server.listen({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), exclusive: true }, () =>
      server.close(() => resolve([])),
    );
  });
}
