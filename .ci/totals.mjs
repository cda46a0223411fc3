/**
 * totals.mjs STATUS REPORT...: what passed at its second try only and what failed, by name and with the reason, then
 * `N passed, N failed, N skipped` over the reports of all lanes.
 *
 * A file that failed outside of its tests (an import, a hook) counts as one failure: Vitest's own totals leave it out. An error that no test caught is
 * in no report; only STATUS, the worst exit code of the lanes, tells of it.
 */
import { existsSync, readFileSync } from 'node:fs';

const [status, ...reports] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${line}\n`);
/** The stack of each try stands above. */
const reasonOf = ({ failureMessages: [message = ''] }) => message.split(/\n\s+at /)[0];
const totals = { passed: 0, failed: 0, skipped: 0 };

for (const report of reports) {
  if (!existsSync(report)) {
    // A lane that is not there, or one that ended before it could count.
    if (status !== '0') totals.failed += 1;
    continue;
  }
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  totals.passed += numPassedTests;
  totals.failed += numFailedTests;
  totals.skipped += numPendingTests;
  for (const file of testResults) {
    for (const test of file.assertionResults) {
      if (test.status !== 'passed' || test.failureMessages.length === 0) continue;
      say(`passed at its second try: ${file.name}\n  ${test.fullName}\n    ${reasonOf(test)}`);
    }
  }
  for (const file of testResults.filter((each) => each.status === 'failed')) {
    const failed = file.assertionResults.filter((each) => each.status === 'failed');
    if (failed.length === 0) totals.failed += 1;
    say(`failed: ${file.name}${file.message ? `\n  ${file.message}` : ''}`);
    for (const test of failed) say(`  ${test.fullName}\n    ${reasonOf(test)}`);
  }
}

if (status !== '0' && totals.failed === 0) {
  totals.failed = 1;
  say('failed: an error outside of every test; see "Unhandled Errors" above');
}
say(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
