import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** `npm run bench -- <name> [args]`: runs the default export of bench/<name>.ts. */
const [name = '', ...args] = process.argv.slice(2);
const folder = new URL('./', import.meta.url);
const file = new URL(`./${name}.ts`, folder);
if (!/^[a-z][A-Za-z0-9-]*$/.test(name) || name === 'run' || !existsSync(file)) {
  const names = readdirSync(fileURLToPath(folder))
    .filter((entry) => entry.endsWith('.ts') && entry !== 'run.ts')
    .map((entry) => entry.slice(0, -3));
  console.error(`usage: npm run bench -- <${names.join('|')}> [args]`);
  process.exitCode = 2;
} else {
  const { default: run } = (await import(file.href)) as { default: (args: string[]) => Promise<void> };
  await run(args);
}
