import { type Diagnosis, type Machine, ok, warning, wrong } from './machine.ts';

const GIB = 2 ** 30;
/** A card that takes longer for one small write makes the driver's page wait. */
const SLOW_SYNC_MS = 500;

/** The disk of `folder`: room, speed of a write that must last, wear as far as the device tells. */
export function diskDiagnoses(machine: Machine, folder: string): Diagnosis[] {
  return [...room(machine, folder), ...speed(machine, folder), ...wear(machine)];
}

function room(machine: Machine, folder: string): Diagnosis[] {
  const disk = machine.disk(folder);
  if (disk === undefined)
    return [
      wrong('disk', `${folder} cannot be looked at`, `sudo install -d -o tournee -g tournee ${folder}`),
    ];
  const percent = Math.round((100 * disk.freeBytes) / disk.totalBytes);
  const says = `${(disk.freeBytes / GIB).toFixed(1)} GiB free (${percent} %) in ${folder}`;
  const todo = `journalctl --vacuum-size=100M; du -xh --max-depth=2 ${folder}`;
  if (percent < 2) return [wrong('disk', says, todo)];
  return percent < 10 ? [warning('disk', says, todo)] : [ok('disk', says)];
}

function speed(machine: Machine, folder: string): Diagnosis[] {
  const worst = machine.syncMs(folder);
  if (worst === undefined)
    return [
      wrong(
        'disk',
        `${folder} cannot be written`,
        'mounted read-only, full, or another owner: ls -ld, mount',
      ),
    ];
  const says = `a write is on the disk after ${Math.ceil(worst)} ms at worst`;
  return worst > SLOW_SYNC_MS
    ? [warning('disk', says, 'a card of class A2 for constant writing, or an SSD')]
    : [ok('disk', says)];
}

/** eMMC tells its age in tenths (JEDEC EXT_CSD 268, 269); SD cards do not, but ext4 counts what was written. */
function wear(machine: Machine): Diagnosis[] {
  const diagnoses: Diagnosis[] = [];
  for (const name of machine.list('/sys/class/block').filter((entry) => /^mmcblk\d+$/.test(entry))) {
    const ages = machine.read(`/sys/class/block/${name}/device/life_time`)?.split(/\s+/).map(Number) ?? [];
    const tenths = Math.max(0, ...ages.filter((age) => Number.isFinite(age)));
    if (tenths === 0) continue;
    const says = `${name} has used about ${Math.min(tenths * 10, 100)} % of its life`;
    const todo = 'copy the card and replace it before the winter';
    if (tenths >= 11) diagnoses.push(wrong('wear', says, todo));
    else diagnoses.push(tenths >= 9 ? warning('wear', says, todo) : ok('wear', says));
  }
  for (const name of machine.list('/sys/fs/ext4')) {
    const kib = Number(machine.read(`/sys/fs/ext4/${name}/lifetime_write_kbytes`));
    if (Number.isFinite(kib) && kib > 0)
      diagnoses.push(ok('wear', `${name}: ${Math.round(kib / 2 ** 20)} GiB written since it was formatted`));
  }
  return diagnoses;
}
