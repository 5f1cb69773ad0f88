import { startDepot } from './chain.ts';

/** A depot as a process of its own, to be killed: `depotProcess.ts STORE PORT`; says `ready` on standard output. */
const [path = '', port = '0'] = process.argv.slice(2);
await startDepot(path, { listen: `mqtt://127.0.0.1:${port}` });
process.stdout.write('ready\n');
