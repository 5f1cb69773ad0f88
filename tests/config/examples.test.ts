import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type * as z from 'zod';
import { DepotConfig } from '../../dashboard/config.ts';
import { GatewayConfig } from '../../gateway/config.ts';
import { Agenda } from '../../protocol/agenda.ts';
import { readConfigFile } from '../../runtime/configFile.ts';
import { plannedVisits } from '../../visit/agenda.ts';

const CONFIG = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'config');
/** What is commented out: a key at the margin and the lines that belong to it. */
const SECTION = /^# [a-z]\w*:.*\n(?:^# {3}.*\n)*/gm;

describe.each<[string, z.ZodObject, number]>([
  ['gateway.example.yaml', GatewayConfig, 6],
  ['depot.example.yaml', DepotConfig, 6],
  ['agenda.example.yaml', Agenda, 0],
])('config/%s', (name, schema, atLeast) => {
  const file = join(CONFIG, name);
  const text = readFileSync(file, 'utf8');
  const sections = text.match(SECTION) ?? [];

  it('is loaded as it stands', () => {
    expect(() => readConfigFile(file, schema)).not.toThrow();
  });

  it('names every key that there is', () => {
    const named = [...text.matchAll(/^(?:# )?([a-zA-Z]+):/gm)].map((match) => match[1]);
    const own = Object.keys(schema.shape).filter((key) => !(name.startsWith('agenda') && key === 'seen'));
    expect(own.filter((key) => !named.includes(key))).toEqual([]);
  });

  it('is right in what it comments out, too', () => {
    const base = parse(text);
    for (const section of sections) {
      const option = parse(section.replace(/^# /gm, ''));
      expect(schema.safeParse({ ...base, ...option }).error?.issues, section).toBeUndefined();
    }
    expect(sections.length).toBeGreaterThan(atLeast);
  });
});

describe('config/agenda.example.yaml', () => {
  it('plans all its visits', () => {
    const agenda = readConfigFile(join(CONFIG, 'agenda.example.yaml'), Agenda);
    expect(plannedVisits(agenda)).toHaveLength(agenda.visits.length);
  });
});
