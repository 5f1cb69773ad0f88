import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialPath, readCredential } from '../../runtime/credential.ts';

describe('credentials', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tournee-credential-'));
    writeFileSync(join(folder, 'credentials_van.secret'), 'from systemd\n');
    writeFileSync(join(folder, 'depot.key'), 'named by itself\n');
    writeFileSync(join(folder, 'large'), 'x'.repeat(65 * 1024));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['/etc/tournee/credentials/van.secret', 'credentials_van.secret'],
    ['/etc/tournee/credentials/depot.key', 'depot.key'],
  ])('%s is read where systemd put its copy', (path, copy) => {
    expect(credentialPath(path, folder)).toBe(join(folder, copy));
  });

  it('is the file itself without systemd, or where systemd has no copy', () => {
    expect(credentialPath('/a/van.secret', undefined)).toBe('/a/van.secret');
    expect(credentialPath('/a/other', folder)).toBe('/a/other');
  });

  it('drops the line end and refuses a file that cannot be a secret', () => {
    expect(readCredential(join(folder, 'depot.key'))).toBe('named by itself');
    expect(() => readCredential(join(folder, 'large'))).toThrow(/larger than/);
  });
});
