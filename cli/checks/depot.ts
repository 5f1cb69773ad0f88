import type { DepotConfig } from '../../dashboard/config.ts';
import { Agenda } from '../../protocol/agenda.ts';
import { ConfigError, readConfigFile } from '../../runtime/configFile.ts';
import {
  type Finding,
  fileFindings,
  folderFindings,
  portFindings,
  problem,
  secretFindings,
  warning,
} from './findings.ts';
import { tlsFindings } from './gateway.ts';

/** A depot's configuration against the machine on which it is checked, its agenda included. */
export async function depotFindings(config: DepotConfig): Promise<Finding[]> {
  const broker = typeof config.broker === 'string' ? { listen: config.broker } : config.broker;
  const tls = 'tls' in broker ? broker.tls : undefined;
  const listen = 'listen' in broker ? broker.listen : undefined;
  return [
    ...(listen?.startsWith('mqtts:') && !tls?.certFile
      ? [problem('broker.tls', 'certFile and keyFile for mqtts://', 'nothing')]
      : []),
    ...tlsFindings('broker.tls', tls),
    ...('secretFile' in broker ? secretFindings('broker.secretFile', broker.secretFile) : []),
    ...storeFindings(config),
    ...agendaFindings(config.agenda),
    ...config.vans.flatMap((van, n) =>
      van.secretFile === undefined ? [] : secretFindings(`vans.${n}.secretFile`, van.secretFile),
    ),
    ...(config.vans.length === 0 ? [warning('vans', 'at least one van', 'none')] : []),
    ...fileFindings('basemap.geojson', config.basemap?.geojson),
    ...config.webhooks.flatMap((hook, n) => secretFindings(`webhooks.${n}.secretFile`, hook.secretFile)),
    ...(await portFindings('http', config.http)),
    ...(await portFindings('staffHttp', config.staffHttp)),
    ...(await portFindings('broker', listen)),
  ];
}

function storeFindings(config: DepotConfig): Finding[] {
  const sqlite = /^sqlite:(.+)$/.exec(config.store)?.[1];
  return [
    ...(sqlite ? folderFindings('store', sqlite) : []),
    ...(config.office ? folderFindings('office', config.office) : []),
  ];
}

/** The published tour: a mistake in it is a problem of the depot. */
function agendaFindings(file: string): Finding[] {
  try {
    readConfigFile(file, Agenda);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, expected, got }) =>
      problem(path ? `agenda: ${path}` : 'agenda', expected, got),
    );
  }
}
