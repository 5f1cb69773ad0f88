import { useEffect, useState } from 'preact/hooks';
import { when } from '../../web/format.ts';
import type { CabMine, CabView } from '../core/cabView.ts';
import { usePage, useWords } from './context.ts';
import { Panel } from './panels.tsx';

/** «Mes données»: what is recorded, who looked, how long it stays, in plain words. */
export function MinePanel({ view, now }: { view: CabView; now: number | undefined }) {
  const { time } = usePage();
  const words = useWords();
  const { mineText } = words;
  const mine = useMine();
  const since = mine?.dutySince;
  return (
    <Panel title={words.mine}>
      <p>{mineText.intro}</p>
      <p>{view.duty.on && since !== undefined ? mineText.duty(time(since)) : mineText.notOnDuty}</p>
      {mine ? <Recorded mine={mine} now={now} /> : null}
      <p>{mineText.staysDepot}</p>
      <p>{mineText.rights}</p>
    </Panel>
  );
}

function useMine(): CabMine | undefined {
  const [mine, setMine] = useState<CabMine>();
  useEffect(() => {
    fetch('/mine')
      .then((answer) => (answer.ok ? (answer.json() as Promise<CabMine>) : undefined))
      .then(setMine, () => {});
  }, []);
  return mine;
}

function Recorded({ mine, now }: { mine: CabMine; now: number | undefined }) {
  const { language, timezone } = usePage();
  const { mineText } = useWords();
  const kinds = mineText.kinds as Readonly<Record<string, string>>;
  const told = (at: number) => when(language, at, now ?? at, timezone);
  const counts = Object.entries(mine.recorded).filter(([kind, n]) => n > 0 && kinds[kind] !== undefined);
  return (
    <>
      {counts.length > 0 ? (
        <>
          <h3>{mineText.recorded}</h3>
          <ul class="plain">
            {counts.map(([kind, n]) => (
              <li key={kind}>
                {n} {kinds[kind]}
              </li>
            ))}
          </ul>
        </>
      ) : null}
      <p>{mineText.stays(mine.retentionDays)}</p>
      <h3>{mineText.switchLog}</h3>
      <ul class="plain">
        {mine.dutyLog.map((entry) => (
          <li key={entry.at}>
            {told(entry.at)}: {entry.on ? mineText.on : mineText.off},{' '}
            {(mineText.why as Readonly<Record<string, string>>)[entry.why] ?? entry.why}
          </li>
        ))}
      </ul>
      <h3>{mineText.looked}</h3>
      {mine.looked === undefined ? <p>{mineText.notSent}</p> : null}
      {mine.looked?.length === 0 ? <p>{mineText.nobody}</p> : null}
      <ul class="plain">
        {(mine.looked ?? []).map((look) => (
          <li key={`${look.at}${look.who}${look.what}`}>
            {told(look.at)}: {look.who}
            {look.role ? ` (${mineText.roles[look.role]})` : ''}, {mineText.looks[look.what]}
          </li>
        ))}
      </ul>
    </>
  );
}
