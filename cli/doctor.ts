import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { GatewayConfig } from '../gateway/config.ts';
import { ConfigError, readConfigFile } from '../runtime/configFile.ts';
import { gatewayFindings } from './checks/gateway.ts';
import { boardDiagnoses } from './doctor/board.ts';
import { brokerDiagnoses } from './doctor/broker.ts';
import { deviceDiagnoses } from './doctor/devices.ts';
import { diskDiagnoses } from './doctor/disk.ts';
import { type Diagnosis, ok, thisMachine, warning, wrong } from './doctor/machine.ts';
import { isRunning, serviceDiagnoses } from './doctor/service.ts';

/**
 * `tournee doctor [--config F]`: looks at a van's machine and says in words what is wrong and what to do: configuration,
 * service, devices, clock, supply, disk, modem, broker. Exit 1 when something is wrong.
 */
const DEFAULT_CONFIG = '/etc/tournee/gateway.yaml';
/** No clock is right that is before this program: the year in which this line was written. */
const BUILT_AT_MS = Date.UTC(2026, 10, 1);

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { config: { type: 'string', default: DEFAULT_CONFIG } } });
  let wrongs = 0;
  const say = (diagnoses: readonly Diagnosis[]) => {
    for (const { level, subject, says, todo } of diagnoses) {
      if (level === 'wrong') wrongs++;
      process.stdout.write(
        `${level.padEnd(8)}${subject.padEnd(10)}${says}\n${todo ? `${' '.repeat(18)}→ ${todo}\n` : ''}`,
      );
    }
  };
  const { config, diagnoses } = await readConfig(values.config);
  say(diagnoses);
  say(boardDiagnoses(thisMachine, BUILT_AT_MS));
  say(serviceDiagnoses(thisMachine));
  if (config) {
    const journal = typeof config.journal === 'string' ? config.journal : config.journal.path;
    say(diskDiagnoses(thisMachine, dirname(journal)));
    say(await brokerDiagnoses(config.broker, config.tls));
    if (isRunning(thisMachine)) say([ok('devices', 'held by the running gateway: its cab page shows them')]);
    else say(await deviceDiagnoses(config.sources));
  }
  process.stdout.write(wrongs === 0 ? '\nnothing is wrong\n' : `\n${wrongs} wrong\n`);
  return wrongs === 0 ? 0 : 1;
}

async function readConfig(file: string): Promise<{ config?: GatewayConfig; diagnoses: Diagnosis[] }> {
  if (!existsSync(file))
    return { diagnoses: [wrong('config', `${file}: not there`, 'tournee doctor --config FILE')] };
  try {
    const config = readConfigFile(file, GatewayConfig);
    const findings = await gatewayFindings(config);
    const diagnoses = findings.map(({ level, path, expected, got }) =>
      level === 'problem'
        ? wrong('config', `${path}: ${got}`, `expected ${expected}`)
        : warning('config', `${path}: ${got}`, `expected ${expected}`),
    );
    return { config, diagnoses: diagnoses.length > 0 ? diagnoses : [ok('config', file)] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return {
      diagnoses: error.problems.map(({ path, expected, got }) =>
        wrong('config', `${path || '(top)'}: ${got}`, `expected ${expected}`),
      ),
    };
  }
}
