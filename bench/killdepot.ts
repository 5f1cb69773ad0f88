import { killDepots } from '../tests/parts/depotKills.ts';

/** `npm run bench -- killdepot [times] [seed]`: `kill -9` of the depot in the middle of its ingest; exit 1 on a loss. */
export default async function killdepot([times = '20', seed = '1']: string[]): Promise<void> {
  const { rounds, rows, differing } = await killDepots(Number(times), Number(seed));
  for (const [n, { receivedRows, storedRows, missing }] of rounds.entries())
    console.log(
      `kill ${`${n + 1}`.padStart(2)}: ${receivedRows} rows receipted, ${storedRows} in the store, ${missing} missing`,
    );
  const lost = rounds.reduce((sum, { missing }) => sum + missing, 0);
  console.log(
    `${rounds.length} kills, seed ${seed}: ${lost} receipted rows lost; ${rows} rows, ${differing} differ in the exports`,
  );
  if (lost + differing > 0) process.exitCode = 1;
}
