import { LINK_CAUSE_TEXT, LINK_WORDS } from '../../web/dictionaryCab.ts';
import { Typeset } from '../../web/text.tsx';
import type { CabGps, CabLink, CabPower, CabView } from '../core/cabView.ts';
import { BatterySign, GpsSign, LinkSign } from './cabSigns.tsx';
import { usePage, useWords } from './context.ts';

/** Battery · link · GPS: one line each at the most, in words with a sign; colour only says it again. */
export function StatusLine({ view }: { view: CabView }) {
  return (
    <ul class="status">
      <Power {...(view.power ? { power: view.power } : {})} />
      <Link {...(view.link ? { link: view.link } : {})} />
      <Gps gps={view.gps} onDuty={view.duty.on || view.at === undefined} />
    </ul>
  );
}

function Power({ power }: { power?: CabPower }) {
  const { language, time } = usePage();
  const words = useWords();
  if (!power) return <Line sign={<BatterySign />} tone="unknown" text={words.noMonitor} />;
  if (power.silent)
    return (
      <Line
        sign={<BatterySign />}
        tone="unknown"
        text={`${words.batteryUnknown}. ${words.unknownSince(time(power.at))}`}
      />
    );
  const { soc, houseV, houseA, untilAt } = power;
  const volts = houseV?.toFixed(1).replace('.', language === 'fr' ? ',' : '.');
  const level = soc === undefined ? (volts ? `${volts} V` : words.batteryUnknown) : percent(soc, language);
  const flow =
    houseA === undefined
      ? undefined
      : Math.abs(houseA) < 0.3
        ? words.atRest
        : houseA > 0
          ? words.charging
          : words.discharging;
  const until = untilAt === undefined ? undefined : words.holdsUntil(time(untilAt));
  return (
    <Line
      sign={<BatterySign {...(soc === undefined ? {} : { soc })} />}
      tone="plain"
      text={[level, flow, until].filter((part) => part !== undefined).join(' · ')}
    />
  );
}

const percent = (soc: number, language: 'fr' | 'en') =>
  language === 'fr' ? `${Math.round(soc)} %` : `${Math.round(soc)}%`;

const LINK_TONES = { good: 'here', degraded: 'late', bad: 'no', offline: 'no' } as const;

function Link({ link }: { link?: CabLink }) {
  const { language } = usePage();
  const words = useWords();
  if (!link) return <Line sign={<LinkSign />} tone="unknown" text={words.linkUnknown} />;
  const name = link.technology?.toUpperCase() ?? words.link;
  const cause = link.cause && LINK_CAUSE_TEXT[language][link.cause].text;
  const waits = link.state !== 'good' && link.waiting ? words.waiting(link.waiting) : undefined;
  const text = [
    `${name} ${LINK_WORDS[language][link.state]}`,
    link.state === 'good' ? undefined : cause,
    waits,
  ];
  return (
    <Line
      sign={<LinkSign state={link.state} />}
      tone={LINK_TONES[link.state]}
      text={text.filter((part) => part !== undefined).join(' · ')}
    />
  );
}

function Gps({ gps, onDuty }: { gps: CabGps; onDuty: boolean }) {
  const { time } = usePage();
  const words = useWords();
  if (!onDuty) return <Line sign={<GpsSign good={false} />} tone="unknown" text={words.gpsOff} />;
  if (gps.state === 'good') {
    const text =
      gps.accuracyM === undefined ? words.gpsGood : words.gpsTo(Math.max(1, Math.round(gps.accuracyM)));
    return <Line sign={<GpsSign good />} tone="here" text={text} />;
  }
  const since =
    gps.at === undefined ? words.gpsNone : `${words.gpsLost}. ${words.unknownSince(time(gps.at))}`;
  return <Line sign={<GpsSign good={false} />} tone="late" text={since} />;
}

function Line({ sign, tone, text }: { sign: preact.JSX.Element; tone: string; text: string }) {
  return (
    <li class={`tone-${tone}`}>
      {sign}
      <span>
        <Typeset text={text} />
      </span>
    </li>
  );
}
