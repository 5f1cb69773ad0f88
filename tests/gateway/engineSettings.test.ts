import { describe, expect, it } from 'vitest';
import { GatewayConfig } from '../../gateway/config.ts';
import { engineSettingsOf } from '../../gateway/engineSettings.ts';

const given = {
  van: 'van-1',
  sources: { gps: 'tcp://127.0.0.1:1' },
  journal: 'van.db',
  broker: 'mqtt://127.0.0.1:1883',
};
const powerOf = (power?: object) =>
  engineSettingsOf(GatewayConfig.parse({ ...given, ...(power ? { power } : {}) }), 0).power;

describe('power.alternator', () => {
  it('is smart unless the configuration says otherwise', () => {
    expect(powerOf()).toMatchObject({ alternator: 'smart', onV: 13.3, offV: 12.5 });
    expect(powerOf({})).toEqual(powerOf());
    expect(powerOf({ alternator: 'regular' })).toMatchObject({
      alternator: 'regular',
      onV: 13.8,
      offV: 13.3,
    });
  });

  it('is one of two words', () => {
    const { error } = GatewayConfig.safeParse({ ...given, power: { alternator: 'dynamo' } });
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(['power.alternator']);
  });
});
