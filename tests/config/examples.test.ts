import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { GatewayConfig } from '../../gateway/config.ts';
import { readConfigFile } from '../../runtime/configFile.ts';

const FILE = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'config', 'gateway.example.yaml');
const text = readFileSync(FILE, 'utf8');

describe('config/gateway.example.yaml', () => {
  it('is loaded as it stands', () => {
    expect(readConfigFile(FILE, GatewayConfig)).toMatchObject({ van: 'camping-car-7', duty: 'agenda' });
  });

  it('names every key that there is', () => {
    const named = [...text.matchAll(/^(?:# )?([a-zA-Z]+):/gm)].map((match) => match[1]);
    expect(Object.keys(GatewayConfig.shape).filter((key) => !named.includes(key))).toEqual([]);
  });

  it('is right in what it comments out, too', () => {
    const sections = text.match(/^# [a-z]\w*:.*\n(?:^# {3}.*\n)*/gm) ?? [];
    const base = parse(text);
    for (const section of sections) {
      const option = parse(section.replace(/^# /gm, ''));
      expect(GatewayConfig.safeParse({ ...base, ...option }).error?.issues, section).toBeUndefined();
    }
    expect(sections.length).toBeGreaterThan(6);
  });
});
