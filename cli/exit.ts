import { ConfigError } from '../runtime/configFile.ts';

/** A mistake in the words of the command line: printed alone, exit 2. */
export class UsageError extends Error {}

/** `parseArgs` met an option that the command does not have, or one without its value. */
const isUsage = (error: unknown) =>
  String((error as NodeJS.ErrnoException | undefined)?.code).startsWith('ERR_PARSE_ARGS');

/** Runs a command and ends with its exit code: 0 well, 1 a bug or a lost resource, 2 usage or config (DESIGN §6). */
export async function exitWith(run: () => Promise<number>): Promise<void> {
  // A reader that leaves (`tournee decode … | head`) is not a fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  try {
    process.exitCode = await run();
  } catch (error) {
    if (error instanceof ConfigError || error instanceof UsageError || isUsage(error)) {
      process.stderr.write(`${(error as Error).message}\n`);
      process.exitCode = 2;
    } else {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exitCode = 1;
    }
  }
}
