// The last word of CI: `N passed, N failed`, counted from Vitest's JSON reports in the folder given; a test file that
// did not load and a step that failed without a failing test in the reports count as failed too.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Passed and failed tests of one of Vitest's JSON reports. */
export function countReport(report) {
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length };
}

/** The whole folder: its reports, and the steps that failed (`steps`, one name a line). */
export function countFolder(folder) {
  const reports = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => countReport(JSON.parse(readFileSync(join(folder, name), 'utf8'))));
  const sum = (key) => reports.reduce((total, report) => total + report[key], 0);
  const file = join(folder, 'steps');
  const steps = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  const tests = { passed: sum('passed'), failed: sum('failed') };
  const failed = tests.failed > 0 ? tests.failed : steps.length;
  return { passed: tests.passed, failed: tests.passed === 0 && failed === 0 ? 1 : failed, steps };
}

if (process.argv[2]) {
  const { passed, failed, steps } = countFolder(process.argv[2]);
  if (steps.length > 0) console.log(`failed steps: ${steps.join(', ')}`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
