import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { Agenda } from '../../protocol/agenda.ts';
import { runCrc } from '../../protocol/canonical.ts';
import { CabMessage, Position, Receipt, Status, UrgentBatch } from '../../protocol/messages.ts';
import { GapRow, UrgentRow } from '../../protocol/rows.ts';
import { DEPOT_LEAVES, VAN_LEAVES } from '../../protocol/topics.ts';

/** docs/PROTOCOL.md shows real payloads: each is read by its schema, and nothing of it is unknown to the schema. */
const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'PROTOCOL.md'), 'utf8');
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  status: Status,
  position: Position,
  urgent: UrgentBatch,
  receipt: Receipt,
  agenda: Agenda,
  cab: CabMessage,
  gap: GapRow,
};
const examples = [...text.matchAll(/```json (\w+)\n(.+)\n```/g)].map(([, name, json]) => ({
  name: name!,
  json: json!,
}));

describe('docs/PROTOCOL.md', () => {
  it('names every topic and shows every JSON payload', () => {
    for (const leaf of [...VAN_LEAVES, ...DEPOT_LEAVES]) expect(text).toContain(`\`${leaf}\``);
    expect(new Set(examples.map((e) => e.name))).toEqual(new Set(Object.keys(SCHEMAS)));
  });

  it.each(examples)('$name: $json', ({ name, json }) => {
    const value: unknown = JSON.parse(json);
    expect(JSON.stringify(value)).toBe(json);
    expect(SCHEMAS[name]!.parse(value)).toEqual(value);
  });

  it('gives the CRC of the rows of its urgent batch', () => {
    const { rows, prevCrc, crc } = UrgentBatch.parse(
      JSON.parse(examples.find((e) => e.name === 'urgent')!.json),
    );
    for (const { row } of rows) UrgentRow.parse(row);
    expect(rows.reduce((c, { seq, row }) => runCrc(c, 'urgent', seq, JSON.stringify(row)), prevCrc)).toBe(
      crc,
    );
  });
});
