import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { DepotConfig } from '../dashboard/config.ts';
import { GatewayConfig } from '../gateway/config.ts';
import { ConfigError, readConfigFile } from '../runtime/configFile.ts';
import { depotFindings } from './checks/depot.ts';
import type { Finding } from './checks/findings.ts';
import { gatewayFindings } from './checks/gateway.ts';
import { UsageError } from './exit.ts';

/**
 * `tournee check-config F`: every problem of a configuration with path, expected, got, and exit 2; what the daemon can
 * start without (a device, a port in use) as warnings. The file itself tells whether it is a van's or a depot's.
 */
export async function run(args: string[]): Promise<number> {
  const { positionals } = parseArgs({ args, allowPositionals: true });
  const file = positionals[0];
  if (file === undefined || positionals.length > 1) throw new UsageError('usage: tournee check-config FILE');
  const kind = kindOf(file);
  const findings =
    kind === 'gateway'
      ? await gatewayFindings(readConfigFile(file, GatewayConfig))
      : await depotFindings(readConfigFile(file, DepotConfig));
  const of = (level: Finding['level']) => findings.filter((finding) => finding.level === level);
  for (const { path, expected, got } of of('warning'))
    process.stdout.write(`warning: ${path}: expected ${expected}, got ${got}\n`);
  if (of('problem').length > 0) throw new ConfigError(file, of('problem'));
  process.stdout.write(`${file}: a ${kind}'s configuration, well\n`);
  return 0;
}

/** Keys that only one of the two has. */
const keysOf = (mine: object, other: object) => Object.keys(mine).filter((key) => !Object.hasOwn(other, key));

/** Whose configuration this is, by the keys that the other does not have. */
export function kindOf(file: string): 'gateway' | 'depot' {
  const keys = topKeys(file);
  const count = (own: string[]) => own.filter((key) => keys.includes(key)).length;
  const gateway = count(keysOf(GatewayConfig.shape, DepotConfig.shape));
  const depot = count(keysOf(DepotConfig.shape, GatewayConfig.shape));
  if (gateway === depot && gateway === 0)
    throw new ConfigError(file, [
      {
        path: '',
        expected: "a van's configuration (van, sources, journal, …) or a depot's (http, store, agenda, …)",
        got: keys.length === 0 ? 'no key' : `the keys ${keys.slice(0, 10).join(', ')}`,
      },
    ]);
  return depot > gateway ? 'depot' : 'gateway';
}

/** The top keys of a file; of one that cannot be read, a van's: reading it with any schema says why. */
function topKeys(file: string): string[] {
  try {
    const top: unknown = parse(readFileSync(file, 'utf8'), { maxAliasCount: 50 });
    return typeof top === 'object' && top !== null ? Object.keys(top) : [];
  } catch {
    return Object.keys(GatewayConfig.shape);
  }
}
