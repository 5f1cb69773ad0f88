import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript: CI runs it before any compiler is there
import { countFolder } from '../../.ci/count.mjs';

describe("CI's last line", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tournee-count-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const report = (passed: number, failed: number, files: object[] = []) =>
    writeFileSync(
      join(folder, 'vitest.json'),
      JSON.stringify({ numPassedTests: passed, numFailedTests: failed, testResults: files }),
    );

  it("counts Vitest's own report", () => {
    report(12, 2, [{ status: 'failed', assertionResults: [{ status: 'failed' }] }]);
    expect(countFolder(folder)).toMatchObject({ passed: 12, failed: 2 });
  });

  it('counts a test file that did not load', () => {
    report(12, 0, [{ status: 'failed', assertionResults: [] }]);
    expect(countFolder(folder)).toMatchObject({ passed: 12, failed: 1 });
  });

  it('counts a failed step where all tests passed', () => {
    report(12, 0);
    writeFileSync(join(folder, 'steps'), 'npm test\ncampaigns\n');
    expect(countFolder(folder)).toMatchObject({ passed: 12, failed: 2, steps: ['npm test', 'campaigns'] });
  });

  it('never calls a run without a test well', () => {
    expect(countFolder(folder)).toMatchObject({ passed: 0, failed: 1 });
  });
});
