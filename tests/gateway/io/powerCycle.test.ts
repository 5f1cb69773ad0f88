import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { POWER_CYCLE } from '../../../gateway/core/powerCycle.ts';
import { makePowerCycle } from '../../../gateway/io/powerCycle.ts';
import { tempDir } from '../../parts/temp.ts';
import { waitFor } from '../../parts/wait.ts';

describe('power cycle', () => {
  it.each([
    ['usb:1-1.2', true],
    ['usb:3-1', true],
    ['gpio:gpiochip0/17', true],
    ['gpio:gpiochip0/17/low', true],
    ['usb:../../etc', false],
    ['gpio:17; reboot', false],
  ])('takes %s for a way: %s', (how, expected) => {
    expect(POWER_CYCLE.test(how)).toBe(expected);
  });

  it('takes a USB device off and puts it back', async () => {
    const devices = tempDir();
    mkdirSync(join(devices, '1-1.2'));
    const file = join(devices, '1-1.2', 'authorized');
    writeFileSync(file, '1');
    const done = makePowerCycle('usb:1-1.2', 100, devices)();
    await waitFor('off', () => readFileSync(file, 'utf8') === '0');
    await done;
    expect(readFileSync(file, 'utf8')).toBe('1');
  });

  it('holds a line, and says when it cannot', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'gpioset'), `#!/bin/sh\necho "$@" >> ${dir}/calls\n`);
    chmodSync(join(dir, 'gpioset'), 0o755);
    const path = process.env.PATH;
    process.env.PATH = `${dir}:${path}`;
    onTestFinished(() => {
      process.env.PATH = path;
    });
    await makePowerCycle('gpio:gpiochip0/17/low', 2000)();
    expect(readFileSync(join(dir, 'calls'), 'utf8')).toBe(
      '--mode=time --sec=2 gpiochip0 17=0\n--mode=exit gpiochip0 17=1\n',
    );
    await expect(makePowerCycle('usb:9-9', 1)()).rejects.toThrow('ENOENT');
  });
});
