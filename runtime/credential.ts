import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ConfigError } from './configFile.ts';

/** Secrets are short; a wrong path must not fill the memory. */
const MAX_BYTES = 64 * 1024;

/**
 * Where a configured secret, key or certificate is really read. Under systemd the file of the configuration is for root
 * alone and the daemon gets a copy by `LoadCredential=credentials:/etc/tournee/credentials`, named after the file;
 * elsewhere it is the file itself.
 */
export function credentialPath(path: string, folder = process.env.CREDENTIALS_DIRECTORY): string {
  if (folder === undefined) return path;
  const name = basename(path);
  // systemd.exec(5): files of a loaded folder are named `<id>_<file>`.
  const copies = [join(folder, `credentials_${name}`), join(folder, name)];
  return copies.find((copy) => existsSync(copy)) ?? path;
}

/** The text of a secret file without its line end. Throws Node's own error when it cannot be read. */
export function readCredential(path: string): string {
  const place = credentialPath(path);
  if (statSync(place).size > MAX_BYTES) throw new Error(`${path}: larger than ${MAX_BYTES} bytes`);
  return readFileSync(place, 'utf8').trim();
}

/** As `readCredential`, for the file that the configuration names under `key`; throws ConfigError with that key. */
export function configuredCredential(file: string, key: string): string {
  try {
    return readCredential(file);
  } catch (error) {
    const got = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ConfigError(file, [{ path: key, expected: 'a readable file', got }]);
  }
}

export type TlsFiles = {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
};

/** PEM texts of the files that the configuration names under `key`. */
export function configuredTls(files: TlsFiles, key: string): { ca?: string; cert?: string; key?: string } {
  const read = (name: 'ca' | 'cert' | 'key', file: string | undefined) =>
    file === undefined ? {} : { [name]: configuredCredential(file, `${key}.${name}File`) };
  return { ...read('ca', files.caFile), ...read('cert', files.certFile), ...read('key', files.keyFile) };
}
